"""The stages of a migration, the read and write rules of each, and the outcomes of a comparison, as data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend_clients.routed import Origin

LEGACY, LAMBDA = Origin.LEGACY, Origin.LAMBDA


class Stage(StrEnum):
    """The stages of a domain's migration, after LaunchDarkly's migration flags."""

    LEGACY = "legacy"
    DUALWRITE = "dualwrite"
    SHADOW = "shadow"
    LIVE = "live"
    RAMPDOWN = "rampdown"
    LAMBDA = "lambda"


class Outcome(StrEnum):
    """The result of comparing both sides of one call."""

    MATCH = "match"
    MISMATCH = "mismatch"
    IGNORED = "ignored"
    VERSION_SKEW = "version_skew"
    LEGACY_ERROR = "legacy_error"
    LAMBDA_ERROR = "lambda_error"
    BOTH_ERROR = "both_error"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ReadRule:
    """The side that answers a read, the side compared in the background, and whether reads fall back to legacy."""

    answers: Origin
    compared: Origin | None = None
    falls_back: bool = False


READS: Final = {
    Stage.LEGACY: ReadRule(LEGACY),
    Stage.DUALWRITE: ReadRule(LEGACY),
    Stage.SHADOW: ReadRule(LEGACY, compared=LAMBDA),
    Stage.LIVE: ReadRule(LAMBDA, compared=LEGACY, falls_back=True),
    Stage.RAMPDOWN: ReadRule(LAMBDA, falls_back=True),
    Stage.LAMBDA: ReadRule(LAMBDA),
}

WRITES: Final = {
    Stage.LEGACY: (LEGACY,),
    Stage.DUALWRITE: (LEGACY, LAMBDA),
    Stage.SHADOW: (LEGACY, LAMBDA),
    Stage.LIVE: (LAMBDA, LEGACY),
    Stage.RAMPDOWN: (LAMBDA, LEGACY),
    Stage.LAMBDA: (LAMBDA,),
}

READ_ONLY_STAGES: Final = (Stage.LEGACY, Stage.SHADOW, Stage.LIVE, Stage.LAMBDA)
