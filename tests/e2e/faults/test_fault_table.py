"""Whatever breaks, every stage does what the table of faults says, and no acknowledged write is lost or doubled."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.faults.calls import Write, lost_or_doubled, prepare, repair, walk
from tests.support.faults.catalog import FAULTS
from tests.support.faults.site import FaultSite, fault_site
from tests.support.faults.table import expected, faults

pytestmark = pytest.mark.alone

TRIES = 3  # a busy machine may make a call late that no fault delays


@dataclass
class Walk:
    """A site, and what was written to it under all the faults so far."""

    site: FaultSite
    writes: list[tuple[Write, str]] = field(default_factory=list)
    walks: int = 0

    def through(self, fault: str) -> dict[str, str]:
        """Walk one fault; the cells that are not as the table says."""
        self.walks += 1
        walked = walk(self.site, FAULTS[fault], f"walk-number-{self.walks:03d}")
        self.writes += walked.writes
        return {
            f"{call} in {stage}": f"{seen!r} is none of {sorted(expected(fault, call, stage))}"
            for (call, stage), seen in walked.cells.items()
            if seen not in expected(fault, call, stage)
        }


@pytest.fixture(scope="module")
def walking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    settings = {
        "shadow_workers": 32,
        "breaker_failures": 1_000_000,  # never open: each cell shows the fault itself
        "repair_seconds": 3600.0,  # repairs run when the test says so
    }
    with fault_site(tmp_path_factory.mktemp("faults"), **settings) as site:
        prepare(site)
        yield Walk(site)


def test_every_fault_of_the_table_can_be_played() -> None:
    assert tuple(FAULTS) == faults()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", faults())
def test_each_stage_does_what_the_table_says(walking: Walk, fault: str) -> None:
    for _ in range(TRIES):
        unexpected = walking.through(fault)
        if not unexpected:
            break
    assert unexpected == {}


@pytest.mark.timeout(240)
def test_nothing_acknowledged_is_lost_or_doubled(walking: Walk) -> None:
    """Under any of the faults above, and one more, once the repairs have run."""
    walking.through("504 though it was done")
    repair(walking.site)
    assert lost_or_doubled(walking.site, walking.writes) == []
