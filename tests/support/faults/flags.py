"""Faults of the flag file: gone, garbled, half there, and two editors at once."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend_clients.flags.audit_log import Audit
from backend_clients.flags.editor import FlagEditor
from backend_clients.stages import Stage
from tests.support.faults.site import MOST_SECONDS, FaultSite, eventually_true, visitor_in


@contextmanager
def file_removed(site: FaultSite) -> Iterator[None]:
    with _spoilt(site, None):
        yield


@contextmanager
def file_garbled(site: FaultSite) -> Iterator[None]:
    with _spoilt(site, b"flags: {stories: [\x00\xff"):
        yield


@contextmanager
def file_half_written(site: FaultSite) -> Iterator[None]:
    """The text ends amid ask's flag, and is YAML all the same."""
    text = site.flags.read_bytes()
    with _spoilt(site, text[: text.index(b"dualwrite", text.index(b"ask:"))].rstrip()):
        yield


@contextmanager
def two_editors(site: FaultSite) -> Iterator[None]:
    """Two editors change two flags of the file again and again while it is read."""
    text = site.flags.read_bytes()
    stop = threading.Event()
    editors = [threading.Thread(target=_edit, args=(site, domain, stop)) for domain in ("stories", "search")]
    for editor in editors:
        editor.start()
    try:
        yield
    finally:
        stop.set()
        for editor in editors:
            editor.join(MOST_SECONDS)
        _restore(site, text)


def _edit(site: FaultSite, domain: str, stop: threading.Event) -> None:
    editor = FlagEditor(site.flags, Audit(site.clients.settings.records_file))
    stages = (Stage.LIVE, Stage.SHADOW)
    number = 0
    while not stop.wait(0.05):
        editor.set_stage(domain, stages[number % 2], 100, reason="two at once")
        number += 1


class _Told(logging.Handler):
    """Waits for the word that the last good flags stay in force."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "flag" in record.getMessage():
            self.event.set()


@contextmanager
def _spoilt(site: FaultSite, content: bytes | None) -> Iterator[None]:
    """The file is spoilt, and the site has looked at it since."""
    good = site.flags.read_bytes()
    told = _Told()
    log = logging.getLogger("backend_clients.flags.client")
    log.addHandler(told)
    try:
        if content is None:
            site.flags.unlink()
        else:
            site.flags.write_bytes(content)
        eventually_true(lambda: site.clients.flags.stage("ask", "anybody") and told.event.is_set())
        yield
    finally:
        log.removeHandler(told)
        _restore(site, good)


def _restore(site: FaultSite, content: bytes) -> None:
    """The file is whole again, and the site has read it, so that it tells of the next fault anew."""
    flags = site.clients.flags
    read = flags.generation
    beside = Path(f"{site.flags}.new")
    beside.write_bytes(content)
    beside.replace(site.flags)
    eventually_true(lambda: flags.generation > read)
    for domain in ("stories", "search", "ask", "industries"):
        eventually_true(lambda domain=domain: site.clients.flags.stage(domain, visitor_in("live")).stage == "live")
