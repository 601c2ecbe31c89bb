"""Takes forgotten conversations out of the objects that were exported before."""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from lambdas.ask.export.multipart_object import ExportObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TRIES: Final = 3
_CHANGED: Final = ("PreconditionFailed", "ConditionalRequestConflict")


def remove_sessions(s3: "S3Client", bucket: str, key: str, sessions: Collection[str]) -> None:
    """Write an object again without the lines of these sessions; an object of which no line is left is deleted.

    Raises
    ------
    BotoCoreError, ClientError
        The bucket does not answer, or the object was changed by another run each time.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            _rewrite(s3, bucket, key, sessions)
        except s3.exceptions.NoSuchKey:
            return
        except ClientError as error:
            if error.response["Error"]["Code"] not in _CHANGED or attempt == _TRIES:
                raise
        else:
            return


def _rewrite(s3: "S3Client", bucket: str, key: str, sessions: Collection[str]) -> None:
    found = s3.get_object(Bucket=bucket, Key=key)
    with ExportObject(s3, bucket, key, replaces=found["ETag"]) as lines:
        for line in found["Body"].iter_lines():
            if json.loads(line)["session_id"] not in sessions:
                lines.add(line)
