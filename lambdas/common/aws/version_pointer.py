"""The version pointer: a table item that names the served version and is switched atomically."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from mypy_boto3_dynamodb import DynamoDBClient

VersionPointer = TypeVar("VersionPointer", bound="DataclassInstance")


class NoCorpus(Exception):
    """No corpus has been ingested yet."""


@dataclass(frozen=True)
class PointerItem(Generic[VersionPointer]):
    """The pointer of a table, stored under `key` with the fields of `kind` as attributes.

    `kind` is a dataclass of strings and integers. Each write must store a pointer that differs from all earlier ones.
    """

    dynamodb: "DynamoDBClient"
    table: str
    key: Mapping[str, Any]
    kind: type[VersionPointer]

    def read(self, *, consistent: bool = False) -> VersionPointer:
        """The current pointer.

        Raises
        ------
        NoCorpus
        BotoCoreError, ClientError
            The table does not respond.
        """
        found = self.dynamodb.get_item(TableName=self.table, Key=self.key, ConsistentRead=consistent)
        item = found.get("Item")
        if item is None:
            raise NoCorpus
        return self.kind(**{field.name: _value(item[field.name]) for field in fields(self.kind)})

    def read_latest(self) -> VersionPointer | None:
        """The pointer in a consistent read; None before the first write."""
        try:
            return self.read(consistent=True)
        except NoCorpus:
            return None

    def compare_and_set(self, pointer: VersionPointer, seen: VersionPointer | None) -> None:
        """Write the pointer on the condition that it still equals `seen`.

        Raises
        ------
        dynamodb.exceptions.ConditionalCheckFailedException
            Another writer changed it in the meantime.
        """
        condition = self._absent() if seen is None else _unchanged(seen)
        try:
            self.dynamodb.put_item(TableName=self.table, Item={**self.key, **_attributes(pointer)}, **condition)
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            # The SDK repeats a write whose response was lost; the repeated write then meets its own item.
            if self.read_latest() != pointer:
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
