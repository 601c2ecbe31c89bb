"""The table of faults: for each, what a read and a write come to in every stage.

L and λ say which side answered a read or took a write. `L<Timeout` is legacy standing in for Lambda, which failed so; a
name alone is the error that the visitor sees. After a read stands what its comparison is recorded as: `=` for a match,
`≠` for a mismatch, `x` for a Lambda side that failed; nothing where none is recorded. After a write, `+L` and `+λ` say
which side owes it in the ledger until it is repaired. Whatever becomes of a write, both sides hold the same after the
repairs, and what was acknowledged is there once.

`Down` is `Unavailable` or `Timeout` and `Busy` is `RateLimited` or `Timeout`, as timing has it; `or` stands between
other such cells. `Garbled` is short for `ContractViolation`, `Any` for either side with or without a match. `reads` and
`writes` are all that a fault's other rows do not name. Domains that only read know four of the stages.
"""

from functools import cache
from typing import Final

STAGES: Final = ("legacy", "dualwrite", "shadow", "live", "rampdown", "lambda")

_ALIASES: Final = {
    "Down": ("Unavailable", "Timeout"),
    "Busy": ("RateLimited", "Timeout"),
    "Garbled": ("ContractViolation",),
    "Any": ("L", "λ", "L =", "λ ="),
}

