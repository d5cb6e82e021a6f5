"""Child processes of ours: they end with us, and end cleanly when asked."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def spawn(
    module: str,
    *words: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdout: int | None = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    """Start ``python -m module words…`` in a session of its own, so that Ctrl-C is ours alone.

    On Linux the child gets SIGTERM when we are killed: no port stays taken. That follows the
    thread that started it, so call this from a thread that lives as long as the process.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env=env,
        stdout=stdout,
        text=True,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
    )


def stop(children: Sequence[subprocess.Popen[str]], patience_seconds: float = 10.0) -> None:
    """Ask children to end, together, and insist with those that have not after a while."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
