"""A walk through all six stages, with kills at random points, loses no acknowledged turn and doubles none."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.migration.conversations.repairs import run_repairs
from backend_clients.routed import Origin
from backend_clients.settings import REPOSITORY, Settings
from contracts.conversations import FeedbackRequest, ForgetRequest, HistoryRequest, Turn
from lambdas.local.launcher import Cloud, running_cloud
from tests.support.faults.chatter import turn_of
from tests.support.stacks.cloud import KEY

pytestmark = pytest.mark.alone

SESSIONS_A_STAGE = int(os.environ.get("KILL_TEST_SESSIONS", "8"))  # `make faults` runs 34, over 200 in all
TURNS = 3
STAGES = ("legacy", "dualwrite", "shadow", "live", "rampdown", "lambda")
FLAG = """\
flags:
  ask:
    state: ENABLED
    variants: {{legacy: legacy, dualwrite: dualwrite, shadow: shadow, live: live, rampdown: rampdown, lambda: lambda}}
    defaultVariant: {stage}
"""


@dataclass
class Walk:
    folder: Path
    cloud: Cloud
    clients: Clients
    chaos: random.Random = field(default_factory=lambda: random.Random(7))

    def put(self, stage: str) -> None:
        (self.folder / "feature_flags.yaml").write_text(FLAG.format(stage=stage))
        deadline = time.monotonic() + 30
        while self.clients.flags.stage("ask", "anyone").stage != stage:
            assert time.monotonic() < deadline, f"the flag did not become {stage}"
            time.sleep(0.05)

    def chat_and_kill(self, stage_number: int) -> None:
        """Chat through a stage's sessions while the site is killed twice and the Lambda processes now and then."""
        first = stage_number * SESSIONS_A_STAGE
        kills_left = 2
        while (code := self.chat(first, kill_after=self.chaos.uniform(1.8, 3.5) if kills_left else None)) != 0:
            assert code == -signal.SIGKILL, f"the chat ended with {code}"
            kills_left -= 1

    def chat(self, first: int, kill_after: float | None) -> int:
        arguments = [str(self.folder), self.cloud.url, KEY, str(first), str(first + SESSIONS_A_STAGE), str(TURNS)]
        process = subprocess.Popen([sys.executable, "-m", "tests.support.faults.chatter", *arguments], cwd=REPOSITORY)
        deadline = time.monotonic() + (kill_after or 90)
        next_kill, done = time.monotonic() + self.chaos.uniform(1.0, 4.0), self.progress()
        try:
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                # A process that is killed each time before it has started, on a busy machine, would tell nothing.
                if time.monotonic() > next_kill and self.progress() > done:
                    self.cloud.kill("AppendHistoryFunction")
                    next_kill, done = time.monotonic() + self.chaos.uniform(2.0, 4.0), self.progress()
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
        return process.wait()

    def progress(self) -> int:
        """Grows with each acknowledged turn."""
        noted = self.folder / "acknowledged.txt"
        return noted.stat().st_size if noted.exists() else 0

    def acknowledged(self) -> list[Turn]:
        ids = (self.folder / "acknowledged.txt").read_text().split()
        return [turn_of(turn_id.rpartition("-")[0], int(turn_id.rpartition("-")[2])) for turn_id in ids]

    def failed(self) -> list[str]:
        """Writes that failed before a visitor's eyes, with the reason."""
        return (self.folder / "failed.txt").read_text().splitlines()

    def missing_or_doubled(self, side: Origin, turns: list[Turn]) -> list[str]:
        kept: dict[str, list[Turn]] = {}
        wrong = []
        for turn in turns:
            if turn.session_id not in kept:
                kept[turn.session_id] = self.clients.conversation_sides[side].read(turn.session_id).turns
            session = kept[turn.session_id]
            if Counter(item.turn_id for item in session)[turn.turn_id] != 1 or turn not in session:
                wrong.append(turn.turn_id)
        return wrong

    def repair(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            report = run_repairs(self.clients.ledger, self.clients.conversation_sides)
            if not report.unresolved and not self.clients.ledger.open_repairs():
                return
            assert time.monotonic() < deadline, report.unresolved
            time.sleep(0.2)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    (tmp_path / "feature_flags.yaml").write_text(FLAG.format(stage="legacy"))
    with running_cloud(env={"API_KEY": KEY}) as cloud:
        settings = Settings(
            data_dir=tmp_path,
            flags_file=tmp_path / "feature_flags.yaml",
            api_key=SecretStr(KEY),
            ask_api_url=cloud.url,
            repair_seconds=0.5,
        )
        clients = build_clients(settings)
        try:
            yield Walk(tmp_path, cloud, clients)
        finally:
            clients.close()


def backfill_command(walk: Walk) -> list[str]:
    port = walk.cloud.url.rsplit(":", 1)[1]
    return [str(Path(sys.executable).with_name("mattgpt")), "backfill", "ask", "--api-port", port]


def environment(walk: Walk) -> dict[str, str]:
    return os.environ | {
        "FLAGS_FILE": str(walk.folder / "feature_flags.yaml"),
        "DATA_DIR": str(walk.folder),
        "API_KEY": KEY,
    }


def backfill_with_kills(walk: Walk) -> None:
    """Kill the command twice while it copies, then let it finish; its verification must be clean."""
    command = backfill_command(walk)
    for kill_after in (2.0, 2.6):
        process = subprocess.Popen([*command, "--pause-ms", "40"], env=environment(walk), stdout=subprocess.DEVNULL)
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    walk.repair()
    subprocess.run(command, env=environment(walk), check=True, stdout=subprocess.DEVNULL, timeout=90)


@pytest.mark.timeout(200 + 25 * SESSIONS_A_STAGE)
def test_no_acknowledged_turn_is_lost_or_doubled(walk: Walk) -> None:
    for number, stage in enumerate(STAGES):
        walk.put(stage)
        walk.chat_and_kill(number)
        turns = walk.acknowledged()
        assert len(turns) == (number + 1) * SESSIONS_A_STAGE * TURNS
        if stage == "lambda":  # it alone has no side that stands in
            assert walk.missing_or_doubled(Origin.LAMBDA, turns) == []
        else:
            assert walk.failed() == [], f"a visitor's write failed in {stage}"
            on_neither = set(walk.missing_or_doubled(Origin.LEGACY, turns)) & set(
                walk.missing_or_doubled(Origin.LAMBDA, turns)
            )
            assert on_neither == set()
        walk.repair()
        if stage == "dualwrite":
            backfill_with_kills(walk)
        if stage in STAGES[1:5]:
            for side in Origin:
                assert walk.missing_or_doubled(side, turns) == [], f"{side} after repairs in {stage}"
    go_back_to_legacy(walk, walk.acknowledged())


def go_back_to_legacy(walk: Walk, turns: list[Turn]) -> None:
    """Roll back from the stage in which legacy is written no more: what Lambda alone was given reaches legacy."""
    forgotten, rated = turns[0], turns[-1]
    walk.clients.ask.forget(ForgetRequest(session_id=forgotten.session_id), "visitor")
    walk.clients.ask.rate(FeedbackRequest(session_id=rated.session_id, turn_id=rated.turn_id, helpful=True), "visitor")
    turns = [turn for turn in turns if turn.session_id != forgotten.session_id]
    assert len(walk.missing_or_doubled(Origin.LEGACY, turns)) >= SESSIONS_A_STAGE * TURNS
    walk.put("rampdown")
    subprocess.run(backfill_command(walk), env=environment(walk), check=True, stdout=subprocess.DEVNULL, timeout=90)
    walk.put("legacy")
    assert walk.missing_or_doubled(Origin.LEGACY, turns) == []
    history = walk.clients.ask.history(HistoryRequest(session_id=rated.session_id), "visitor")
    assert (history.origin, [verdict.turn_id for verdict in history.value.verdicts]) == (Origin.LEGACY, [rated.turn_id])
    assert [side.read(forgotten.session_id).turns for side in walk.clients.conversation_sides.values()] == [(), ()]
