"""Who is looking, and what they may do: the one place that reads a session, a header or nothing.

``none``: whoever sits at this machine, since only loopback is served. ``accounts``: the cookie that
``dashboard/doors.py`` set. ``header``: what the proxy in front of us says; only it can reach us.
``oidc``: the claims of the provider's ID token, which Streamlit keeps in a signed cookie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from data.settings import Settings
from data.settings_dashboard import Dashboard
from data.store import accounts
from data.store.db import Store

COOKIE = "tingfeng_session"


class Right(IntEnum):
    """What a person may do; each right includes those below it."""

    NONE = 0
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


NOBODY = Viewer("", Right.NONE)


def current(
    settings: Settings,
    store: Store,
    cookies: Mapping[str, str],
    headers: Mapping[str, str],
    claims: Mapping[str, Any],
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
    if pages.sign_in == "oidc":
        return _claimed(pages, claims) if signed_in(claims, now) else None
    token = cookies.get(COOKIE, "")
    if not token:
        return None
    with store.read() as conn:
        found = accounts.of_session(conn, token, now)
    if found is None or found.must_change:
        return None
    return Viewer(found.name, RIGHTS[found.role])


def signed_in(claims: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a provider has vouched for somebody, within the last SESSION."""
    issued = claims.get("iat")
    if not claims.get("is_logged_in") or not isinstance(issued, int | float):
        return False
    return now < datetime.fromtimestamp(issued, UTC) + accounts.SESSION


def _claimed(pages: Dashboard, claims: Mapping[str, Any]) -> Viewer | None:
    """Return the person of an ID token with the highest role that name and groups give.

    An address that the provider has not verified is anybody's, and names nobody.
    """
    oidc, name = pages.oidc, claims.get(pages.oidc.person)
    if not isinstance(name, str) or not name:
        return None
    roles = pages.roles
    if oidc.person == "email":
        if claims.get("email_verified") not in {True, "true"}:
            return None
        name, roles = name.lower(), {known.lower(): role for known, role in roles.items()}
    listed = claims.get(oidc.groups, ()) if oidc.groups else ()
    groups = [listed] if isinstance(listed, str) else listed
    given = [roles.get(name), *(oidc.group_roles.get(str(group)) for group in groups)]
    rights = [RIGHTS[role] for role in given if role]
    return Viewer(name[: accounts.NAME_LIMIT], max(rights)) if rights else None
