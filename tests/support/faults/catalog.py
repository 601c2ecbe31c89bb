"""The faults of the table by name: each is in force while its context is entered."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final
from unittest import mock

from tests.support.faults import cloud, dynamodb, flags, wire
from tests.support.faults.disk import full_disk
from tests.support.faults.proxy import Fault
from tests.support.faults.site import FaultSite

Hold = Callable[[FaultSite], AbstractContextManager[object]]

_DAY: Final = 86_400.0


def _wire(fault: Fault) -> Hold:
    return lambda site: site.wire.playing(fault)


def _dynamodb(fault: Fault) -> Hold:
    return lambda site: site.dynamodb.playing(fault)


def _full_disk(name: str) -> Hold:
    return lambda site: full_disk(site.clients.settings.data_dir / f"{name}.sqlite3")


def _skewed(seconds: float) -> Hold:
    """The site's clock is off to one side and the gateway's to the other."""

    @contextmanager
    def hold(site: FaultSite) -> Iterator[None]:
        right = time.time
        with (
            site.wire.playing(wire.dated(-seconds)),
            mock.patch("time.time", side_effect=lambda: right() + seconds),
        ):
            yield

    return hold


FAULTS: Final[Mapping[str, Hold]] = {
    "nothing": lambda _: nullcontext(),
    "refused connection": lambda site: site.wire.refusing(),
    "reset mid-body": _wire(wire.reset_mid_body),
    "slow first byte": _wire(wire.slow_first_byte),
    "slow trickle": _wire(wire.trickle),
    "burst of 500, 502, 503, 504": _wire(wire.failing(500, 502, 503, 504)),
    "504 though it was done": _wire(wire.gateway_timeout),
    "503 twice, then fine": _wire(wire.failing_twice(503)),
    "429 with Retry-After": _wire(wire.too_many_requests),
    "HTML instead of JSON": _wire(wire.html),
    "truncated JSON": _wire(wire.truncated_json),
    "wrong types": _wire(wire.altered(wire.wrong_types)),
    "delivered twice": _wire(wire.delivered_twice),
    "duplicated history": _wire(wire.altered(wire.doubled_turns)),
    "reordered history": _wire(wire.altered(wire.reversed_turns)),
    "clocks a day ahead": _skewed(_DAY),
    "clocks a day behind": _skewed(-_DAY),
    "cold-start storm": cloud.cold_start_storm,
    "killed mid-call": cloud.killed_mid_call,
    "DynamoDB throttles": _dynamodb(dynamodb.throttling),
    "DynamoDB writes half a batch": _dynamodb(dynamodb.partial_batches),
    "DynamoDB reads are stale": _dynamodb(dynamodb.stale_reads),
    "S3 object missing": cloud.objects_missing,
    "S3 object corrupt": cloud.objects_corrupt,
    "disk full for records": _full_disk("migration"),
    "disk full for the ledger": _full_disk("repairs"),
    "disk full for conversations": _full_disk("conversations"),
    "flags removed": flags.file_removed,
    "flags garbled": flags.file_garbled,
    "flags half-written": flags.file_half_written,
    "two flag editors": flags.two_editors,
}
