"""Confidence bounds of an observed share, by Wilson's score interval."""

from math import sqrt
from statistics import NormalDist


def wilson_bounds(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """The lower and upper one-sided bounds of a share, each at `confidence`.

    One-sided, because a gate tests only a minimum. At 0.95, z is 1.645: the bounds are the ends of the two-sided
    interval at 0.90.

    Formula: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927), 209-212. Unlike the normal approximation, the interval has a width even
    without failures, the usual case at a gate.
    """
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(confidence)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    margin = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    whole = 1 + z * z / trials
    low, high = (centre - margin) / whole, (centre + margin) / whole
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # rounding may move a bound past the share


def trials_needed(failures: int, share: float, confidence: float) -> int:
    """The fewest trials whose lower bound reaches `share` with this number of failures."""
    too_few, enough = failures, failures + 1
    while wilson_bounds(enough - failures, enough, confidence)[0] < share:
        too_few, enough = enough, enough * 2
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if wilson_bounds(middle - failures, middle, confidence)[0] < share:
            too_few = middle
        else:
            enough = middle
    return enough
