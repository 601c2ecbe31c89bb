"""Child processes that never outlive this one."""

import ctypes
import os
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends.

    On other systems than Linux a worker exits as soon as its runtime API stops responding.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_group(pid: int) -> None:
    """SIGKILL a process that leads its own session, and its children."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
