"""What sites that are searched by keyword share: which items a keyword finds, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from crawlers.replica.shelf import Clock, Shelf
from data.fold import fold
from data.scenarios.format import Planned

_TOPICS = (
    "消费金融",
    "催收",
    "贷款",
    "征信",
    "借款",
    "金融",
    "消费",
    "融资",
    "助贷",
    "新政",
    "收盘",
)
"""Searched besides names when a scenario has news that name no lender."""
_ASTRAY = 100


class Searched:
    """The items of a scenario, by keyword: a search that is none too strict."""

    slug: str

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        self._items = [(fold(f"{p.mention.title} {p.mention.text}"), p) for p in planned]
        self._by_id = {p.mention.native_id: p for _, p in self._items}
        self._clock = clock
        self._shelves: dict[str, Shelf] = {}

    def shelf(self, keyword: str) -> Shelf:
        """Return what a keyword finds: its hits, and every hundredth item without it."""
        if keyword not in self._shelves:
            sought = fold(keyword)
            hits = [
                p
                for at, (words, p) in enumerate(self._items)
                if sought in words or not at % _ASTRAY
            ]
            self._shelves[keyword] = Shelf(hits, self._clock)
        return self._shelves[keyword]

    def visible(self, native_id: str) -> Planned | None:
        """Return an item by its id, if its time has come."""
        item = self._by_id.get(native_id)
        return item if item is not None and item.visible_at <= self._clock() else None

    @staticmethod
    def targets(planned: Iterable[Planned], names: tuple[str, ...], _address: str) -> list[str]:
        """Return the names, and those shorter words and topics that find what they do not."""
        chosen = []
        left = [fold(f"{item.mention.title} {item.mention.text}") for item in planned]
        short = dict.fromkeys(name[:2] for name in names)  # namesakes are found as well
        for word in dict.fromkeys((*names, *short, *_TOPICS)):
            missed = [text for text in left if fold(word) not in text]
            if len(missed) < len(left) or word in names:
                chosen.append(word)
            left = missed
        return chosen
