"""What one run saw, small enough to keep: from such notes we learn what is usual for a source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from parsel import Selector

from crawlers.pages import decode, read_json
from data.errors import LayoutChanged
from data.model import Mention

_MOST_PATHS = 400
_TOMORROW = timedelta(days=1)
_FIELDS = ("title", "text", "author", "outlet", "status", "published_at")
_HTML = re.compile(r"^\s*<", re.DOTALL)


class Observer:
    """Counts while a spider reads."""

    def __init__(self) -> None:
        self._items = 0
        self._future = 0
        self._filled: Counter[str] = Counter()
        self._lines = 0
        self._lists = 0
        self._skeletons: dict[str, list[str]] = {}

    def item(self, mention: Mention) -> None:
        """Note which fields of a mention hold something."""
        self._items += 1
        at = mention.published_at
        self._future += at is not None and at > mention.fetched_at + _TOMORROW
        self._filled.update(name for name in _FIELDS if getattr(mention, name))
        self._filled.update(f"extra.{name}" for name, value in mention.extra.items() if value)

    def lines(self, count: int) -> None:
        """Note how many lines a list page held."""
        self._lists += 1
        self._lines += count

    def page(self, kind: str, body: bytes) -> None:
        """Note the skeleton of the first page of a kind."""
        if kind not in self._skeletons:
            self._skeletons[kind] = skeleton(body)

    def notes(self, newest: datetime | None) -> dict[str, Any]:
        """Return it all as JSON values; ``newest`` is the time of the newest line of any list."""
        return {
            "items": self._items,
            "future": self._future,
            "filled": {name: n / self._items for name, n in sorted(self._filled.items())},
            "lines": self._lines,
            "lists": self._lists,
            "newest": newest.isoformat() if newest else None,
            "skeletons": self._skeletons,
        }


def skeleton(body: bytes) -> list[str]:
    """Return the paths a page is built of: keys and types of JSON, or tags with their classes.

    Lists count as one element and null as absent, so that what one page has more than another of
    its kind is little.
    """
    text = decode(body)
    if _HTML.match(text):
        paths = set(_tags(text))
    else:
        try:
            paths = set(_keys(read_json(body), ""))
        except LayoutChanged:
            paths = set()
    return sorted(paths)[:_MOST_PATHS]


def _keys(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = "*" if key.isdigit() else key
            yield from _keys(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value[:20]:
            yield from _keys(inner, f"{path}[]")
    elif value is not None:
        kind = "number" if type(value) in {int, float} else type(value).__name__
        yield f"{path}:{kind}"


def _tags(text: str) -> Iterator[str]:
    root = Selector(text=text[:500_000]).root
    for element in root.iter() if root is not None else ():
        parent = element.getparent()
        if isinstance(element.tag, str) and parent is not None:
            yield f"{_name(parent)} > {_name(element)}"


def _name(element: Any) -> str:
    classes = sorted(str(element.get("class", "")).split())
    return ".".join([str(element.tag), *classes])
