"""The base of every contract: frozen, closed to unknown fields."""

import re
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict

_UNPRINTED: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def _plain_text(value: str) -> str:
    if _UNPRINTED.search(value):
        raise ValueError("must not hold control characters or lone surrogates")
    return value


PlainText = Annotated[str, AfterValidator(_plain_text)]


class Contract(BaseModel):
    """A frozen model; a field it does not know is an error, so that a typo never passes silently.

    No number is NaN or infinite: JSON knows neither.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    unrecorded: ClassVar[frozenset[str]] = frozenset()  # fields that no record of calls may hold


class Versioned(Contract):
    """An answer stamped with the corpus and the code that made it, so that two answers can be compared fairly."""

    corpus_version: str
    code_version: str
