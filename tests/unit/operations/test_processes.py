"""Child processes: one log, one end, and nothing left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from operations.stack import processes
from operations.stack.processes import Processes

ROOT = Path(__file__).resolve().parents[3]
FOREVER = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {FOREVER!r}])
print("child", child.pid, flush=True)
child.wait()
"""


def start(running: Processes, name: str, code: str, **environment: str) -> None:
    running.start(name, [sys.executable, "-c", code], {**os.environ, **environment}, ROOT)


def eventually(found: Callable[[], object]) -> object:
    deadline = time.monotonic() + 10
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return value


def ours() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> object:
    before = {child.pid for child in ours()}
    yield
    assert [child.cmdline() for child in ours() if child.pid not in before] == []


def test_lines_go_to_one_log_under_their_process_names(capfd: pytest.CaptureFixture[str]) -> None:
    with Processes() as running:
        start(running, "cloud", "print('é here'); print(); print('   '); import sys; print('there', file=sys.stderr)")
        start(running, "a long name", "import sys; sys.stdout.buffer.write(b'\\xff no text\\n')")
        printed: list[str] = []

        def complete() -> bool:
            printed.append(capfd.readouterr().out)
            return "".join(printed).count("\n") == 3

        eventually(complete)
    lines = "".join(printed).splitlines()
    assert sorted(lines) == ["a long name | � no text", "cloud | there", "cloud | é here"]


def test_a_process_gets_the_environment_and_the_folder_and_no_input(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = "import os, sys; print(os.environ['COLOUR'], repr(sys.stdin.read()), os.getcwd())"
    with Processes() as running:
        start(running, "child", told, COLOUR="green")
        printed: list[str] = []
        eventually(lambda: printed.append(capfd.readouterr().out) or "\n" in "".join(printed))
    assert "".join(printed) == f"child | green '' {ROOT}\n"


def test_the_first_that_ends_is_named_with_its_code() -> None:
    with Processes() as running:
        start(running, "steady", FOREVER)
        assert running.ended() is None
        start(running, "brief", "raise SystemExit(7)")
        assert eventually(running.ended) == ("brief", 7)


def test_all_end_when_the_block_does_even_by_an_exception() -> None:
    running = Processes()

    def fail() -> None:
        with running:
            start(running, "one", FOREVER)
            start(running, "two", FOREVER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert running.ended() == ("one", -signal.SIGTERM)


def test_they_are_asked_to_end_last_started_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = """
import signal, sys, time
def note(*_):
    with open(sys.argv[0], "a") as log:
        log.write(NAME + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, note)
open(sys.argv[0] + NAME, "w").close()
time.sleep(60)
"""
    with Processes() as running:
        for name in ("cloud", "site"):
            own = code.replace("sys.argv[0]", repr(str(log))).replace("NAME", repr(name))
            start(running, name, own)
            eventually(lambda name=name: Path(f"{log}{name}").exists())
        site = next(child for child in ours() if "log" in " ".join(child.cmdline()) and "site" in child.cmdline()[-1])
        with pytest.MonkeyPatch.context() as patch:
            asked: list[int] = []
            send = subprocess.Popen.send_signal

            def noted(process: subprocess.Popen[str], number: int) -> None:
                asked.append(process.pid)
                send(process, number)

            patch.setattr(subprocess.Popen, "send_signal", noted)
            running.stop()
    assert asked[0] == site.pid
    assert sorted(log.read_text().split()) == ["cloud", "site"]


def test_one_that_ignores_the_request_is_killed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.3)
    with Processes() as running:
        start(running, "stubborn", STUBBORN)
        eventually(lambda: "ready" in capfd.readouterr().out)
    assert running.ended() == ("stubborn", -signal.SIGKILL)


def test_one_that_is_killed_takes_its_own_children_along(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.3)
    printed: list[str] = []
    with Processes() as running:
        start(running, "parent", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PARENT)
        eventually(lambda: printed.append(capfd.readouterr().out) or "child" in "".join(printed))
    grandchild = int("".join(printed).split()[-1])
    eventually(lambda: has_ended(grandchild))


def test_ctrl_c_in_the_terminal_reaches_them_through_us_alone() -> None:
    with Processes() as running:
        start(running, "child", FOREVER)
        (child,) = [item for item in ours() if item.cmdline()[-1] == FOREVER]
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_stopping_twice_and_stopping_the_ended_is_fine() -> None:
    with Processes() as running:
        start(running, "brief", "pass")
        eventually(running.ended)
        running.stop()
    running.stop()


def test_a_second_ctrl_c_while_stopping_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    running = Processes()
    start(running, "stubborn", STUBBORN)
    eventually(lambda: "ready" in capfd.readouterr().out)
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.8)
    again = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    again.start()
    try:
        running.stop()
        again.join()
    except KeyboardInterrupt:
        pytest.fail("the second Ctrl-C cut the stopping short")
    assert running.ended() is not None


def test_they_end_when_the_one_that_started_them_is_killed() -> None:
    code = f"""
import os, signal, sys
from operations.stack.processes import Processes
running = Processes()
running.start("child", [sys.executable, "-c", {FOREVER!r}], os.environ, ".")
print(running._running["child"].pid, flush=True)
signal.raise_signal(signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    eventually(lambda: has_ended(int(killed.stdout)))
