"""What a flag's evaluation means for a visitor: a stage, or the reason why legacy serves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openfeature.exception import OpenFeatureError
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagResolutionDetails

from backend_clients.flags.definitions import FlagDefinition
from backend_clients.stages import Stage


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The stage that a flag gives one visitor; if it gives none, `problem` says why and legacy serves."""

    stage: Stage
    targeted: bool = False
    problem: str = ""


def stage_of(details: FlagEvaluationDetails[str], stages: Sequence[Stage]) -> Evaluated:
    """Read an evaluation as one of the domain's stages."""
    problem = _unresolved(details)
    if not problem:
        try:
            stage = Stage(details.value)
        except ValueError:
            problem = f"unknown stage {details.value!r}"
        else:
            if stage in stages:
                return Evaluated(stage, targeted=details.reason == "TARGETING_MATCH")
            problem = f"stage {stage.value!r} is not one of this domain's"
    return Evaluated(Stage.LEGACY, problem=problem)


def value_problem(details: FlagEvaluationDetails[Any], definition: FlagDefinition[Any]) -> str:
    """Why a flag other than a stage has its default although the file has the flag; "" if it has not, or a value."""
    if details.error_code == "FLAG_NOT_FOUND" or details.reason == "DISABLED":
        return ""
    problem = _unresolved(details)
    return problem or ("" if definition.allows(details.value) else f"{details.value!r} is not allowed")


def details_of(
    resolve: Callable[..., FlagResolutionDetails[Any]], flag: str, default: Any, context: Any
) -> FlagEvaluationDetails[Any]:
    """Resolve as OpenFeature's client does: an error gives the default, and its code and message."""
    try:
        return resolve(flag, default, context).to_flag_evaluation_details(flag)
    except OpenFeatureError as error:
        return FlagEvaluationDetails(
            flag, default, reason="ERROR", error_code=error.error_code, error_message=error.error_message
        )


def _unresolved(details: FlagEvaluationDetails[Any]) -> str:
    if details.error_code is not None:
        return (details.error_message or str(details.error_code)).removesuffix(".")
    if details.variant is None:
        return "it is disabled" if details.reason == "DISABLED" else "it names no variant"
    return ""
