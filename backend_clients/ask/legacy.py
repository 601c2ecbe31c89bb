"""Answers in-process: search, rerank, compose, and a model's prose where one is configured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backend_clients.ask.in_process.aggregates.aggregate_answers import Material
from backend_clients.ask.in_process.aggregates.aggregation import Aggregation
from backend_clients.ask.in_process.aggregates.aggregator import Aggregator, Browse
from backend_clients.ask.in_process.answer_writer import AnswerWriter, OnText
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.in_process.extractive import compose
from backend_clients.ask.in_process.narrative import denied, narrate
from backend_clients.ask.in_process.prompt import Prompt, build_prompt
from backend_clients.ask.in_process.reranker import cited_ids, rerank, retrieved_ids
from backend_clients.ask.role_match import RoleMatcher
from backend_clients.corpus.corpus import Corpus
from backend_clients.errors import InvalidRequest, NotFound
from contracts.ask import (
    CONTEXT_TURNS,
    EXTRACTIVE,
    RERANK_POOL,
    Answer,
    AnswerMode,
    AskRequest,
    Modes,
    Reranked,
    RerankRequest,
    ScoredId,
    Source,
    Trace,
)
from contracts.conversations import (
    AppendAck,
    DeleteResult,
    FeedbackAck,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Turn,
)
from contracts.problem import FieldError
from contracts.role_match import MatchRequest, RoleMatch
from contracts.rules.closeness import percent_of
from contracts.rules.prose.grounding import GroundingSources
from contracts.rules.questions.resolution import ResolvedQuestion, about_one_story, mode_word, resolve
from contracts.search import GuardDecision, SearchFilters, SearchRequest, SearchResult
from contracts.story import Story

Retrieve = Callable[[SearchRequest], SearchResult]


def _discard(_text: str) -> None:
    """For those who wait for the whole answer."""


@dataclass(frozen=True, slots=True)
class _Understood:
    """A question as asked and as understood, what it counts, what the gate says of it, and what was said before."""

    request: AskRequest
    question: ResolvedQuestion
    aggregation: Aggregation | None
    gate: GuardDecision
    history: Sequence[Turn]
    found: SearchResult

    def material(self, stories: Sequence[Story]) -> Material:
        return Material(
            self.question.text,
            self.question,
            stories,
            self.aggregation,
            self.gate.unknown,
            is_locked=bool(self.request.story_id),
        )


class LegacyAsk:
    """The ask rules over a corpus in memory and conversations in SQLite."""

    def __init__(
        self,
        corpus: Corpus,
        retrieve: Retrieve,
        browse: Browse,
        store: ConversationStore,
        writer: AnswerWriter | None,
        code_version: str,
    ) -> None:
        self._corpus = corpus
        self._retrieve = retrieve
        self._aggregator = Aggregator(browse)
        self._store = store
        self._matcher = RoleMatcher(corpus, retrieve, code_version)
        self._writer = writer
        self._clients = {story.client for story in corpus.stories if story.client}
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}

    def generate(self, request: AskRequest, on_text: OnText = _discard) -> Answer:
        """Answer a question; with a model, `on_text` gets its grounded sentences so far as they come."""
        return self._generate(request, self._writer, on_text)

    def _generate(self, request: AskRequest, writer: AnswerWriter | None, on_text: OnText) -> Answer:
        history = self._store.context(request.session_id, request.turn_id, CONTEXT_TURNS)
        if repeated := self._in_other_mode(request, history):
            return repeated
        locked = self._find(request.story_id) if request.story_id else None
        resolved = resolve(request.question, history, self._aggregator.vocabulary) if locked is None else None
        resolved = resolved or about_one_story(request.question, self._aggregator.vocabulary)
        fields: dict[str, Any] = {"filters": request.filters, "from_suggestion": request.from_suggestion}
        found = self._retrieve(SearchRequest(query=resolved.query, limit=RERANK_POOL, **fields))
        if not found.gate.passed and (locked is None or found.gate.holds_for_a_story):
            return self._answer(request, found.gate.answer, gate=found.gate, trace=Trace(query=resolved.query))
        gate = found.gate if found.gate.passed else GuardDecision()
        only = locked or self._corpus.by_id.get(resolved.story_id)
        retrieved = retrieved_ids(found, resolved, only)
        is_counted = locked is None and request.filters == SearchFilters()
        aggregation = self._aggregator.find(resolved) if is_counted else None
        if not retrieved and not (aggregation and aggregation.cards):
            text = denied(Material(resolved.text, resolved, (), aggregation)) or _nothing_found(found, resolved)
            return self._answer(request, text, gate=gate, trace=Trace(query=resolved.query))
        drafted, prompt = self._from_stories(
            _Understood(request, resolved, aggregation, gate, history, found), retrieved
        )
        return self._written(drafted, prompt, writer, on_text)

    def generate_extractive(self, request: AskRequest) -> Answer:
        """The same up to the prompt, without a model: for comparing."""
        return self._generate(request, None, _discard)

    def rerank(self, request: RerankRequest) -> Reranked:
        unknown = [item.id for item in request.candidates if item.id not in self._corpus.by_id]
        if unknown:
            problem = FieldError(path="candidates", message="names a story that does not exist")
            version = self._corpus.version
            raise InvalidRequest("candidates: names a story that does not exist", (problem,), corpus_version=version)
        stories = [self._corpus.by_id[item.id] for item in request.candidates]
        return Reranked(ranked=tuple(rerank(request.question, stories)), **self._stamp)

    def match(self, request: MatchRequest) -> RoleMatch:
        return self._matcher.match(request)

    def history(self, request: HistoryRequest) -> History:
        turns, earlier = self._store.page(request)
        verdicts = tuple(self._store.verdicts_on(turns))
        return History(turns=tuple(turns), verdicts=verdicts, next_before=earlier, **self._stamp)

    def append(self, turn: Turn) -> AppendAck:
        return AppendAck(turn_id=turn.turn_id, created=self._store.append(turn), **self._stamp)

    def forget(self, request: ForgetRequest) -> DeleteResult:
        return DeleteResult(turns=self._store.forget(request.session_id), **self._stamp)

    def rate(self, request: FeedbackRequest) -> FeedbackAck:
        self._store.rate(request)
        return FeedbackAck(turn_id=request.turn_id, **self._stamp)

    def _in_other_mode(self, request: AskRequest, history: Sequence[Turn]) -> Answer | None:
        mode = mode_word(request.question)
        if mode is None or not history or history[-1].refused or not history[-1].sources:
            return None
        last = history[-1]
        return Answer(
            turn_id=request.turn_id,
            answer=getattr(last.modes, mode.value),
            mode=mode,
            modes=last.modes,
            sources=last.sources,
            degraded=last.degraded,
            **self._stamp,
        )

    def _from_stories(self, understood: _Understood, retrieved: list[ScoredId]) -> tuple[Answer, Prompt]:
        """The extractive answer, and the prompt that a model would get."""
        request, resolved = understood.request, understood.question
        ranked = rerank(resolved.query, [self._corpus.by_id[item.id] for item in retrieved])
        found = [self._corpus.by_id[item.id] for item in ranked]
        evidence = {item.id: item.score for item in retrieved}
        scores = {hit.card.id: hit.score for hit in understood.found.hits}
        stories = [
            self._corpus.by_id[story_id] for story_id in cited_ids(found, scores, resolved, understood.aggregation)
        ]
        material = understood.material(stories)
        prompt = build_prompt(request.question, stories, understood.history)
        trace = Trace(
            query=resolved.query,
            retrieved=tuple(retrieved),
            ranked=tuple(ranked),
            prompt_hash=prompt.digest,
            model=EXTRACTIVE,
        )
        if refusal := denied(material):
            return self._answer(request, refusal, gate=understood.gate, trace=trace), prompt
        modes = compose(stories, narrate(material))
        sources = tuple(_source(number, one, evidence.get(one.id, 0.0)) for number, one in enumerate(stories, start=1))
        parts = {"modes": modes, "sources": sources, "gate": understood.gate, "trace": trace}
        return self._answer(request, getattr(modes, request.mode.value), **parts), prompt

    def _written(self, drafted: Answer, prompt: Prompt, writer: AnswerWriter | None, on_text: OnText) -> Answer:
        """The answer in a model's prose, where there is a model and its prose is grounded."""
        if writer is None or drafted.mode is not AnswerMode.NARRATIVE or not drafted.sources:
            return drafted
        cited = [self._corpus.by_id[source.id] for source in drafted.sources]
        grounding = GroundingSources(cited, self._clients, self._corpus.facts.owner, drafted.gate.unknown)
        written = writer.write(prompt, grounding, len(cited), on_text)
        if not written.text:
            return drafted.model_copy(update={"degraded": written.degraded})
        trace = drafted.trace.model_copy(update={"model": writer.model.name})
        rest = f"\n\n{drafted.answer}" if written.degraded else ""
        update = {"answer": written.text + rest, "trace": trace, "degraded": written.degraded}
        return drafted.model_copy(update=update)

    def _answer(self, request: AskRequest, text: str, **more: object) -> Answer:
        fields = {
            "turn_id": request.turn_id,
            "answer": text,
            "mode": request.mode,
            "modes": Modes(),
            "sources": (),
            **self._stamp,
            **more,
        }
        return Answer.model_validate(fields)

    def _find(self, story_id: str) -> Story:
        story = self._corpus.by_id.get(story_id)
        if story is None:
            raise NotFound("there is no story with this id", corpus_version=self._corpus.version)
        return story


def _nothing_found(found: SearchResult, resolved: ResolvedQuestion) -> str:
    if resolved.excluded and found.hits:
        return "There is no further story on this."
    if found.suppressed or found.hits:
        return "No story comes close to this."
    text = "No story matches these filters."
    if not found.without_filters:
        return text
    count = found.without_filters
    return f"{text} Without them there {'is' if count == 1 else 'are'} {count}."


def _source(number: int, story: Story, score: float) -> Source:
    return Source(number=number, id=story.id, title=story.title, client=story.client, match=percent_of(score))
