"""What every page is given: who looks, in which words, at whom, and how to ask the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import streamlit as st
from sqlalchemy import Connection

from dashboard.naming import Naming
from dashboard.queries.revision import revision
from dashboard.viewer import Viewer
from dashboard.words import Words
from data.facts import allegations, lenders, rules, sources
from data.facts.allegations import Group, groups
from data.facts.levels import LevelFact, levels
from data.facts.rules import Rule
from data.facts.sources import SourceFact
from data.model import Allegation, Lender, Level
from data.settings import Settings
from data.store.db import Store

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's look at the pages: passed to each page and panel, never a global."""

    look: Callable[[], Viewer]  # who it is now: a button's call outlasts a lost role
    t: Words
    naming: Naming
    lender: str
    settings: Settings
    clock: Callable[[], datetime]
    pages: dict[str, Any]  # navigation's page objects by their address
    dark: bool = False

    @property
    def viewer(self) -> Viewer:
        """Who looks, asked again each time: between two clicks a role can be taken away."""
        return self.look()

    def ask(
        self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """Return ``query(conn, …)``, computed once for each state of the store."""
        return ask(self.settings.database, query, *args, **named)


def ask(url: str, query: Callable[..., T], *args: Any, **named: Any) -> T:
    """Run a query on a connection that only reads; an unchanged store answers from the cache.

    Arguments must be hashable, the answer picklable. Raises StoreError.
    """
    with store(url).read() as conn:
        seen = revision(conn)
    name = f"{query.__module__}.{query.__qualname__}"
    return cast("T", _answer(url, name, args, tuple(sorted(named.items())), seen, query))


@st.cache_data(max_entries=512, ttl=15, show_spinner=False)
def _answer(
    url: str,
    name: str,  # noqa: ARG001  # tells the cache which query it is
    args: Sequence[Any],
    named: Sequence[tuple[str, Any]],
    seen: tuple[int, ...],  # noqa: ARG001  # a new row anywhere makes a new key
    _query: Callable[..., Any],
) -> Any:
    """Ask the store; the time-out catches what changes without a new row, such as a send state."""
    with store(url).read() as conn:
        return _query(conn, *args, **dict(named))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the YAML files say, by slug or id."""

    lenders: Mapping[str, Lender]
    allegations: Mapping[str, Allegation]
    groups: Mapping[str, Group]
    rules: Mapping[str, Rule]
    sources: Mapping[str, SourceFact]
    levels: Mapping[Level, LevelFact]


def facts(settings: Settings) -> Facts:
    """Return what the files say now: each is kept until it changes. Raises FactError."""
    return Facts(
        lenders={fact.slug: fact for fact in lenders(settings.lenders)},
        allegations={fact.id: fact for fact in allegations(settings.allegations)},
        groups=groups(settings.allegations),
        rules=rules(),
        sources=sources(),
        levels=levels(settings.alerts.levels),
    )


@st.cache_resource(max_entries=4, show_spinner=False, on_release=Store.dispose)
def store(url: str) -> Store:
    """Return the store behind a URL: a pool that visitors' threads may share."""
    opened = Store(url)
    if opened.file is not None and not Path(opened.file).exists():
        opened.migrate()  # a dashboard opened first shows an empty store, not an error
    return opened
