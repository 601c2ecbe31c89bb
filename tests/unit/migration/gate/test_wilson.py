"""Wilson's bounds against the equation that defines them, and figures known from elsewhere."""

from math import sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.migration.gate.wilson import trials_needed, wilson_bounds

COUNTS = st.integers(1, 5_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(COUNTS, st.sampled_from([0.9, 0.95, 0.975, 0.99]))
def test_at_a_bound_the_observed_share_is_just_z_standard_errors_away(
    counts: tuple[int, int], confidence: float
) -> None:
    successes, trials = counts
    share, z = successes / trials, NormalDist().inv_cdf(confidence)
    low, high = wilson_bounds(successes, trials, confidence)
    assert 0 <= low <= share <= high <= 1
    for bound in (low, high):
        assert abs(share - bound) == pytest.approx(z * sqrt(bound * (1 - bound) / trials), abs=1e-7)


@pytest.mark.parametrize(
    ("successes", "trials", "confidence", "low", "high"),
    [
        (200, 200, 0.975, 0.98115, 1.0),  # the two-sided interval of 95 %
        (81, 263, 0.975, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (0, 20, 0.975, 0.0, 0.1611),  # the same
        (0, 0, 0.95, 0.0, 1.0),
    ],
)
def test_known_figures(successes: int, trials: int, confidence: float, low: float, high: float) -> None:
    assert wilson_bounds(successes, trials, confidence) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 60), st.sampled_from([0.9, 0.99, 0.995]))
def test_the_trials_needed_are_the_fewest_that_do(failures: int, share: float) -> None:
    needed = trials_needed(failures, share, 0.95)
    assert wilson_bounds(needed - failures, needed, 0.95)[0] >= share
    assert needed - 1 <= failures or wilson_bounds(needed - 1 - failures, needed - 1, 0.95)[0] < share


def test_two_hundred_and_sixty_eight_without_a_mismatch_are_enough() -> None:
    assert trials_needed(0, 0.99, 0.95) == 268
