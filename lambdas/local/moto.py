"""Runs the moto server in a separate process."""

import logging
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from lambdas.local.callers import is_foreign_page
from lambdas.local.child_processes import die_with_parent, kill_group
from lambdas.local.options import REPOSITORY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BATCH_WRITES: Final = 25
_CALLER_HEADERS: Final = {"HTTP_HOST": "Host", "HTTP_ORIGIN": "Origin", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site"}


class MotoError(Exception):
    """The moto server exited before it listened."""


class MotoProcess:
    """A moto server on a loopback port; port 0 picks a free one."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(port)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """Wait until the server listens and return its URL.

        Raises
        ------
        MotoError
            The server exited, for instance because its port is in use.
        """
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port:
            raise MotoError("the moto server did not start")
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        kill_group(self._process.pid)
        self._process.wait()


def without_foreign_pages(app: "WSGIApplication") -> "WSGIApplication":
    """The application for programs alone: moto itself lets any page read and write through the browser."""

    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        headers = {name: environ[key] for key, name in _CALLER_HEADERS.items() if key in environ}
        if not is_foreign_page(headers):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"web pages of other origins are turned away"]

    return guarded


def _limit_batches(handler: Any) -> None:
    """Refuse batches of more than 25 writes, as DynamoDB does and moto does not."""
    from moto.dynamodb.exceptions import MockValidationException  # noqa: PLC0415 - as below

    write = handler.batch_write_item

    def limited(self: Any) -> Any:
        if sum(map(len, self.body["RequestItems"].values())) > MAX_BATCH_WRITES:
            raise MockValidationException("Too many items requested for the BatchWriteItem call")
        return write(self)

    handler.batch_write_item = limited


def main() -> None:
    die_with_parent()
    # Imported here to keep moto out of the parent process.
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    class PromptHandler(MotoRequestHandler):  # type: ignore[misc]
        """Disables Nagle's algorithm, which would delay small responses until a delayed ACK."""

        disable_nagle_algorithm = True

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _limit_batches(DynamoHandler)
    app = without_foreign_pages(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=PromptHandler)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
