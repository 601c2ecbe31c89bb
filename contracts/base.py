"""The base of every contract: frozen, closed to unknown fields."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A frozen model; a field it does not know is an error, so that a typo never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unrecorded: ClassVar[frozenset[str]] = frozenset()  # fields that no record of calls may hold


class Versioned(Contract):
    """An answer stamped with the corpus and the code that made it, so that two answers can be compared fairly."""

    corpus_version: str
    code_version: str
