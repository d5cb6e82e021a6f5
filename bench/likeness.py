"""Likeness among a thousand to a million texts: time per text, memory, recall.

``python bench/likeness.py [N …]``. Texts are the planner's; to fill the index, eight in ten of
their characters are drawn anew, each as often as planned texts have it. Looked for are planned
texts of which a fifth of the characters is replaced, dropped or doubled.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from data.facts import lenders
from data.model import Mention, SourceKind
from data.scenarios.generate import generate
from data.store import mentions, templates
from data.store.db import Store
from data.store.schema import mention
from data.store.templates import Placed
from nlp.copies import Copies
from nlp.likeness import BEST, LikenessIndex, Sketches, sketches

NOW = datetime(2026, 11, 25, tzinfo=UTC)
QUERIES = 500
SHARE = 0.2
DRAWN = 0.8
_AT_ONCE = 5_000


def main(sizes: Sequence[int]) -> None:
    plan = generate(2, datetime(2026, 9, 1, tzinfo=UTC), 12, lenders=lenders(), per_day=60.0)
    own = [p.mention.text for p in plan.planned if len(p.mention.text) >= 60]  # noqa: PLR2004
    random, draw = Random(1), np.random.default_rng(1)
    chosen = random.sample(range(len(own)), min(QUERIES, len(own)))
    edited = [_edited(random, own[place]) for place in chosen]
    sketches(own[:1])  # the tables are made at first use
    before = _memory()
    index = LikenessIndex()
    index.add(sketches(own))
    print(f"{'texts':>10}{'us a text':>11}{'recall':>8}{'in the best':>13}{'met':>7}{'MB more':>9}")
    for size in sizes:
        while len(index) < size:
            index.add(_strangers(draw, own, min(_AT_ONCE, size - len(index))))
        spent, near = _asked(index, edited)
        recall = sum(place in found for place, found in zip(chosen, near, strict=True))
        best = sum(place in found[:BEST] for place, found in zip(chosen, near, strict=True))
        met = sum(map(len, near)) / len(near)
        print(
            f"{len(index):>10,}{spent * 1e6:>11.1f}{recall / len(near):>8.3f}"
            f"{best / len(near):>13.3f}{met:>7.1f}{_memory() - before:>9}"
        )
    print(_stored(index.rows(), edited))


def _stored(made: Sketches, asked: Sequence[str]) -> str:
    """Say how long a process takes to read the sketches of a store, and to place new mentions."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.db")
        store.migrate()
        for at in range(0, len(made), 10 * _AT_ONCE):
            with store.write() as conn:
                new = [a_mention(n) for n in range(at + 1, min(at + 10 * _AT_ONCE, len(made)) + 1)]
                conn.execute(insert(mention), new)
                placed = [Placed(m["id"], m["id"], made[m["id"] - 1].tobytes()) for m in new]
                templates.place(conn, [], placed)
        known = Copies()
        started = time.process_time()
        with store.read() as conn:
            known.catch_up(conn)
        read = time.process_time() - started
        fresh = [
            Mention("bench", f"q{n}", SourceKind.POST, "", text, NOW)
            for n, text in enumerate(asked)
        ]
        with store.write() as conn:
            fresh = mentions.get(conn, mentions.save(conn, fresh, NOW, b"key").ids)
            sketched = sketches([m.text for m in fresh])
            started = time.process_time()
            known.place(conn, fresh, sketched)
            each = (time.process_time() - started) / len(fresh)
        store.dispose()
    return f"stored: read in {read:.1f} s, then {each * 1e6:.0f} us to place a mention"


def a_mention(n: int) -> dict[str, Any]:
    """Return a row of the table of mentions."""
    return {
        "id": n, "source": "bench", "native_id": str(n), "kind": "post", "revision": 1,
        "first_seen_at": NOW, "fetched_at": NOW, "author": str(n), "outlet": "", "status": "",
        "reach": 0, "digest": "", "url": "", "title": "", "text": "…", "extra": {},
    }  # fmt: skip


def _asked(index: LikenessIndex, texts: Sequence[str]) -> tuple[float, list[list[int]]]:
    """Return the CPU seconds to sketch and look for one text, best of three, and what was found."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        near = index.near(sketches(texts))
        spent.append((time.process_time() - started) / len(texts))
    return min(spent), near


def _strangers(draw: np.random.Generator, own: Sequence[str], n: int) -> Sketches:
    points = _points("".join(own))
    texts = []
    for place in draw.integers(0, len(own), n).tolist():
        text = _points(own[place]).copy()
        new = draw.random(len(text)) < DRAWN
        text[new] = draw.choice(points, int(new.sum()))
        texts.append(text.tobytes().decode("utf-32-le"))
    return sketches(texts)


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _edited(random: Random, text: str) -> str:
    chars = re.sub(r"\s", "", text)
    return "".join(_edit(random, char, chars) if random.random() < SHARE else char for char in text)


def _edit(random: Random, char: str, others: Sequence[str]) -> str:
    return random.choice(["", random.choice(others), char + random.choice(others)])


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000])
