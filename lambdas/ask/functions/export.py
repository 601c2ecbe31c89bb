"""Runs nightly: exports closed conversations."""

from typing import Any

from lambdas.ask.export.job import export
from lambdas.common.observability import logger

_LEAST_MILLISECONDS = 120_000  # what a part may take


def handler(_event: Any, context: Any) -> dict[str, Any]:
    report = export().run(lambda: context.get_remaining_time_in_millis() > _LEAST_MILLISECONDS)
    logger.info("conversations exported", extra={"report": report.model_dump()})
    return report.model_dump()
