"""Who holds a lease or a run: host, process and its birth, so that a dead holder is known."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def me() -> str:
    """Return this process's name as a holder: ``host:pid:birth``."""
    return f"{socket.gethostname()}:{os.getpid()}:{_birth(os.getpid())}"


def is_gone(holder: str) -> bool:
    """Tell whether the holder is a process of this host that no longer runs.

    False for a holder on another host: only the end of its lease frees what it holds.
    """
    host, pid, birth = holder.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    return _birth(int(pid)) != birth


def _birth(pid: int) -> str:
    """Return the start time of a process, "" if there is none: a reused pid has another birth."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return _alive_without_proc(pid)
    fields = stat.rpartition(")")[2].split()  # the name in brackets may hold spaces
    return "" if fields[0] == "Z" else fields[19]


def _alive_without_proc(pid: int) -> str:
    if Path("/proc").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
