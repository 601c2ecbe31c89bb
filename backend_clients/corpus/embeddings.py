"""Embeds texts, and keeps the vectors of the corpus on disk."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from backend_clients.corpus.corpus import WORDLLAMA_EMBEDDER, Corpus
from backend_clients.errors import Unavailable
from contracts.rules.embedding_service import EMBEDDING_MODEL
from contracts.rules.long_texts import batches, pieces

_log = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
_BATCH: Final = 512
_REMOTE_TIMEOUT: Final = 10.0


class Embedder(Protocol):
    """Embeds texts as rows of unit length."""

    name: str

    def embed(self, texts: list[str]) -> Vectors: ...


class WordLlamaEmbedder:
    """WordLlama's 256-dimensional static embeddings, from the weights in its own package."""

    name = WORDLLAMA_EMBEDDER

    def __init__(self) -> None:
        self._model: Any = None

    def embed(self, texts: list[str]) -> Vectors:
        """Vectors of shape (len(texts), 256). The model is loaded at the first call."""
        if self._model is None:
            import wordllama  # noqa: PLC0415  a start-up without searches does without it

            self._model = wordllama.WordLlama.load(
                cache_dir=Path(wordllama.__file__).parent, disable_download=True, dim=256
            )
            self._model.tokenizer.no_padding()
        return normalised([self._mean(text) for text in texts])

    def _mean(self, text: str) -> Any:
        """Average the tokens of a text piece by piece, so that memory does not grow with its length."""
        total, count = np.zeros(self._model.embedding.shape[1]), 0
        for piece in pieces(text):
            ids = self._model.tokenizer.encode(piece, add_special_tokens=False).ids
            if ids:
                known = np.minimum(np.array(ids, np.int64), len(self._model.embedding) - 1)
                total += self._model.embedding[known].sum(axis=0, dtype=np.float64)
                count += len(ids)
        return total / max(count, 1)


class OpenAIEmbedder:
    """Embeds with OpenAI's `text-embedding-3-small`, or with any server that speaks its API.

    The vector of a long text is the mean of its pieces'; a blank text becomes zeros.
    """

    def __init__(self, api_key: str, base_url: str, model: str = EMBEDDING_MODEL) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._key = api_key
        self._base_url = base_url
        self._client: Any = None

    def embed(self, texts: list[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions).

        Raises
        ------
        Unavailable
            The service does not answer, or not with one vector a text.
        """
        from openai import OpenAIError  # noqa: PLC0415  loaded only where a key is configured

        sums = np.zeros((len(texts), 1))
        try:
            for number, (places, batch) in enumerate(batches(texts)):
                rows = self._batch(batch)
                sums = np.zeros((len(texts), rows.shape[1])) if number == 0 else sums
                for place, piece, row in zip(places, batch, rows, strict=True):
                    sums[place] += row.astype(np.float64) * len(piece)
        except (OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise Unavailable("the service that embeds texts does not answer as it should") from error
        return normalised(sums)

    def _batch(self, batch: list[str]) -> Vectors:
        answer = self._sdk().embeddings.create(model=self._model, input=batch)
        ordered = sorted(answer.data, key=lambda item: item.index)
        if [item.index for item in ordered] != list(range(len(batch))):
            raise ValueError("not one vector a text")
        return normalised([item.embedding for item in ordered])

    def _sdk(self) -> Any:
        if self._client is None:
            from openai import OpenAI  # noqa: PLC0415

            self._client = OpenAI(
                api_key=self._key, base_url=self._base_url or None, timeout=_REMOTE_TIMEOUT, max_retries=2
            )
        return self._client


def normalised(vectors: Any) -> Vectors:
    """Scale rows to unit length; a row of zeros is kept."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0), dtype=np.float32)


def corpus_vectors(corpus: Corpus, embedder: Embedder, folder: Path) -> Vectors:
    """Return the vectors of the corpus, one row a story; computed once for each corpus version."""

    def make() -> Vectors:
        _log.warning("embedding %d stories with %s; this is done once", len(corpus.stories), embedder.name)
        texts = [story.embedding_text() for story in corpus.stories]
        rows = []
        for start in range(0, len(texts), _BATCH):
            rows.append(embedder.embed(texts[start : start + _BATCH]))
            _log.info("embedded %d of %d stories", min(start + _BATCH, len(texts)), len(texts))
        return np.concatenate(rows)

    vectors: Vectors = kept_rows(folder / f"embeddings-{corpus.version}.npy", len(corpus.stories), np.float32, make)
    return vectors


def kept_rows(path: Path, count: int, dtype: Any, make: Callable[[], Any]) -> Any:
    """Read an array of `count` rows from a file; if it is missing or damaged, compute and store it."""
    kept = _read_rows(path, count, dtype)
    if kept is not None:
        return kept
    made = make()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp.npy")
        np.save(temporary, made)
        temporary.replace(path)
    except OSError:
        _log.exception("the vectors cannot be kept in %s; the next start makes them again", path.parent)
    return made


def _read_rows(path: Path, rows: int, dtype: Any) -> Any:
    """Read the stored rows; None if there are none, or they cannot be used."""
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            kept: Any = np.lib.format.read_array(file)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, EOFError) as error:
        _log.warning("%s is damaged (%s); its vectors are made again", path, error)
        return None
    if kept.dtype != dtype or kept.ndim != 2 or len(kept) != rows or not np.isfinite(kept).all():
        _log.warning("%s does not hold a vector for each text; they are made again", path)
        return None
    return kept
