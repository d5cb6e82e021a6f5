"""The pages behind their door: what ``streamlit run`` is given where people sign in with us.

``accounts``: our own form, and nothing behind it without a session. ``oidc``: Streamlit's own
sign-in, whose secrets come from the settings and are kept in memory only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboard import oidc
from dashboard.doors import Doors, Gate, utc_now
from data import settings
from data.settings import Settings
from data.store.db import Store

SCRIPT = Path(__file__).with_name("app.py")


def _door(chosen: Settings) -> dict[str, Any]:
    """Return the routes, secrets and guards that the settings ask for."""
    if chosen.dashboard.sign_in == "oidc":
        secure = oidc.address(chosen).startswith("https")
        back = Middleware(oidc.WayBack, secure=secure)
        return {"middleware": [back], "secrets": oidc.secrets(chosen)}
    doors = Doors(chosen, Store(chosen.database), utc_now)
    return {"routes": doors.routes(), "middleware": [Middleware(Gate, known=doors.known)]}


app = App(SCRIPT, **_door(settings.load()))  # ``streamlit run`` finds it by these words
