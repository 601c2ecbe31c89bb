"""Changes of the flag file that no command made: found between the log's entries, and after the last one."""

from typing import Any

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import FlagChange
from backend_clients.flags.file import RolloutShare
from backend_clients.flags.hand_edits import parse_rollout, with_hand_edits
from backend_clients.stages import Stage


def change(before: str, after: str, at: float, domain: str = "stories") -> FlagChange:
    return FlagChange(domain, before, after, who="ada", at=at)


def found(changes: list[FlagChange], now: dict[str, str], **options: Any) -> list[tuple[Any, ...]]:
    """What was made by hand: domain, before, after, reason, time."""
    made = with_hand_edits(changes, now, 50.0, DOMAINS, **({"complete": True} | options))
    assert [item for item in made if item.who == "ada"] == changes
    return [(item.domain, item.before, item.after, item.reason, item.at) for item in made if item.who == "by hand"]


def test_a_file_where_the_log_ends_was_not_edited() -> None:
    logged = [change("shadow", "live 10%, shadow 90%", 9.0), change("legacy", "shadow", 8.0)]
    assert found(logged, {"stories": "live 10%, shadow 90%", "ask": "legacy"}) == []


def test_a_file_beyond_the_log_was_changed_past_its_gate() -> None:
    edits = found([change("legacy", "shadow", 8.0)], {"stories": "lambda"})
    assert edits == [("stories", "shadow", "lambda", "changed by hand past its gate", 50.0)]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("live", "shadow", "changed by hand"),
        ("live 10%, shadow 90%", "live 5%, shadow 95%", "changed by hand"),
        ("live 10%, shadow 90%", "live 50%, shadow 50%", "changed by hand past its gate"),
        ("live", "a rule of its own, sampled: lambda 0.1%, live 99.9%", "changed by hand past its gate"),
        ("shadow", "a rule of its own, sampled: shadow", "changed by hand"),
    ],
)
def test_only_a_step_forward_goes_past_a_gate(before: str, after: str, reason: str) -> None:
    assert [edit[3] for edit in found([change("legacy", before, 8.0)], {"stories": after})] == [reason]


def test_an_edit_that_was_left_again_stays_in_the_history() -> None:
    logged = [change("lambda", "live", 9.0), change("legacy", "shadow", 8.0)]
    assert found(logged, {"stories": "live"}) == [("stories", "shadow", "lambda", "changed by hand past its gate", 9.0)]


def test_without_a_log_the_first_stage_was_in_force() -> None:
    reason = "changed by hand past its gate (or with another data folder)"
    assert found([], {"stories": "live", "ask": "legacy"}) == [("stories", "legacy", "live", reason, 50.0)]
    assert found([], {"stories": "live"}, complete=False) == []


def test_domains_have_histories_of_their_own() -> None:
    logged = [change("legacy", "shadow", 9.0, "search"), change("legacy", "shadow", 8.0)]
    assert found(logged, {"stories": "shadow", "search": "live"}) == [
        ("search", "shadow", "live", "changed by hand past its gate", 50.0)
    ]


def test_shares_are_read_from_their_words() -> None:
    order = DOMAINS["ask"].stages
    assert parse_rollout("live 12.5%, shadow 87.5%", order) == (
        RolloutShare(Stage.LIVE, 12.5),
        RolloutShare(Stage.SHADOW, 87.5),
    )
    assert parse_rollout("dualwrite", order) == (RolloutShare(Stage.DUALWRITE, 100.0),)
