"""A flag that is lost while the site runs, as when its file is read half-written."""

from pathlib import Path

from backend_clients.flags.client import Flags
from backend_clients.stages import Stage
from tests.support.sides.routed import eventually
from tests.support.stacks.cloud import FLAGS

LOST = "flags: {other: {state: ENABLED, variants: {a: a}, defaultVariant: a}}\n"


def stage_after_loss(path: Path, domain: str, stage: str) -> Stage:
    """The stage of a domain that was in `stage` and whose flag is gone now."""
    path.write_text(FLAGS.format(domain=domain, stage=stage))
    flags = Flags(path)
    try:
        assert flags.stage(domain, "v").stage == stage
        path.write_text(LOST)
        assert eventually(lambda: flags.stage(domain, "v").reason.startswith("flag:"))
        return flags.stage(domain, "v").stage
    finally:
        flags.close()


def test_writes_go_to_both_sides_where_lambda_had_them(tmp_path: Path) -> None:
    """Otherwise they would be missing on Lambda once the flag is back."""
    assert stage_after_loss(tmp_path / "flags.yaml", "ask", "live") is Stage.DUALWRITE


def test_legacy_serves_domains_without_writes(tmp_path: Path) -> None:
    assert stage_after_loss(tmp_path / "flags.yaml", "stories", "live") is Stage.LEGACY


def test_a_domain_that_had_not_moved_stays_where_it_is(tmp_path: Path) -> None:
    assert stage_after_loss(tmp_path / "flags.yaml", "ask", "legacy") is Stage.LEGACY
