"""Let a source be read now: asked of the running watch, by those who may. No Streamlit."""

from __future__ import annotations

from datetime import datetime

from dashboard.actions import must
from dashboard.viewer import Right, Viewer
from data.errors import TingfengError
from data.settings import Settings
from data.store import approvals, asking
from data.store.asking import Asked
from data.store.db import Store


class NobodyReads(TingfengError):
    """No process is at work that would do what was asked."""


class NotApproved(TingfengError):
    """The source may not be read."""


def read_now(store: Store, settings: Settings, viewer: Viewer, source: str, now: datetime) -> Asked:
    """Ask for a source to be read at the next tick, and keep who asked.

    Raises NotAllowed, NotApproved, NobodyReads; Refused while a site that said no is left alone.
    """
    must(viewer, Right.ADMIN)
    with store.write() as conn:
        if not approved(settings, source, approvals.current(conn, source)):
            raise NotApproved(
                f"{source} is not approved or switched off; see `tingfeng source show {source}`"
            )
        if not asking.watched(conn, now):
            raise NobodyReads("no `tingfeng run` is at work that would read it; start one first")
        return asking.ask(conn, source, viewer.name, now)


def approved(settings: Settings, source: str, decision: approvals.Decision | None) -> bool:
    """Tell whether a source may be read: the newest decision in the store, else the settings'."""
    ours = settings.sources.get(source)
    if ours is not None and not ours.enabled:
        return False
    if decision is not None:
        return decision.allows
    return ours is not None and ours.approval is not None
