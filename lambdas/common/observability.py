"""What a function says about itself: JSON log lines, and metrics in CloudWatch's embedded format."""

import os
from http import HTTPStatus

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

NAMESPACE = "MattGPT"

logger = Logger()
_metrics = Metrics(namespace=NAMESPACE)
_state = {"cold": True}


def count(name: str) -> None:
    """Count something that happened while a request was answered; sent along with that request's metrics."""
    _metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)


def record_request(status: int, seconds: float) -> None:
    """Emit one request's count, fault and latency in milliseconds, by function; the first of a process is cold."""
    _metrics.add_dimension(name="function", value=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"))
    _metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    _metrics.add_metric(name="Faults", unit=MetricUnit.Count, value=int(status >= HTTPStatus.INTERNAL_SERVER_ERROR))
    _metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=seconds * 1000)
    _metrics.add_metric(name="ColdStarts", unit=MetricUnit.Count, value=int(_state["cold"]))
    _state["cold"] = False
    _metrics.flush_metrics()
