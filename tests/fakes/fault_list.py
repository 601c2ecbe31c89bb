"""The faults of the table by name: each is in force while its context is entered."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final
from unittest import mock

from tests.fakes import fault_cloud, fault_dynamodb, fault_flags, fault_wire
from tests.fakes.fault_disk import full_disk
from tests.fakes.fault_proxy import Fault
from tests.fakes.fault_site import FaultSite

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
            site.wire.playing(fault_wire.dated(-seconds)),
            mock.patch("time.time", side_effect=lambda: right() + seconds),
        ):
            yield

    return hold


FAULTS: Final[Mapping[str, Hold]] = {
    "nothing": lambda _: nullcontext(),
    "refused connection": lambda site: site.wire.refusing(),
    "reset mid-body": _wire(fault_wire.reset_mid_body),
    "slow first byte": _wire(fault_wire.slow_first_byte),
    "slow trickle": _wire(fault_wire.trickle),
    "burst of 500, 502, 503, 504": _wire(fault_wire.failing(500, 502, 503, 504)),
    "504 though it was done": _wire(fault_wire.gateway_timeout),
    "503 twice, then fine": _wire(fault_wire.failing_twice(503)),
    "429 with Retry-After": _wire(fault_wire.too_many_requests),
    "HTML instead of JSON": _wire(fault_wire.html),
    "truncated JSON": _wire(fault_wire.truncated_json),
    "wrong types": _wire(fault_wire.altered(fault_wire.wrong_types)),
    "delivered twice": _wire(fault_wire.delivered_twice),
    "duplicated history": _wire(fault_wire.altered(fault_wire.doubled_turns)),
    "reordered history": _wire(fault_wire.altered(fault_wire.reversed_turns)),
    "clocks a day ahead": _skewed(_DAY),
    "clocks a day behind": _skewed(-_DAY),
    "cold-start storm": fault_cloud.cold_start_storm,
    "killed mid-call": fault_cloud.killed_mid_call,
    "DynamoDB throttles": _dynamodb(fault_dynamodb.throttling),
    "DynamoDB writes half a batch": _dynamodb(fault_dynamodb.partial_batches),
    "S3 object missing": fault_cloud.objects_missing,
    "S3 object corrupt": fault_cloud.objects_corrupt,
    "disk full for records": _full_disk("migration"),
    "disk full for the ledger": _full_disk("repairs"),
    "disk full for conversations": _full_disk("conversations"),
    "flags removed": fault_flags.file_removed,
    "flags garbled": fault_flags.file_garbled,
    "flags half-written": fault_flags.file_half_written,
    "two flag editors": fault_flags.two_editors,
}
