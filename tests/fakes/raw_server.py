"""A server of raw bytes on this machine, for what a well-behaved one never does: stall, trickle, cut off, reset."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Plays one script a connection, the last one again and again; keeps each request's head."""

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
                script = self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                threading.Thread(target=self.play, args=(connection, script), daemon=True).start()

    def play(self, connection: socket.socket, script: Script) -> None:
        with connection, contextlib.suppress(OSError):
            while head := connection.recv(65_536).decode("latin-1"):
                self.heads.append(head)
                script(connection)
                if script not in KEEPING:
                    return


KEEPING: list[Script] = []


def keeping(script: Script) -> Script:
    """Mark a script that answers request after request on one connection."""
    KEEPING.append(script)
    return script


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def sending(*parts: bytes, pause: float = 0.0) -> Script:
    """Send the parts with a pause after each."""
    waiting = threading.Event()

    def script(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            if pause:
                waiting.wait(pause)

    return script


def resetting(connection: socket.socket) -> None:
    """End the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


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
