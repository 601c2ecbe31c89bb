"""Every figure by which a domain's move is judged, in one place."""

from typing import Final

COMPARISONS: Final = 200  # at least so many comparisons and, for an error rate or a p95, calls; fewer are inconclusive
MATCH_RATE: Final = 0.99  # at least, by the lower bound below
CONFIDENCE: Final = 0.95  # of that bound, one-sided: 268 comparisons without a mismatch are enough
ERROR_RATE: Final = 0.01  # at most, of the calls that asked the Lambda side
P95_MS: Final = 500.0  # at most, of the Lambda side, cold starts left out; where legacy's own p95 to visitors is more,
P95_OF_LEGACY: Final = 1.1  # up to so many times that: an answer that a model writes takes as long as the model does
SETTLING_SECONDS: Final = 2.0  # a repair younger than this is a write on its way

IN_WORDS: Final = (
    f"at least {COMPARISONS} comparisons, a match rate whose lower bound is at least {MATCH_RATE}, a Lambda error rate"
    f" of at most {ERROR_RATE:.0%} and a Lambda p95 of at most {P95_MS:.0f} ms or, where visitors wait longer than that"
    f" for legacy, {P95_OF_LEGACY} times theirs"
)

RETIREMENT_DAYS: Final = 14  # on `lambda` without legacy having answered, before the legacy side can go

BURN_CALLS: Final = 200  # the latest Lambda answers that the alarm looks at
BURN_MINIMUM: Final = 50  # fewer raise no alarm
BURN_ERROR_SHARE: Final = 0.10  # more raise it
BURN_MISMATCH_SHARE: Final = 0.05  # more raise it
