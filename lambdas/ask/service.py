"""The rules of an answer: from a question within a conversation to what is said, and from which stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from contracts.ask import (
    CITED_STORIES,
    CONTEXT_TURNS,
    RERANK_POOL,
    Answer,
    AnswerMode,
    AskRequest,
    Modes,
    RankedStory,
    ScoredId,
    Source,
    Trace,
    Turn,
)
from contracts.search import SearchRequest, SearchResult
from lambdas.ask.composition import compose
from lambdas.ask.conversations import Conversations, conversations
from lambdas.ask.prompt import build_prompt
from lambdas.ask.question import mode_word, search_query
from lambdas.ask.ranking import rank
from lambdas.ask.search_api import SearchApi, search_api
from lambdas.ask.settings import conversation_settings
from lambdas.ask.shelf import KnownStory
from lambdas.ask.stories_api import StoriesApi, stories_api
from lambdas.ask.writing import Author, Draft, Written, author
from lambdas.common.http_calls import OnBehalf
from lambdas.common.observability import logger
from lambdas.common.problems import NotFound, RequestError

_RULE = "rule:"


@dataclass(frozen=True)
class Retrieved:
    """A story with its search score."""

    known: KnownStory
    score: float


class AnswerService:
    """Answers questions. It reads the conversation and writes nothing: who asked keeps the turn."""

    def __init__(
        self, kept: Conversations, search: SearchApi, stories: StoriesApi, author: Author | None, code_version: str
    ) -> None:
        self._kept = kept
        self._search = search
        self._stories = stories
        self._author = author
        self._code_version = code_version
        self._corpus_seen = ""

    def generate(self, request: AskRequest, caller: OnBehalf) -> Answer:
        """Answer one question.

        Raises
        ------
        NotFound
            The story that the question is about does not exist.
        DependencyDown, Throttled
            Conversations, search or stories do not answer.
        """
        history, _ = self._kept.page(request.session_id, CONTEXT_TURNS)
        mode = mode_word(request.question)
        if mode and history and history[-1].sources and not history[-1].refused:
            return self._retold(request, history[-1], mode, caller)
        query = search_query(request.question, history)
        found = self._find(request, query, caller)
        locked = self._locked(request, found, caller)
        if not found.gate.passed and (locked is None or found.gate.reason.startswith(_RULE)):
            return self._answer(request, found.corpus_version, "", gate=found.gate, trace=Trace(query=query))
        retrieved = [locked] if locked else self._retrieved(found, caller)
        if not retrieved:
            text = nothing_found(found.without_filters)
            return self._answer(request, found.corpus_version, text, trace=Trace(query=query))
        ranked = rank(query, [(item.known.id, item.known.words) for item in retrieved])
        return self._told(request, found.corpus_version, history, _Findings(query, retrieved, ranked), caller)

    def _find(self, request: AskRequest, query: str, caller: OnBehalf) -> SearchResult:
        search = SearchRequest(
            query=query, filters=request.filters, limit=RERANK_POOL, from_suggestion=request.from_suggestion
        )
        found = self._search.hybrid(search, caller)
        self._corpus_seen = found.corpus_version
        return found

    def _locked(self, request: AskRequest, found: SearchResult, caller: OnBehalf) -> Retrieved | None:
        """The story that the question is limited to."""
        if request.story_id is None:
            return None
        known = self._stories.stories([request.story_id], found.corpus_version, caller).get(request.story_id)
        if known is None:
            raise NotFound("there is no story with this id")
        scores = (hit.score for hit in found.hits if hit.card.id == request.story_id)
        return Retrieved(known, next(scores, 0.0))

    def _retrieved(self, found: SearchResult, caller: OnBehalf) -> list[Retrieved]:
        ids = [hit.card.id for hit in found.hits]
        known = self._stories.stories(ids, found.corpus_version, caller)
        if len(known) < len(ids):
            logger.warning("search found stories that are not there", extra={"missing": len(ids) - len(known)})
            if not known:
                raise self._stories.down()
        return [Retrieved(known[hit.card.id], hit.score) for hit in found.hits if hit.card.id in known]

    def _told(
        self, request: AskRequest, version: str, history: Sequence[Turn], findings: "_Findings", caller: OnBehalf
    ) -> Answer:
        cited = findings.cited
        modes = compose([item.known.story for item in cited])
        prompt = build_prompt(request.question, [item.known.story for item in cited], history)
        draft = Draft(prompt, [item.known.story for item in cited], text_of(modes, request.mode), version)
        written = self._written(draft, request.mode, caller)
        return self._answer(
            request,
            version,
            written.text,
            modes=modes,
            sources=tuple(_source(number, item) for number, item in enumerate(cited, 1)),
            trace=findings.trace(prompt.sha256, written.model),
            degraded=written.degraded,
        )

    def _written(self, draft: Draft, mode: AnswerMode, caller: OnBehalf) -> Written:
        """A model writes narratives that somebody will read; all else is told in the stories' words."""
        if self._author is None or mode is not AnswerMode.NARRATIVE or caller.shadow:
            return Written(draft.composed)
        return self._author.write(draft, caller)

    def _retold(self, request: AskRequest, turn: Turn, mode: AnswerMode, caller: OnBehalf) -> Answer:
        """The last answer in another mode."""
        kept = {"modes": turn.modes, "sources": turn.sources, "degraded": turn.degraded}
        return self._answer(request, self._corpus(caller), text_of(turn.modes, mode), mode=mode, **kept)

    def _corpus(self, caller: OnBehalf) -> str:
        """The corpus version for an answer that no search goes into; "" if it cannot be told."""
        if not self._corpus_seen:
            try:
                self._corpus_seen = self._stories.listing(caller).corpus_version
            except RequestError as error:
                logger.warning("the corpus version is not known", exc_info=error)
        return self._corpus_seen

    def _answer(self, request: AskRequest, version: str, text: str, **parts: Any) -> Answer:
        blank = {"mode": request.mode, "modes": Modes(), "sources": ()}
        stamp = {"corpus_version": version, "code_version": self._code_version}
        return Answer(**stamp, turn_id=request.turn_id, answer=text, **{**blank, **parts})


@dataclass(frozen=True)
class _Findings:
    """What a search came to: stories as they were retrieved, and as they were ranked."""

    query: str
    retrieved: Sequence[Retrieved]
    ranked: Sequence[RankedStory]

    @property
    def cited(self) -> list[Retrieved]:
        by_id = {item.known.id: item for item in self.retrieved}
        return [by_id[story.id] for story in self.ranked[:CITED_STORIES]]

    def trace(self, prompt_hash: str, model: str) -> Trace:
        retrieved = tuple(ScoredId(id=item.known.id, score=item.score) for item in self.retrieved)
        return Trace(
            query=self.query, retrieved=retrieved, ranked=tuple(self.ranked), prompt_hash=prompt_hash, model=model
        )


def nothing_found(without_filters: int | None) -> str:
    """What is said when the filters leave no story."""
    text = "No story matches these filters."
    if without_filters is None:
        return text
    return f"{text} Without them there {'is' if without_filters == 1 else 'are'} {without_filters}."


def text_of(modes: Modes, mode: AnswerMode) -> str:
    return str(getattr(modes, mode.value))


def _source(number: int, item: Retrieved) -> Source:
    story = item.known.story
    match = max(0, min(100, int(item.score * 100 + 0.5)))
    return Source(number=number, id=story.id, title=story.title, client=story.client, match=match)


@cache
def answer_service() -> AnswerService:
    """The service of this process."""
    return AnswerService(conversations(), search_api(), stories_api(), author(), conversation_settings().code_version)
