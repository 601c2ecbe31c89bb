"""The version pointer: a table item that names the served version and is switched atomically."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from mypy_boto3_dynamodb import DynamoDBClient

    class StoredPointer(DataclassInstance, Protocol):
        """A dataclass of strings and integers, and the key of the item that stores it."""

        KEY: ClassVar[Mapping[str, Any]]


VersionPointer = TypeVar("VersionPointer", bound="StoredPointer")


class NoCorpus(Exception):
    """No corpus has been ingested yet."""


@dataclass(frozen=True)
class PointerItem(Generic[VersionPointer]):
    """The pointer of a table, stored with the fields of `kind` as attributes.

    Each write must store a pointer that differs from all earlier ones.
    """

    dynamodb: "DynamoDBClient"
    table: str
    kind: type[VersionPointer]

    def read(self) -> VersionPointer:
        """The current pointer, in a consistent read: a stale one would go back to a version that is retired.

        Raises
        ------
        NoCorpus
        BotoCoreError, ClientError
            The table does not respond.
        """
        found = self.dynamodb.get_item(TableName=self.table, Key=self.kind.KEY, ConsistentRead=True)
        item = found.get("Item")
        if item is None:
            raise NoCorpus
        return self.kind(**{field.name: _value(item[field.name]) for field in fields(self.kind)})

    def read_latest(self) -> VersionPointer | None:
        """The current pointer; None before the first write."""
        try:
            return self.read()
        except NoCorpus:
            return None

    def compare_and_set(self, pointer: VersionPointer, expected: VersionPointer | None) -> None:
        """Write the pointer on the condition that it still equals `expected`.

        Raises
        ------
        dynamodb.exceptions.ConditionalCheckFailedException
            Another writer changed it in the meantime.
        """
        condition = self._absent() if expected is None else _unchanged(expected)
        try:
            self.dynamodb.put_item(TableName=self.table, Item={**self.kind.KEY, **_attributes(pointer)}, **condition)
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            # The SDK repeats a write whose response was lost; the repeated write then meets its own item.
            if self.read_latest() != pointer:
                raise

    def _absent(self) -> dict[str, Any]:
        return {"ConditionExpression": f"attribute_not_exists({next(iter(self.kind.KEY))})"}


def _unchanged(expected: "DataclassInstance") -> dict[str, Any]:
    attributes = _attributes(expected)
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
