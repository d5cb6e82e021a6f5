"""Labelled public text for training and measuring: read where it lies, never copied.

The folder holds one sub-folder per set, as docs/quality.md lists them; a set that is missing is
left out. Names of the companies a text is about are replaced before anything is learnt.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from data import facts
from data.errors import InputError
from data.model import Mention, Sentiment
from data.scenarios.generate import generate
from nlp.sentiment import CLASSES, nameless

NEGATIVE, NEUTRAL, POSITIVE = range(3)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with its class (index into sentiment.CLASSES) and the split that its set gives it."""

    text: str
    label: int
    split: str = ""
    title: str = ""


def load(folder: Path) -> dict[str, list[Sample]]:
    """Return the sets found in ``folder`` by name. Raises InputError when there is none."""
    found: dict[str, list[Sample]] = {}
    for name, place, read in _SETS:
        file = folder / place
        if file.exists():
            with opened(file) as lines:
                samples = [sample for sample in read(lines) if sample.text.strip()]
            found.setdefault(name, []).extend(samples)
    if not found:
        raise InputError(
            f"{folder}: no set is there that we know; see docs/quality.md for the list"
        )
    return found


def own(seeds: Iterable[int]) -> list[Sample]:
    """Return texts of the scenario generator, written by us, with the feeling they were given.

    They are what a lender's news, praise, questions and jokes look like, of which public sets
    have little. Even seeds are for training; odd ones are left for measuring.
    """
    lenders = facts.lenders()
    names = [name for lender in lenders for name in lender.names]
    classes = {label: number for number, label in enumerate(CLASSES)}
    samples = []
    for seed in seeds:
        plan = generate(seed, _OWN_START, _OWN_DAYS, lenders=lenders, per_day=_OWN_PER_DAY)
        for planned in plan.planned:
            label = classes[planned.gold.sentiment]
            title, text = (
                nameless(body, names) for body in (planned.mention.title, planned.mention.text)
            )
            samples.append(Sample(text, label, planned.gold.content, title))
    return samples


def told() -> list[Sample]:
    """Return the sentences of allegations.yaml that must be found: short accounts, all against."""
    return [Sample(text, NEGATIVE) for entry in facts.allegations() for text in entry.spec["hits"]]


def lessons() -> list[Sample]:
    """Return short texts that we wrote for what n-grams miss: denial, contrast, manners, irony."""
    classes = {label.value: number for number, label in enumerate(CLASSES)}
    lines = _LESSONS.read_text("utf-8").splitlines()
    return [Sample(text, classes[label]) for label, text in (line.split("\t", 1) for line in lines)]


def sorts() -> list[Sample]:
    """Return whole texts that we wrote, of the sorts that say how they feel (FELT).

    A question does not accuse whom it asks about, however much it talks of dunning.
    """
    names = [name for lender in facts.lenders() for name in lender.names]
    files = sorted(_LESSONS.parent.glob("texts_*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [
        Sample(nameless(row["text"], names), FELT[row["content"]])
        for row in rows
        if row["content"] in FELT
    ]


def people(corrected: Iterable[tuple[Mention, Sentiment]], names: Sequence[str]) -> list[Sample]:
    """Return mentions with the feeling that people gave them, without the ``names`` of lenders."""
    return [
        Sample(nameless(m.text, names), CLASSES.index(feeling), "", nameless(m.title, names))
        for m, feeling in corrected
    ]


FELT = {
    **dict.fromkeys(("account", "report", "demand"), NEGATIVE),
    **dict.fromkeys(("question", "legal_qa", "rule", "job_ad", "lender_pr"), NEUTRAL),
    "praise": POSITIVE,
}
"""How a text of this sort feels about the lender that it names; other sorts leave it open."""
_LESSONS = Path(__file__).with_name("lessons") / "feelings.tsv"
_OWN_START = datetime(2026, 9, 1, tzinfo=UTC)
_OWN_DAYS, _OWN_PER_DAY = 12, 60.0


def titles(folder: Path) -> list[str]:
    """Return headlines of all topics, for which no allegation is ever right; [] without them."""
    file = folder / "thucnews-titles" / "dev.txt.gz"
    if not file.exists():
        return []
    with opened(file) as lines:
        return [line.rsplit("\t", 1)[0] for line in lines if line.strip()]


def opened(file: Path) -> TextIO:
    """Return a compressed file of text, open for reading."""
    opener = lzma.open if file.suffix == ".xz" else gzip.open
    return opener(file, "rt", encoding="utf-8-sig", newline="")


def _bdci(lines: TextIO) -> Iterator[Sample]:
    for row in map(json.loads, lines):
        title, text = (nameless(row[part], row["entities"]) for part in ("title", "text"))
        label = NEGATIVE if row["negative"] else NEUTRAL
        yield Sample(text, label, row["split"], title)


def _inews(lines: TextIO) -> Iterator[Sample]:
    for row in map(json.loads, lines):
        yield Sample(row["text"], 2 - int(row["label"]), row["split"], row["title"])


def _forum(lines: TextIO) -> Iterator[Sample]:
    for row in map(json.loads, lines):
        yield Sample(row["text"], int(row["label"]), row["split"])


def _company_news(lines: TextIO) -> Iterator[Sample]:
    for row in csv.DictReader(lines):
        title, text = (nameless(row[part], [row["公司"]]) for part in ("标题", "正文"))
        label = POSITIVE if float(row["正负面"]) > 0 else NEGATIVE
        yield Sample(text, label, title=title)


def _reviews(column: str) -> Callable[[TextIO], Iterator[Sample]]:
    def read(lines: TextIO) -> Iterator[Sample]:
        for row in csv.DictReader(lines):
            yield Sample(row[column], POSITIVE if row["label"] == "1" else NEGATIVE)

    return read


def _tabbed(split: str) -> Callable[[TextIO], Iterator[Sample]]:
    def read(lines: TextIO) -> Iterator[Sample]:
        rows: Iterable[dict[str, Any]] = csv.DictReader(
            lines, delimiter="\t", quoting=csv.QUOTE_NONE
        )
        for row in rows:
            yield Sample(row["text_a"], POSITIVE if row["label"] == "1" else NEGATIVE, split)

    return read


_SETS: tuple[tuple[str, str, Callable[[TextIO], Iterator[Sample]]], ...] = (
    ("bdci", "bdci2019-finance-negative/bdci2019_fin_negative.jsonl.xz", _bdci),
    ("inews", "inews-2019-web-news-3class/inews.jsonl.xz", _inews),
    ("forum", "fincuge-finfe-forum-sentiment/finfe.jsonl.xz", _forum),
    ("company_news", "financial-news-pos-neg/news.csv.xz", _company_news),
    ("shopping", "online-shopping-10-cats/online_shopping_10_cats.csv.gz", _reviews("review")),
    ("waimai", "waimai-10k/waimai_10k.csv.gz", _reviews("review")),
    ("hotel", "chnsenticorp-htl-all/ChnSentiCorp_htl_all.csv.gz", _reviews("review")),
    ("chnsenticorp", "chnsenticorp-standard-split/train.tsv.gz", _tabbed("train")),
    ("chnsenticorp", "chnsenticorp-standard-split/dev.tsv.gz", _tabbed("dev")),
)
FAMILIES = {
    "bdci": "finance", "company_news": "company", "own": "finance", "inews": "news",
    "people": "finance", "forum": "forum", "shopping": "review", "waimai": "review",
    "hotel": "review", "chnsenticorp": "review",
}  # fmt: skip
"""What sort of text a set holds: texts of one family share weights in the sentiment model."""
