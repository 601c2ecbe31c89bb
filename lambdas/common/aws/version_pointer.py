"""The pointer: the item of a table that names what is served, switched from one whole corpus to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from mypy_boto3_dynamodb import DynamoDBClient

VersionPointer = TypeVar("VersionPointer", bound="DataclassInstance")


class NoCorpus(Exception):
    """Nothing has been ingested yet."""


@dataclass(frozen=True)
class PointerItem(Generic[VersionPointer]):
    """Where a table keeps its pointer: under `key`, the fields of `kind` as its attributes.

    `kind` is a dataclass of strings and integers; no two pointers that were ever written are equal.
    """

    dynamodb: "DynamoDBClient"
    table: str
    key: Mapping[str, Any]
    kind: type[VersionPointer]

    def read(self, *, consistent: bool = False) -> VersionPointer:
        """The pointer as it stands.

        Raises
        ------
        NoCorpus
        BotoCoreError, ClientError
            The table does not answer.
        """
        found = self.dynamodb.get_item(TableName=self.table, Key=self.key, ConsistentRead=consistent)
        item = found.get("Item")
        if item is None:
            raise NoCorpus
        return self.kind(**{field.name: _value(item[field.name]) for field in fields(self.kind)})

    def seen(self) -> VersionPointer | None:
        """The pointer as the latest write left it; None before the first."""
        try:
            return self.read(consistent=True)
        except NoCorpus:
            return None

    def switch(self, pointer: VersionPointer, seen: VersionPointer | None) -> None:
        """Write the pointer if it still is what was seen.

        Raises
        ------
        dynamodb.exceptions.ConditionalCheckFailedException
            Someone else wrote it in between.
        """
        condition = self._absent() if seen is None else _unchanged(seen)
        try:
            self.dynamodb.put_item(TableName=self.table, Item={**self.key, **_attributes(pointer)}, **condition)
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            # A write whose answer was lost is sent again by the SDK, and then finds itself.
            if self.seen() != pointer:
                raise

    def _absent(self) -> dict[str, Any]:
        return {"ConditionExpression": f"attribute_not_exists({next(iter(self.key))})"}


def _unchanged(seen: "DataclassInstance") -> dict[str, Any]:
    attributes = _attributes(seen)
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in attributes),
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
        "ExpressionAttributeValues": {f":{name}": value for name, value in attributes.items()},
    }


def _attributes(pointer: "DataclassInstance") -> dict[str, Any]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in asdict(pointer).items()
    }


def _value(attribute: Mapping[str, Any]) -> str | int:
    return int(attribute["N"]) if "N" in attribute else str(attribute["S"])
