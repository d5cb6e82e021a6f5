"""Who is looking, and what they may do: the one place that reads a session, a header or nothing.

``none``: whoever sits at this machine, since only loopback is served. ``accounts``: the cookie that
``dashboard/doors.py`` set. ``header``: what the proxy in front of us says; only it can reach us.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from data.settings import Settings
from data.store import accounts
from data.store.db import Store

COOKIE = "tingfeng_session"


class Right(IntEnum):
    """What a person may do; each right includes those below it."""

    READ = 1
    ACT = 2  # take incidents on, note, close; correct labels
    CASE = 3  # open, extend and close case files
    ADMIN = 4  # let a source be read now


RIGHTS = {"viewer": Right.READ, "analyst": Right.ACT, "compliance": Right.CASE,
          "admin": Right.ADMIN}  # fmt: skip
"""What each role may do."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person before the screen: the name that goes into the history, and what they may do."""

    name: str
    right: Right

    def may(self, right: Right) -> bool:
        """Tell whether this person may do it."""
        return self.right >= right


def current(
    settings: Settings,
    store: Store,
    cookies: Mapping[str, str],
    headers: Mapping[str, str],
    now: datetime,
) -> Viewer | None:
    """Return who is looking; None: nobody that we know, who may see nothing."""
    pages = settings.dashboard
    if pages.sign_in == "none":
        return Viewer(name="local", right=Right.ADMIN)
    if pages.sign_in == "header":
        name = headers.get(pages.user_header, "")
        role = pages.roles.get(name)
        return Viewer(name, RIGHTS[role]) if name and role else None
    token = cookies.get(COOKIE, "")
    if not token:
        return None
    with store.read() as conn:
        found = accounts.of_session(conn, token, now)
    if found is None or found.must_change:
        return None
    return Viewer(found.name, RIGHTS[found.role])
