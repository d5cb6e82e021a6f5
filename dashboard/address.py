"""What is worth sharing stands in the address: filters, language, lender; the widgets follow it.

Each helper puts the address's value into a widget before it is drawn, and returns the key and the
callback that write a change back. Values are slugs and ISO dates, never what the screen calls them,
so a link means the same in both languages. What does not fit the options is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from datetime import date
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T", str, int)
PAGE = "after"
"""The place in a long list: any change of a filter returns to its beginning."""
ITEM = "m"
"""The row of a list that is read beside it: another list has another first row."""


def one(name: str, options: Sequence[T], default: T) -> dict[str, Any]:
    """Follow a choice of one among ``options``."""
    asked = st.query_params.get(name)
    chosen = next((option for option in options if str(option) == asked), default)
    return _follow(name, chosen, default)


def kept(name: str, options: Sequence[str], default: str) -> dict[str, Any]:
    """Follow a choice that outlasts a change of page, which empties the address."""
    value, memory = chosen(name, options, default), f"kept_{name}"
    st.session_state[memory] = value
    if value != default:
        st.query_params[name] = value
    follow = _follow(name, value, default)
    return follow | {"on_change": _remember, "args": (memory, *follow["args"])}


def chosen(name: str, options: Sequence[str], default: str) -> str:
    """Return what ``kept`` holds, also before its widget is drawn."""
    for asked in (st.query_params.get(name), st.session_state.get(f"kept_{name}")):
        if asked in options:
            return str(asked)
    return default


def many(name: str, options: Sequence[str]) -> dict[str, Any]:
    """Follow a choice of any number among ``options``."""
    asked = st.query_params.get_all(name)
    return _follow(name, [option for option in options if option in asked], [])


def words(name: str) -> dict[str, Any]:
    """Follow a line of text."""
    return _follow(name, st.query_params.get(name, ""), "")


def day(name: str) -> dict[str, Any]:
    """Follow a day."""
    return _follow(name, _day(st.query_params.get(name, "")), None)


def asked(name: str, known: Container[str] | None = None, limit: int = 20) -> tuple[str, ...]:
    """Return the values of a choice of many as the address has them, those that are known."""
    values = dict.fromkeys(value[:80] for value in st.query_params.get_all(name))
    return tuple(value for value in values if known is None or value in known)[:limit]


def item(options: Sequence[int], default: int) -> dict[str, Any]:
    """Follow which row of a list is read; the place in the list stays."""
    written = st.query_params.get(ITEM, "")
    key = "at_item"
    st.session_state[key] = int(written) if written.isdecimal() else default
    if st.session_state[key] not in options:
        st.session_state[key] = None
    return {"key": key, "on_change": _pick, "args": (key,)}


def read(row: int) -> None:
    """Read this row of a list; a callback."""
    st.query_params[ITEM] = str(row)


def _pick(key: str) -> None:
    if st.session_state[key] is not None:
        read(st.session_state[key])


def turn_to(place: str | None) -> None:
    """Go to a place in a long list, or to its beginning; a callback."""
    st.query_params.pop(ITEM, None)
    if place is None:
        st.query_params.pop(PAGE, None)
    else:
        st.query_params[PAGE] = place


def _follow(name: str, value: Any, default: Any) -> dict[str, Any]:
    key = f"at_{name}"
    st.session_state[key] = value
    write: Callable[..., None] = _write
    return {"key": key, "on_change": write, "args": (name, key, default)}


def _write(name: str, key: str, default: Any) -> None:
    value = st.session_state[key]
    if name != "lang":
        st.query_params.pop(PAGE, None)
        st.query_params.pop(ITEM, None)
    if value in (default, None, "", []):
        st.query_params.pop(name, None)
    elif isinstance(value, list):
        st.query_params[name] = [str(item) for item in value]
    else:
        st.query_params[name] = str(value)


def _remember(memory: str, name: str, key: str, default: Any) -> None:
    st.session_state[memory] = st.session_state[key]
    _write(name, key, default)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
