"""A server of raw bytes on this machine, for what a well-behaved one never does: stall, trickle, cut off, reset."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket], bool]
"""Answers one request; says whether the connection stays open."""


@dataclass
class RawServer:
    """Plays one script a request, the last one again and again; keeps each request's head."""

    scripts: list[Script]
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    heads: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.play, args=(connection,), daemon=True).start()

    def play(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while head := connection.recv(65_536).decode("latin-1"):
                script = self.scripts[min(len(self.heads), len(self.scripts) - 1)]
                self.heads.append(head)
                if not script(connection):
                    return


@contextmanager
def raw_server(*scripts: Script) -> Iterator[RawServer]:
    server = RawServer(list(scripts))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(5)


def answering(body: bytes, status: str = "200 OK", *headers: str) -> Script:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return sending("\r\n".join(lines).encode("latin-1") + body)


def sending(whole: bytes) -> Script:
    """Send these bytes and keep the connection open."""

    def script(connection: socket.socket) -> bool:
        connection.sendall(whole)
        return True

    return script


def cutting(part: bytes) -> Script:
    """Send these bytes and close."""

    def script(connection: socket.socket) -> bool:
        connection.sendall(part)
        return False

    return script


def trickling(head: bytes, part: bytes, pause: float = 0.05, times: int = 100) -> Script:
    """Send the head, then the part again and again with a pause after each."""

    def script(connection: socket.socket) -> bool:
        waiting = threading.Event()
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(part)
            waiting.wait(pause)
        return False

    return script


def resetting(connection: socket.socket) -> bool:
    """End the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def delayed(script: Script, seconds: float) -> Script:
    """Let the other side wait, then play the script."""

    def late(connection: socket.socket) -> bool:
        threading.Event().wait(seconds)
        return script(connection)

    return late
