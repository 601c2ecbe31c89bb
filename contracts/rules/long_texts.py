"""Long texts are embedded piece by piece, in batches of bounded size: memory does not follow the longest text."""

from collections.abc import Iterator, Sequence
from typing import Final

from contracts.rules.batches import bounded_batches

PIECE: Final = 8_000  # bytes, so never more than the 8,191 tokens that an embedding model takes
BATCH_BYTES: Final = 250_000  # of the 300,000 tokens that a service takes at once
BATCH: Final = 64  # texts that a service is sent at once


def pieces(text: str, most: int = PIECE) -> Iterator[str]:
    """A text in pieces of at most `most` bytes of UTF-8, cut at white space where there is some."""
    start = 0
    while (limit := start + _fitting(text, start, most)) < len(text):
        cut = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
        end = cut if cut > start else limit
        yield text[start:end]
        start = end
    yield text[start:]


def batches(
    texts: Sequence[str], most_texts: int = BATCH, most_bytes: int = BATCH_BYTES
) -> Iterator[tuple[list[int], list[str]]]:
    """All pieces of some texts, each with its text's place, the shortest first: those of a batch are of like length.

    Blank pieces are left out.
    """
    found = [(place, piece) for place, text in enumerate(texts) for piece in pieces(text) if piece.strip()]
    found.sort(key=lambda item: len(item[1]))
    for batch in bounded_batches(found, lambda item: _bytes(item[1]), most_texts, most_bytes):
        yield [place for place, _ in batch], [piece for _, piece in batch]


def _fitting(text: str, start: int, most: int) -> int:
    """How many characters from `start` fit into `most` bytes; at least one."""
    part = text[start : start + most]
    if part.isascii():
        return len(part)
    return max(1, len(part.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
