"""The lock before the site's switches: only the token opens it, and guessing shuts it for the browser that guesses."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.migration.admin_lock import LONGEST_SHUT_SECONDS, MOST_FAILURES, SHUT_SECONDS, AdminLock, LockShut

TOKEN = "correct horse"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(lock: AdminLock, times: int, browser: str = "a") -> None:
    for _ in range(times):
        assert not lock.admits("wrong", TOKEN, browser)


@given(offered=st.text(), token=st.text())
def test_only_the_token_itself_is_admitted(offered: str, token: str) -> None:
    assert AdminLock().admits(offered, token, "a") is (offered == token and token != "")


@pytest.mark.parametrize("offered", ["", "correct", "correct horse ", "Correct Horse", "correct\u00a0horse", "\ud800"])
def test_what_is_only_like_the_token_is_not(offered: str) -> None:
    assert not AdminLock().admits(offered, TOKEN, "a")


def test_without_a_token_every_sign_in_fails_and_none_is_counted() -> None:
    lock = AdminLock()
    assert not any(lock.admits("", "", "a") for _ in range(MOST_FAILURES + 1))
    assert lock.admits(TOKEN, TOKEN, "a")


def test_the_lock_shuts_with_the_last_failure_even_for_the_right_token() -> None:
    clock = Clock()
    lock = AdminLock(clock)
    fail(lock, MOST_FAILURES)

    clock.now = SHUT_SECONDS - 1
    with pytest.raises(LockShut) as shut:
        lock.admits(TOKEN, TOKEN, "a")
    assert shut.value.seconds == 1
    clock.now = SHUT_SECONDS
    assert lock.admits(TOKEN, TOKEN, "a")


def test_a_right_token_begins_the_count_anew() -> None:
    lock = AdminLock(Clock())
    for _ in range(3):
        fail(lock, MOST_FAILURES - 1)
        assert lock.admits(TOKEN, TOKEN, "a")


def test_each_further_failure_shuts_it_twice_as_long_up_to_an_hour() -> None:
    clock = Clock()
    lock = AdminLock(clock)
    fail(lock, MOST_FAILURES - 1)
    waits = []
    for _ in range(6):
        fail(lock, 1)
        with pytest.raises(LockShut) as shut:
            lock.admits(TOKEN, TOKEN, "a")
        waits.append(shut.value.seconds)
        clock.now += shut.value.seconds
    assert waits == [300, 600, 1200, 2400, 3600, LONGEST_SHUT_SECONDS]


@given(st.lists(st.booleans() | st.floats(0, 4000)))
def test_between_two_right_tokens_no_more_guesses_are_heard_than_the_delays_allow(
    steps: list[bool | float],
) -> None:
    """`True` offers the token, `False` a guess, a number lets so many seconds pass."""
    clock = Clock()
    lock = AdminLock(clock)
    heard, waited = 0, 0.0
    for step in steps:
        if not isinstance(step, bool):
            clock.now += step
            waited += step
            continue
        try:
            admitted = lock.admits(TOKEN if step else "guess", TOKEN, "a")
        except LockShut:
            continue
        assert admitted is step
        heard, waited = (0, 0.0) if step else (heard + 1, waited)
        assert heard <= MOST_FAILURES + waited / SHUT_SECONDS


def test_guesses_from_many_sessions_at_once_are_counted_together() -> None:
    lock = AdminLock(Clock())
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(_heard, [lock] * 200)) == MOST_FAILURES


def test_nobody_is_locked_out_by_the_guesses_of_others() -> None:
    lock = AdminLock(Clock())
    for number in range(200):
        fail(lock, 1, f"guesser {number}")
    assert lock.admits(TOKEN, TOKEN, "maintainer")


def test_guessers_who_discard_their_cookie_have_one_attempt_each_after_a_while() -> None:
    lock = AdminLock(Clock())
    heard = [sum(_heard(lock, f"guesser {number}") for _ in range(10)) for number in range(30)]
    assert sum(heard[:9]) == 9 * MOST_FAILURES
    assert set(heard[10:]) == {1}
    assert lock.admits(TOKEN, TOKEN, "maintainer")
    assert sum(_heard(lock, "new") for _ in range(10)) == MOST_FAILURES


def test_wrong_tokens_of_long_ago_do_not_count() -> None:
    clock = Clock()
    lock = AdminLock(clock)
    for number in range(200):
        fail(lock, 1, f"guesser {number}")
    clock.now = LONGEST_SHUT_SECONDS + 1
    assert sum(_heard(lock, "new") for _ in range(10)) == MOST_FAILURES


def test_the_browsers_remembered_are_bounded() -> None:
    lock = AdminLock(Clock())
    for number in range(10_050):
        _heard(lock, f"guesser {number}")
    assert len(lock._attempts) == 10_000


def test_neither_the_token_nor_a_guess_is_in_what_the_lock_says() -> None:
    lock = AdminLock(Clock())
    fail(lock, MOST_FAILURES)
    with pytest.raises(LockShut, match="300 s") as shut:
        lock.admits("a guess", TOKEN, "a")
    assert TOKEN not in str(shut.value)
    assert "guess" not in str(shut.value)


def _heard(lock: AdminLock, browser: str = "a") -> bool:
    try:
        lock.admits("wrong", TOKEN, browser)
    except LockShut:
        return False
    return True
