"""Logs and metrics of the functions: JSON log lines and CloudWatch's embedded metric format."""

import os
import traceback
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from contracts.rules.secrets import without_secrets

NAMESPACE = "MattGPT"

_PROVIDERS = ("httpx", "openai", "pinecone", "requests", "urllib3")


class _Formatter(LambdaPowertoolsFormatter):
    """Writes no key, and of a provider's error its type and status alone: its text may repeat headers and prompts."""

    def serialize(self, log: Any) -> str:
        return without_secrets(super().serialize(log), os.environ)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return "\n".join(_described(ei[1]))


logger = Logger(logger_formatter=_Formatter())
_metrics = Metrics(namespace=NAMESPACE)
_state = {"cold": True}


def count(name: str) -> None:
    """Count an event; sent with the metrics of the current request."""
    _metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)


def record_request(status: int, seconds: float) -> None:
    """Emit count, fault and latency (ms) of one request, by function; the first request of a process is cold."""
    _metrics.add_dimension(name="function", value=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"))
    _metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    _metrics.add_metric(name="Faults", unit=MetricUnit.Count, value=int(status >= HTTPStatus.INTERNAL_SERVER_ERROR))
    _metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=seconds * 1000)
    _metrics.add_metric(name="ColdStarts", unit=MetricUnit.Count, value=int(_state["cold"]))
    _state["cold"] = False
    _metrics.flush_metrics()


def _described(error: BaseException | None) -> list[str]:
    """An exception with its frames, after those that it came from."""
    if error is None:
        return []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    return [*_described(before), f"{frames}{type(error).__module__}.{type(error).__qualname__}: {_text(error)}"]


def _text(error: BaseException) -> str:
    if type(error).__module__.partition(".")[0] in _PROVIDERS:
        return f"status {getattr(error, 'status_code', 'unknown')}"
    return str(error)
