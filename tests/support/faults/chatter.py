"""A site that chats by itself: appends turns to sessions, and notes each one that was acknowledged, until killed."""

import os
import sys
from pathlib import Path

from pydantic import SecretStr

from backend_clients.bootstrap import build_clients
from backend_clients.errors import BackendError
from backend_clients.settings import Settings
from contracts.ask import AnswerMode, Modes
from contracts.conversations import Turn


def turn_of(session: str, number: int) -> Turn:
    return Turn(
        session_id=session,
        turn_id=f"{session}-{number:04d}",
        asked_at=1_750_000_000_000 + number,
        question=f"Question {number} of {session}?",
        answer=f"Answer {number}: 40% & “quotes”.",
        mode=AnswerMode.NARRATIVE,
        modes=Modes(narrative="n", key_points="k", deep_dive="d"),
    )


def chat(folder: Path, url: str, key: str, sessions: range, turns: int) -> None:
    """Chat through the sessions; a turn that fails is noted and tried again with the same id, as by a visitor."""
    settings = Settings(
        data_dir=folder,
        flags_file=folder / "feature_flags.yaml",
        api_key=SecretStr(key),
        ask_api_url=url,
        breaker_reset=0.2,
        repair_seconds=0.5,
        ask_read_timeout=3.0,
    )
    clients = build_clients(settings)
    acknowledged = os.open(folder / "acknowledged.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    failed = os.open(folder / "failed.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    done = set((folder / "acknowledged.txt").read_text().split())
    for session_number in sessions:
        session = f"kill-test-session-{session_number:05d}"
        for number in range(turns):
            turn = turn_of(session, number)
            for _ in range(200):
                if turn.turn_id in done:
                    break
                try:
                    clients.ask.append(turn, session)
                except BackendError as error:
                    os.write(failed, f"{turn.turn_id} {type(error).__name__}: {error}\n".encode())
                    continue
                os.write(acknowledged, f"{turn.turn_id}\n".encode())
                done.add(turn.turn_id)
    clients.pool.drain(10)
    clients.close()


if __name__ == "__main__":
    folder, url, key, first, last, turns = sys.argv[1:]
    chat(Path(folder), url, key, range(int(first), int(last)), int(turns))
