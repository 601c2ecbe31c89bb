"""Logs and metrics of the functions: JSON log lines and CloudWatch's embedded metric format."""

import os
from http import HTTPStatus

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

NAMESPACE = "MattGPT"

logger = Logger()
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
