"""Every threshold of gates, retirement and the error-rate alarm."""

from typing import Final

COMPARISONS: Final = 200  # minimum number of comparisons and, for error rate and p95, of calls; fewer are inconclusive
MATCH_RATE: Final = 0.99  # minimum of the lower bound
CONFIDENCE: Final = 0.95  # of that bound, one-sided: 268 comparisons without a mismatch are enough
ERROR_RATE: Final = 0.01  # maximum, of calls to the Lambda side
P95_MS: Final = 500.0  # maximum of the Lambda side without cold starts; if legacy's own p95 to visitors is higher,
P95_OF_LEGACY: Final = 1.1  # the maximum is that p95 times this: model-written answers are as slow as the model
SETTLING_SECONDS: Final = 2.0  # younger repairs count as writes in progress

IN_WORDS: Final = (
    f"at least {COMPARISONS} comparisons, a match rate whose lower bound is at least {MATCH_RATE}, a Lambda error rate"
    f" of at most {ERROR_RATE:.0%} and a Lambda p95 of at most {P95_MS:.0f} ms or, where visitors wait longer than that"
    f" for legacy, {P95_OF_LEGACY} times theirs"
)

RETIREMENT_DAYS: Final = 14  # on `lambda` without an answer from legacy, before the legacy side can be deleted

ALARM_CALLS: Final = 200  # window of the alarm: the latest calls, and the latest comparisons
ALARM_MINIMUM: Final = 50  # fewer raise no alarm
ALARM_ERROR_SHARE: Final = 0.10  # a higher share of failed calls raises the alarm
ALARM_MISMATCH_SHARE: Final = 0.05  # a higher share of mismatches raises the alarm
