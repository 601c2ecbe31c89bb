"""`python -m bench [SUITE ...]`: measures, prints each figure with its budget, and fails if one exceeds it."""

import sys
from collections.abc import Callable
from typing import Final

from rich.console import Console

from bench import ask, cloud, pages, reruns, routing, search, shadow, stories
from bench.timing import Finding, table_of

SUITES: Final[dict[str, Callable[[], list[Finding]]]] = {
    "routing": routing.measure,
    "shadow": shadow.measure,
    "cloud": cloud.measure,
    "stories": stories.measure,
    "search": search.measure,
    "ask": ask.measure,
    "pages": pages.measure,
    "reruns": reruns.measure,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"no suite {unknown[0]!r}; there are {', '.join(SUITES)}", file=sys.stderr)
        return 2
    console = Console()
    over = 0
    for name in names or SUITES:
        findings = SUITES[name]()
        over += sum(finding.within is False for finding in findings)
        console.print(table_of(name, findings))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
