"""Mentions a second through the whole assessment, next to SnowNLP(text).sentiments.

``python bench/assess.py [FOLDER]``. Both read the same texts in the same run, one process, one
thread, CPU time, in turns; the ratio survives a slower or busier machine, the rates do not. Ours is
names, sentiment, allegations, facts and likeness, in batches as the stage takes them. Texts are the
planner's by sort; with the FOLDER of public sets also finance news and reviews, which are assessed
although they name no lender of ours. At last ``tingfeng assess`` as it is run on a file of 5,000
complaints, and of news with the companies to judge: once with its start (models, patterns), once
warm.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from data.facts import lenders
from data.model import Mention, SourceKind
from data.scenarios.generate import generate
from nlp import corpora, judge, train_about
from nlp.assess import Assessor
from nlp.likeness import Repeats

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BATCH = 500
THEIRS = 50  # texts for SnowNLP a round: it takes seconds for more
ROUNDS = 3
SEED = 1
FILE = 5_000  # lines
Row = dict[str, Any]
_START = datetime(2026, 9, 1, tzinfo=UTC)


def main(folder: Path | None) -> None:
    assessor = Assessor(lenders())
    public = _public(folder) if folder else {}
    groups = _planned() | public
    assessor.look_all(groups["planned weeks, all"])  # expressions are compiled at first use
    gc.freeze()  # as the stage does: what stays is not looked through again and again
    ready = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'texts':<32}{'chars':>7}{'named':>7}{'mentions/s':>12}{'SnowNLP/s':>11}{'ratio':>7}")
    for name, texts in groups.items():
        ours, theirs = _both(assessor, texts, whole=name in public)
        length = sum(len(m.title) + len(m.text) for m in texts) / len(texts)
        named = len({a.mention_id for a in assessor.assess(texts, NOW)}) / len(texts)
        print(
            f"{name:<32}{length:>7.0f}{named:>7.0%}{ours:>12,.0f}{theirs:>11,.1f}"
            f"{ours / theirs:>7.0f}"
        )
    print(f"memory before SnowNLP was loaded: {ready} MB")
    print(f"{'a file':<34}{'/s':>9}{'warm':>9}{'SnowNLP/s':>11}{'ratio':>7}{'warm':>7}")
    files = {"complaints": _complaints(named=False), "… with companies": _complaints(named=True)}
    for name, rows in (files | (_news(folder) if folder else {})).items():
        first, warm, theirs = _file(rows)
        print(
            f"tingfeng assess, {name:<18}{first:>9,.0f}{warm:>9,.0f}{theirs:>11,.1f}"
            f"{first / theirs:>7.0f}{warm / theirs:>7.0f}"
        )


def _planned() -> dict[str, list[Mention]]:
    """Return planned weeks as they come, and by sort."""
    plan = generate(SEED, _START, 6, lenders=lenders(), per_day=60)
    week = [replace(p.mention, id=n, revision=1) for n, p in enumerate(plan.planned, start=1)]
    alleging = {n for n, p in enumerate(plan.planned, start=1) if p.gold.allegations}
    about = {n for n, p in enumerate(plan.planned, start=1) if p.gold.about}
    complaints = [m for m in week if m.kind is SourceKind.COMPLAINT and m.id in alleging]
    return {
        "planned weeks, all": week,
        "  complaints that allege": complaints,
        "  the same, four joined": _joined(complaints, 4),
        "  about us, nothing alleged": [m for m in week if m.id in about - alleging],
        "  news and notices": [
            m for m in week if m.kind in {SourceKind.NEWS, SourceKind.REGULATOR}
        ],
        "  about nobody we know": [m for m in week if m.id not in about],
    }


def _public(folder: Path) -> dict[str, list[Mention]]:
    random, sets = Random(SEED), corpora.load(folder)
    groups = {"finance news (BDCI)": "bdci", "stock forum (FinFE)": "forum", "reviews": "shopping"}
    return {
        name: [
            Mention(
                source="bench", native_id=str(n), kind=SourceKind.NEWS, url="", text=s.text,
                title=s.title, fetched_at=NOW, id=n, revision=1,
            )
            for n, s in enumerate(random.sample(sets[key], min(1_000, len(sets[key]))), start=1)
        ]
        for name, key in groups.items()
        if key in sets
    }  # fmt: skip


def _complaints(*, named: bool) -> list[Row]:
    """Return planned complaints; ``named`` with the companies they name, and one they do not."""
    random, names = Random(SEED), [name for lender in lenders() for name in lender.names]
    rows: list[Row] = []
    for seed in range(10, 30):
        plan = generate(seed, _START, 6, lenders=lenders(), per_day=300)
        for mention in (p.mention for p in plan.planned):
            if mention.kind is SourceKind.COMPLAINT:
                told = [name for name in names if name in mention.title + mention.text]
                also = {"entities": [*told, random.choice(names)]} if named else {}
                rows.append({"title": mention.title, "text": mention.text} | also)
    return rows[:FILE]


def _news(folder: Path) -> dict[str, list[Row]]:
    """Return the contest's news with the companies that it asks about."""
    known = train_about.read(folder)
    return {
        "BDCI news": [
            {"title": k.case.title, "text": k.case.text, "entities": k.case.entities} for k in known
        ]
    }


