"""A vocabulary in one sorted array of word hashes: loading needs no parsing."""

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
_HASH_BYTES: Final = 8


class Vocabulary:
    """Words by their 64-bit hashes, sorted. The index of a word is its code.

    A word that is not in it is taken for one that is with a probability of its size in 2**64.
    """

    def __init__(self, hashes: Codes) -> None:
        self._hashes = hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def codes(self, words: Collection[str]) -> Codes:
        """Codes of the known words, in no particular order."""
        if not len(self._hashes):
            return np.empty(0, np.int64)
        wanted = hashed(words)
        places = np.searchsorted(self._hashes, wanted)
        codes: Codes = places[self._hashes.take(places, mode="clip") == wanted]
        return codes

    def has(self, words: Sequence[str]) -> list[bool]:
        """For each of some words whether it is in it."""
        if not len(self._hashes):
            return [False] * len(words)
        wanted = hashed(words)
        found: list[bool] = (self._hashes.take(np.searchsorted(self._hashes, wanted), mode="clip") == wanted).tolist()
        return found


def hashed(words: Iterable[str]) -> Codes:
    """A 64-bit hash for each word."""
    digests = b"".join(blake2b(word.encode(), digest_size=_HASH_BYTES).digest() for word in words)
    return np.frombuffer(digests, np.int64)


def ordered_vocabulary(words: Collection[str]) -> tuple[Codes, Codes]:
    """The array that `Vocabulary` reads, and the code of each word in input order."""
    hashes = hashed(words)
    order = np.argsort(hashes)
    if np.any(np.diff(hashes[order]) == 0):
        raise ValueError("two words share a hash")
    codes = np.empty(len(order), np.int64)
    codes[order] = np.arange(len(order))
    return hashes[order], codes
