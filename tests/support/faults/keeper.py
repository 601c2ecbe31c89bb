"""A process that keeps turns in a conversation store and says so for each, until it is killed."""

import sys
from pathlib import Path

from backend_clients.ask.in_process.conversation_store import ConversationStore
from tests.support.sides.in_process import turn


def keep(path: Path, first: int) -> None:
    store = ConversationStore(path)
    number = first
    while True:
        store.append(turn(number, answer="x" * 2000))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
