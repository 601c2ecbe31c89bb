"""Table item of a story: compressed JSON under the content hash."""

import zlib
from typing import Final

from contracts.story import Story

KEY: Final = "pk"
BODY: Final = "body"


def encode_body(story: Story) -> bytes:
    return zlib.compress(story.model_dump_json().encode(), 6)


def decode_body(body: bytes) -> Story:
    return Story.model_validate_json(zlib.decompress(body))
