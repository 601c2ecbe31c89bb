"""HTTP time-outs that bound a whole call: all attempts, all addresses, and the whole answer."""

import http.client
import io
import socket
import time
from itertools import zip_longest
from typing import Any, Final, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util import Timeout
from urllib3.util.connection import allowed_gai_family

_LEAST_SECONDS: Final = 0.001  # a time-out of 0 would make the socket non-blocking


class Deadline(Timeout):
    """Time-outs of a whole call; urllib3 clones them for each attempt, with the time left."""

    def __init__(self, connect: float, read: float) -> None:
        super().__init__(connect=connect, read=read)
        self._timeouts = (connect, read)
        self._ends = time.monotonic() + connect + read

    def clone(self) -> Timeout:
        left = max(self._ends - time.monotonic(), _LEAST_SECONDS)
        connect, read = self._timeouts
        return Timeout(connect=min(connect, left), read=min(read, left))


class DeadlineAdapter(HTTPAdapter):
    """Applies the read time-out to the whole answer instead of to each read from the socket."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager = cast(PoolManager, self.poolmanager)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Stream(io.RawIOBase):
    """A socket's stream with one deadline for all reads, from the socket's time-out at the start."""

    def __init__(self, stream: io.RawIOBase, source: socket.socket) -> None:
        self._stream = stream
        self._source = source
        self._timeout = source.gettimeout()
        self._ends = time.monotonic() + (self._timeout or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._timeout is None:
            return self._stream.readinto(buffer)
        try:
            self._source.settimeout(max(self._ends - time.monotonic(), _LEAST_SECONDS))
            return self._stream.readinto(buffer)
        finally:
            self._source.settimeout(self._timeout)  # the connection is reused

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Stream(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    """Divides the connect time-out among a host's addresses; urllib3 gives the whole time-out to each."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        host, patience = self._dns_host, cast(float, self.timeout)
        ends, waiting = time.monotonic() + patience, _addresses(host, self.port)
        try:
            while True:
                self._dns_host, left = waiting.pop(0), ends - time.monotonic()
                self.timeout = max(left / 2 if waiting else left, _LEAST_SECONDS)
                try:
                    connected = super()._new_conn()
                except (ConnectTimeoutError, NewConnectionError):
                    if not waiting:
                        raise
                else:
                    connected.settimeout(patience)
                    return connected
        finally:
            self._dns_host, self.timeout = host, patience


class _SecureConnection(_Connection, HTTPSConnection):
    pass


def _addresses(host: str, port: int) -> list[str]:
    """A host's addresses, alternating between families, so that an unreachable family cannot use up the time."""
    try:
        found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [host]  # urllib3 raises the error
    families = [
        [str(entry[4][0]) for entry in found if entry[0] is family] for family in dict.fromkeys(f[0] for f in found)
    ]
    return [address for turn in zip_longest(*families) for address in turn if address is not None]


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
