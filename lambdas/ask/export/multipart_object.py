"""One object of the export, written line by line however large it grows."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES: Final = 8 * 1024 * 1024  # S3 takes parts of 5 MB or more, the last one excepted
_TYPE: Final = "application/x-ndjson"


class ExportObject:
    """Nothing is visible under the key before all is written; leaving the block by an error leaves nothing behind."""

    def __init__(self, s3: "S3Client", bucket: str, key: str, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._s3 = s3
        self._place: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._chunk_bytes = chunk_bytes
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
        if error is None:
            self._complete()
        elif self._upload_id:
            self._s3.abort_multipart_upload(**self._place, UploadId=self._upload_id)

    def _send(self) -> None:
        if not self._upload_id:
            self._upload_id = self._s3.create_multipart_upload(**self._place, ContentType=_TYPE)["UploadId"]
        number = len(self._parts) + 1
        sent = self._s3.upload_part(
            **self._place, UploadId=self._upload_id, PartNumber=number, Body=bytes(self._buffer)
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer.clear()

    def _complete(self) -> None:
        if not self._upload_id:
            if self._buffer:
                self._s3.put_object(**self._place, Body=bytes(self._buffer), ContentType=_TYPE)
            return
        if self._buffer:
            self._send()
        self._s3.complete_multipart_upload(
            **self._place, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