def _file(rows: Sequence[Row]) -> tuple[float, float, float]:
    """Return texts per second of a file: with our start, warm, and SnowNLP's."""
    few = [_mention(row) for row in Random(SEED).sample(list(rows), THEIRS)]
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        lines = (json.dumps({"id": n} | row, ensure_ascii=False) for n, row in enumerate(rows))
        source.write_text("\n".join(lines), "utf-8")
        first = _once(lambda: judge.assess_file(source, out), len(rows))
        ready = judge.Judge(lenders())
        ours, theirs = [], []
        for _ in range(ROUNDS + 1):  # the first compiles expressions
            ours.append(_once(lambda: ready.write(source, out), len(rows)))
            theirs.append(_once(lambda: _snownlp(few), len(few)))
    return first, max(ours), max(theirs)


def _mention(row: Row) -> Mention:
    return Mention(
        source="bench", native_id="-", kind=SourceKind.NEWS, url="", text=row["text"],
        title=row["title"], fetched_at=NOW,
    )  # fmt: skip


def _once(work: Callable[[], object], n: int) -> float:
    """Return texts per second of CPU time, of one round."""
    started = time.process_time()
    work()
    return n / (time.process_time() - started)


def _joined(mentions: Sequence[Mention], n: int) -> list[Mention]:
    parts = [mentions[at : at + n] for at in range(0, len(mentions) - n + 1, n)]
    return [replace(part[0], text="\n".join(m.text for m in part)) for part in parts]


def _both(assessor: Assessor, texts: Sequence[Mention], *, whole: bool) -> tuple[float, float]:
    """Return texts per second, ours and SnowNLP's: of rounds in turns, the best of each."""
    few = Random(SEED).sample(list(texts), min(THEIRS, len(texts)))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_rate(lambda: _assess(assessor, texts, whole=whole), len(texts)))
        theirs.append(_rate(lambda: _snownlp(few), len(few)))
    return max(ours), max(theirs)


def _assess(assessor: Assessor, texts: Sequence[Mention], *, whole: bool) -> None:
    repeats: Repeats[int] = Repeats()
    for at in range(0, len(texts), BATCH):
        batch = texts[at : at + BATCH]
        if whole:
            assessor.look_all(batch)
        else:
            assessor.assess(batch, NOW)
        repeats.firsts([m.id for m in batch], [m.text for m in batch])


def _snownlp(batch: Sequence[Mention]) -> None:
    from snownlp import SnowNLP  # 420 MB, 2.6 s: only here

    for mention in batch:
        SnowNLP(f"{mention.title} {mention.text}").sentiments  # noqa: B018


def _rate(work: Callable[[], object], n: int) -> float:
    """Return texts per second of CPU time, after one round to warm up."""
    work()
    started = time.process_time()
    rounds = 0
    while time.process_time() - started < 0.3:  # noqa: PLR2004
        work()
        rounds += 1
    return rounds * n / (time.process_time() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