TABLE: Final = """
  call            | legacy    | dualwrite | shadow     | live               | rampdown         | lambda
nothing
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
refused connection
  reads           | L         | L         | L x        | L<Unavailable x    | L<Unavailable x  | Unavailable
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable +L
  writes          | L         | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable
reset mid-body
  reads           | L         | L         | L x        | L<Unavailable x    | L<Unavailable x  | Unavailable
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable +L
  writes          | L         | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable
slow first byte
  reads           | L         | L         | L x        | L<Timeout x        | L<Timeout x      | Timeout
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Timeout +λ       | L<Timeout +λ     | Timeout +L
  writes          | L         | L +λ      | L +λ       | L<Timeout +λ       | L<Timeout +λ     | Timeout
slow trickle
  reads           | L         | L         | L x        | L<Timeout x        | L<Timeout x      | Timeout
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Timeout +λ       | L<Timeout +λ     | Timeout +L
  writes          | L         | L +λ      | L +λ       | L<Timeout +λ       | L<Timeout +λ     | Timeout
burst of 500, 502, 503, 504
  reads           | L         | L         | L x        | L<Unavailable x    | L<Unavailable x  | Unavailable
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable +L
  writes          | L         | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable
504 though it was done
  reads           | L         | L         | L x        | L<Unavailable x    | L<Unavailable x  | Unavailable
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable +L
  writes          | L         | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable
503 twice, then fine
  reads           | L         | L         | L =        | λ =                | λ                | λ
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable +L
  writes          | L         | L +λ      | L +λ       | L<Unavailable +λ   | L<Unavailable +λ | Unavailable
429 with Retry-After
  reads           | L         | L         | L x        | L<RateLimited x    | L<RateLimited x  | RateLimited
  ask.forget      | L +λ      | L +λ      | L +λ       | L<RateLimited +λ   | L<RateLimited +λ | RateLimited +L
  writes          | L         | L +λ      | L +λ       | L<RateLimited +λ   | L<RateLimited +λ | RateLimited
HTML instead of JSON
  reads           | L         | L         | L x        | L<Garbled x        | L<Garbled x      | Garbled
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled +L
  writes          | L         | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled
truncated JSON
  reads           | L         | L         | L x        | L<Garbled x        | L<Garbled x      | Garbled
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled +L
  writes          | L         | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled
wrong types
  reads           | L         | L         | L x        | L<Garbled x        | L<Garbled x      | Garbled
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled +L
  writes          | L         | L +λ      | L +λ       | L<Garbled +λ       | L<Garbled +λ     | Garbled
delivered twice
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
duplicated history
  ask.history     | L         | L         | L x        | L<Garbled x        | L<Garbled x      | Garbled
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
reordered history
  ask.history     | L         | L         | L x        | L<Garbled x        | L<Garbled x      | Garbled
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
clocks a day ahead
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
clocks a day behind
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
cold-start storm
  reads           | L         | L         | L = or L x | λ = or L<Timeout x | λ or L<Timeout x | λ or Timeout
  ask.forget      | L or L +λ | L or L +λ | L or L +λ  | λ or L<Timeout +λ  | λ or L<Timeout +λ| λ or Timeout +L
  writes          | L         | L or L +λ | L or L +λ  | λ or L<Timeout +λ  | λ or L<Timeout +λ| λ or Timeout
killed mid-call
  search.hybrid   | L         | -         | L = or L x | λ = or L<Down x    | -                | λ or Down
  reads           | L         | L         | L x        | L<Down x           | L<Down x         | Down
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Down +λ          | L<Down +λ        | Down +L
  writes          | L         | L +λ      | L +λ       | L<Down +λ          | L<Down +λ        | Down
DynamoDB throttles
  search.hybrid   | L         | -         | L =        | λ =                | -                | λ
  industries.list | L         | -         | L =        | λ =                | -                | λ
  reads           | L         | L         | L x        | L<Busy x           | L<Busy x         | Busy
  ask.forget      | L +λ      | L +λ      | L +λ       | L<Busy +λ          | L<Busy +λ        | Busy +L
  writes          | L         | L +λ      | L +λ       | L<Busy +λ          | L<Busy +λ        | Busy
DynamoDB writes half a batch
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
DynamoDB reads are stale
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
S3 object missing
  stories.get     | L         | -         | L x        | L<Down x           | -                | Down
  search.hybrid   | L         | -         | L x        | L<Down x           | -                | Down
  ask.generate    | L         | L         | L x        | L<Down x           | L<Down x         | Down
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
S3 object corrupt
  stories.get     | L         | -         | L x        | L<Down x           | -                | Down
  search.hybrid   | L         | -         | L x        | L<Down x           | -                | Down
  ask.generate    | L         | L         | L x        | L<Down x           | L<Down x         | Down
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
disk full for records
  reads           | L         | L         | L          | λ                  | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
disk full for the ledger
  reads           | L         | L         | L =        | λ =                | λ                | λ
  ask.forget      | Down      | Down      | Down       | Down               | Down             | Down
  writes          | L         | Down      | Down       | Down               | Down             | λ
disk full for conversations
  reads           | L         | L         | L =        | λ =                | λ                | λ
  ask.forget      | Down +λ   | Down +λ   | Down +λ    | λ +L               | λ +L             | λ +L
  writes          | Down      | Down +λ   | Down +λ    | λ +L               | λ +L             | λ
flags removed
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
flags garbled
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
flags half-written
  stories.get     | L         | -         | L =        | λ =                | -                | λ
  search.hybrid   | L         | -         | L =        | λ =                | -                | λ
  reads           | L         | L         | L          | L                  | L                | L
  ask.rate        | L +λ      | L         | L          | L                  | L                | NotFound
  writes          | L         | L         | L          | L                  | L                | L
two flag editors
  stories.get     | Any       | -         | Any        | Any                | -                | Any
  search.hybrid   | Any       | -         | Any        | Any                | -                | Any
  reads           | L         | L         | L =        | λ =                | λ                | λ
  writes          | L         | L         | L          | λ                  | λ                | λ
"""


def expected(fault: str, call: str, stage: str) -> frozenset[str]:
    """What the cell of a call (`domain.operation`) may be."""
    rows = _rows()[fault]
    kind = "writes" if call in ("ask.append", "ask.forget", "ask.rate") else "reads"
    return _alternatives(rows.get(call, rows[kind])[STAGES.index(stage)])


def faults() -> tuple[str, ...]:
    """The names of the faults, in the table's order."""
    return tuple(_rows())


@cache
def _rows() -> dict[str, dict[str, list[str]]]:
    """Per fault and call the six cells."""
    rows: dict[str, dict[str, list[str]]] = {}
    for line in TABLE.strip().splitlines()[1:]:
        if "|" not in line:
            rows[line] = own = {}
            continue
        call, *cells = (cell.strip() for cell in line.split("|"))
        own[call] = cells
    return rows


def _alternatives(cell: str) -> frozenset[str]:
    written = cell.split(" or ")
    for alias, names in _ALIASES.items():
        written = [each.replace(alias, name) for each in written for name in (names if alias in each else (alias,))]
    return frozenset(written)
