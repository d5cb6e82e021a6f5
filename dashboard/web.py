"""The pages behind their door: what ``streamlit run`` is given when ``sign_in`` is ``accounts``."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboard.doors import Doors, Gate, utc_now
from data import settings
from data.store.db import Store

_settings = settings.load()
_doors = Doors(_settings, Store(_settings.database), utc_now)
app = App(
    Path(__file__).with_name("app.py"),
    routes=_doors.routes(),
    middleware=[Middleware(Gate, known=_doors.known)],
)
