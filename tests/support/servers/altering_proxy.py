"""A proxy in front of the gateway that notes what passes, and alters an answer now and then."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Alter = Callable[[str, Any], Any]
"""Takes a path and its JSON answer; returns another answer, or a status code to answer with instead."""


@dataclass
class AlteringProxy:
    """`paths` are those asked for as a shadow, in order; `alter` may be set at any time."""

    server: ThreadingHTTPServer
    alter: Alter = lambda _, answer: answer
    paths: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


def _handler(upstream: str, proxy: Callable[[], AlteringProxy]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = HTTPConnection(upstream, timeout=30)
            connection.request(self.command, self.path, body or None, dict(self.headers))
            response = connection.getresponse()
            content = response.read()
            connection.close()
            if "X-Shadow" in self.headers:
                proxy().paths.append(self.path)
            self.answer(response.status, dict(response.headers), content)

        def answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            if status == 200 and not self.path.startswith("/-/"):
                answer = proxy().alter(self.path, json.loads(content))
                status, content = (answer, b"{}") if isinstance(answer, int) else (200, json.dumps(answer).encode())
            self.send_response(status)
            for name in ("Content-Type", "X-Cold-Start"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = pass_on  # noqa: N815 - the base class looks for these names

        def log_message(self, *_: object) -> None:
            """The test's output stays readable."""

    return Handler


@contextmanager
def altering_proxy(url: str) -> Iterator[AlteringProxy]:
    """Serve what is at `url` on a port of its own."""
    made: list[AlteringProxy] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(url).netloc, lambda: made[0]))
    server.daemon_threads = True
    made.append(AlteringProxy(server))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
