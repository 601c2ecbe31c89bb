"""The search and the stories domain as the ask functions meet them: over HTTP, and with faults on demand."""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.listing import listing_of
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.rules.metrics import integrity_of, story_metrics
from contracts.rules.tokens import tokens
from contracts.search import GuardDecision, SearchHit, SearchRequest, SearchResult
from contracts.stories import FACET_FIELDS, StoryBatch, StoryBatchRequest, StoryContent, StoryList, StoryListRequest
from contracts.story import Story
from lambdas.common.text.summaries import card_of


@dataclass
class Call:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeApis:
    """Both domains behind one address.

    `search_fault` and `stories_fault` are "" (none), "500", "503", "429", "garbage", "drop" or "hang".
    """

    stories: dict[str, Story]
    corpus_version: str = "v1"
    owner: ProfileFacts = NO_FACTS
    gate: GuardDecision = field(default_factory=GuardDecision)
    without_filters: int | None = None
    only_hits: tuple[tuple[str, float], ...] | None = None
    batch_size: int = 25
    search_fault: str = ""
    stories_fault: str = ""
    hang_seconds: float = 30.0
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    _words: dict[str, frozenset[str]] = field(default_factory=dict)

    def searches(self) -> list[SearchRequest]:
        bodies = [call.body for call in self.calls if call.path.startswith("/api/search")]
        return [SearchRequest.model_validate_json(body) for body in bodies]

    def batches(self) -> list[tuple[str, ...]]:
        """The ids of each batch of stories that was requested."""
        queries = [urlsplit(call.path).query for call in self.calls if call.path.startswith("/api/stories?ids=")]
        return [tuple(parse_qs(query, keep_blank_values=True)["ids"]) for query in queries]

    def story_calls(self) -> list[str]:
        return [story_id for ids in self.batches() for story_id in ids]

    def search(self, request: SearchRequest) -> SearchResult:
        hits = self.only_hits if self.only_hits is not None else self._ranked(request.query)
        kept = [] if self.without_filters is not None or not self.gate.passed else hits[: request.limit]
        found = tuple(
            SearchHit(card=card_of(self._known(story_id)), score=score, keyword=score) for story_id, score in kept
        )
        return SearchResult(
            corpus_version=self.corpus_version,
            code_version="fake",
            hits=found,
            total=len(found),
            facets={},
            gate=self.gate,
            without_filters=self.without_filters,
        )

    def batch(self, request: StoryBatchRequest) -> StoryBatch:
        found = [story for story_id in request.ids if (story := self.stories.get(story_id))]
        contents = [
            StoryContent(story=story, summary="", metrics=story_metrics(story), integrity=integrity_of(story))
            for story in found
        ]
        return StoryBatch(
            corpus_version=self.corpus_version,
            code_version="fake",
            stories=tuple(contents[: self.batch_size]),
            missing=tuple(story_id for story_id in request.ids if story_id not in self.stories),
            unprocessed=tuple(story.id for story in found[self.batch_size :]),
        )

    def listing(self, request: StoryListRequest) -> StoryList:
        corpus = Corpus(tuple(self.stories.values()), self.corpus_version, facts=self.owner)
        return listing_of(corpus, "fake")(request)

    def _known(self, story_id: str) -> Story:
        return self.stories.get(story_id, Story(id=story_id))

    def _ranked(self, query: str) -> list[tuple[str, float]]:
        wanted = set(tokens(query))
        for story in self.stories.values():
            if story.id not in self._words:
                self._words[story.id] = frozenset(token for text in story.texts() for token in tokens(text))
        scores = {story_id: len(wanted & self._words[story_id]) / (len(wanted) or 1) for story_id in self.stories}
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    apis: FakeApis

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._note(body)
        if not self._faulty(self.apis.search_fault):
            self._answer(200, self.apis.search(SearchRequest.model_validate_json(body)).model_dump_json())

    def do_GET(self) -> None:
        self._note(b"")
        if self._faulty(self.apis.stories_fault):
            return
        target = urlsplit(self.path)
        query = parse_qs(target.query, keep_blank_values=True)
        if target.path != "/api/stories":
            self._answer(404, "{}")
        elif "ids" in query:
            self._answer(200, self.apis.batch(StoryBatchRequest.model_validate(query)).model_dump_json())
        else:
            fields = {key: values if key in FACET_FIELDS else values[0] for key, values in query.items()}
            self._answer(200, self.apis.listing(StoryListRequest.model_validate(fields)).model_dump_json())

    def _note(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.apis.calls.append(Call(self.command, self.path, headers, body))

    def _faulty(self, fault: str) -> bool:
        match fault:
            case "":
                return False
            case "garbage":
                self._answer(200, '{"hits": [')
            case "drop":
                self.connection.close()
                self.close_connection = True
            case "hang":
                time.sleep(self.apis.hang_seconds)
                self.close_connection = True
            case status:
                self._answer(int(status), json.dumps({"status": int(status)}))
        return True

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a connection dropped on purpose


@contextmanager
def running_apis(stories: Iterable[Story] = ()) -> Iterator[FakeApis]:
    """Serve the fakes on a free port of this machine."""
    apis = FakeApis({story.id: story for story in stories})
    handler = type("Handler", (_Handler,), {"apis": apis, "disable_nagle_algorithm": True})
    server = _Server(("127.0.0.1", 0), handler)
    apis.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield apis
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
