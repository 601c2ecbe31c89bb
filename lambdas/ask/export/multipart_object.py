"""One object of the export, written line by line however large it grows.

The bucket keeps versions, against accidents. An object that is written anew loses its earlier versions: they may hold
what was forgotten since.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES: Final = 8 * 1024 * 1024  # S3 takes parts of 5 MB or more, the last one excepted
_TYPE: Final = "application/x-ndjson"


class ExportObject:
    """Nothing is visible under the key before all is written; leaving the block by an error leaves nothing behind.

    Without a line there is no object. `replaces` is the ETag of the object that is replaced: if the bucket holds
    another one by then, a `ClientError` of code PreconditionFailed is raised and nothing is written.
    """

    def __init__(
        self, s3: "S3Client", bucket: str, key: str, *, chunk_bytes: int = CHUNK_BYTES, replaces: str = ""
    ) -> None:
        self._s3 = s3
        self._place: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._chunk_bytes = chunk_bytes
        self._condition: dict[str, Any] = {"IfMatch": replaces} if replaces else {}
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def add(self, line: bytes) -> None:
        self._buffer += line + b"\n"
        if len(self._buffer) >= self._chunk_bytes:
            self._send()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._abort()
            return
        try:
            self._complete()
        except BaseException:
            self._abort()
            raise

    def _send(self) -> None:
        if not self._upload_id:
            self._upload_id = self._s3.create_multipart_upload(**self._place, ContentType=_TYPE)["UploadId"]
        number = len(self._parts) + 1
        sent = self._s3.upload_part(
            **self._place, UploadId=self._upload_id, PartNumber=number, Body=bytes(self._buffer)
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer.clear()

    def _abort(self) -> None:
        if self._upload_id:
            self._s3.abort_multipart_upload(**self._place, UploadId=self._upload_id)
            self._upload_id = ""

    def _complete(self) -> None:
        earlier = self._versions()  # listed before writing: a version that comes later may be another run's
        if self._upload_id:
            self._complete_upload()
        elif self._buffer:
            self._s3.put_object(**self._place, **self._condition, Body=bytes(self._buffer), ContentType=_TYPE)
        for version in earlier:
            self._s3.delete_object(**self._place, VersionId=version)

    def _complete_upload(self) -> None:
        if self._buffer:
            self._send()
        self._s3.complete_multipart_upload(
            **self._place, **self._condition, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
        self._upload_id = ""

    def _versions(self) -> list[str]:
        """The object's versions; "null", where the bucket keeps none, is the object itself and is replaced."""
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._place["Bucket"], Prefix=self._place["Key"]
        )
        found = (item for page in pages for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())))
        replaced = bool(self._upload_id or self._buffer)
        return [
            item["VersionId"]
            for item in found
            if item["Key"] == self._place["Key"] and not (replaced and item["VersionId"] == "null")
        ]
