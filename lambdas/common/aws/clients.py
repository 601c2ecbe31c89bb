"""AWS clients of the functions: one session, short time-outs, few retries.

Endpoints and credentials come from the usual AWS variables (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB` ...).
botocore's session creates the same clients as boto3 without loading boto3's resource layer on a cold start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Two attempts per call fit into a function's five seconds, so that an outage ends in a 503 and not in a time-out.
_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=1.5,
    retries={"total_max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},
)
# For calls that are optional for an answer.
_HURRIED = Config(connect_timeout=0.3, read_timeout=0.3, retries={"total_max_attempts": 1, "mode": "standard"})


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def dynamodb_client() -> "DynamoDBClient":
    return cast("DynamoDBClient", _session().create_client("dynamodb", config=_CONFIG))


@cache
def hurried_dynamodb_client() -> "DynamoDBClient":
    """A client for optional calls: one attempt, short time-outs."""
    return cast("DynamoDBClient", _session().create_client("dynamodb", config=_HURRIED))


@cache
def secrets_client() -> Any:
    return _session().create_client("secretsmanager", config=_CONFIG)


@cache
def s3_client() -> "S3Client":
    return cast("S3Client", _session().create_client("s3", config=_CONFIG))
