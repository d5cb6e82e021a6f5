"""Place what was assessed among the texts of the store: which repeats which, and the templates.

The index lives in memory and is filled from the store at the first batch of a process; after that
it only catches up. What it knows is derived: it can be thrown away at any moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from sqlalchemy import Connection

from data.model import Mention
from data.store import templates
from data.store.db import Store
from data.store.templates import ACCOUNTS, Placed
from nlp.likeness import BEST, HASHES, LikenessIndex, Sketches, confirmed, sketches
from nlp.template import template

_PAGE = 50_000
_PROOF = 40  # mentions of a group whose wording is compared


class Copies:
    """The sketches of one store's mentions, in the order in which they were placed."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._index = LikenessIndex()
        self._mentions: list[int] = []
        self._firsts: list[int] = []
        self._last = 0  # number of the newest row that is known

    def place(self, conn: Connection, mentions: Sequence[Mention], made: Sketches) -> None:
        """Say of each mention which earlier one it repeats, and keep the templates they touch."""
        self.catch_up(conn)
        before = templates.placed(conn, [m.id for m in mentions])
        fresh = [n for n, m in enumerate(mentions) if _changed(before.get(m.id), made[n])]
        new = [mentions[n] for n in fresh]
        firsts = self._join(conn, new, made[fresh])
        templates.place(
            conn,
            [m.id for m in new],
            [
                Placed(m.id, first, made[n].tobytes())
                for n, m, first in zip(fresh, new, firsts, strict=True)
                if made[n].any()
            ],
        )
        self._last = templates.last(conn)
        left = [before[m.id].first_id for m in new if m.id in before]
        moved = [first for m, first in zip(new, firsts, strict=True) if first != m.id]
        _keep_templates(conn, {*left, *moved})

    def _join(self, conn: Connection, new: Sequence[Mention], made: Sketches) -> list[int]:
        """Return the first mention that says the same as each, itself where there is none."""
        base = len(self._index)
        self._index.add(made)
        self._mentions += [m.id for m in new]
        near = [places[:BEST] for places in self._index.near(made, base)]
        others = {self._mentions[place] for places in near for place in places}
        texts = {**templates.texts(conn, others), **{m.id: m.text for m in new}}
        asked = [
            (n, place)
            for n, places in enumerate(near)
            for place in places
            if (other := self._mentions[place]) != new[n].id and other in texts
        ]
        told = confirmed(
            self._index, made, asked,
            [(texts[self._mentions[place]], new[n].text) for n, place in asked],
        )  # fmt: skip
        for n, m in enumerate(new):
            self._firsts.append(self._firsts[told[n]] if n in told else m.id)
        return self._firsts[base:]

    def catch_up(self, conn: Connection) -> None:
        """Read what was placed since; all of it, where the store is no longer the one we knew."""
        if self._last and not templates.stands(conn, self._last):
            self._index, self._mentions, self._firsts = LikenessIndex(), [], []
            self._last = 0
        while page := templates.placed_after(conn, self._last, _PAGE):
            whole = b"".join(placed.sketch for _, placed in page)
            self._index.add(np.frombuffer(whole, np.uint16).reshape(-1, HASHES))
            self._mentions += [placed.mention_id for _, placed in page]
            self._firsts += [placed.first_id for _, placed in page]
            self._last = page[-1][0]


def of(store: Store) -> Copies:
    """Return what this process knows of a store; of one store at a time."""
    if store.name not in _known:
        _known.clear()
        _known[store.name] = Copies()
    return _known[store.name]


_known: dict[str, Copies] = {}


def sketched(mentions: Iterable[Mention], about: Collection[int]) -> Sketches:
    """Return the mentions' sketches in order; of those whose id is not in ``about``, blank ones."""
    return sketches([m.text if m.id in about else "" for m in mentions])


def _changed(before: Placed | None, sketch: Sketches) -> bool:
    return bool(sketch.any()) if before is None else before.sketch != sketch.tobytes()


def _keep_templates(conn: Connection, first_ids: Iterable[int]) -> None:
    """Write the wording of each group of enough accounts anew; forget the others'."""
    sizes = templates.groups(conn, first_ids)
    small = set(first_ids) - {
        first for first, (accounts, _) in sizes.items() if accounts >= ACCOUNTS
    }
    for first in sorted(set(first_ids) - small):
        accounts, n = sizes[first]
        texts = templates.texts(conn, templates.members(conn, first, _PROOF))
        wording = template([text for _, text in sorted(texts.items())])
        if wording:
            templates.keep(conn, first, wording, accounts, n)
        else:
            small.add(first)
    templates.drop(conn, small)
