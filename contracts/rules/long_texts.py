"""Long texts are embedded piece by piece, so that memory does not follow the longest text."""

from collections.abc import Iterator


def pieces(text: str, most: int) -> Iterator[str]:
    """A text in pieces of at most `most` characters, cut at white space where there is some; a short text is one."""
    start = 0
    while len(text) - start > most:
        cut = max(text.rfind(" ", start + 1, start + most), text.rfind("\n", start + 1, start + most))
        end = cut if cut > start else start + most
        yield text[start:end]
        start = end
    yield text[start:]
