"""Check a digest's file against the store: every number is computed anew, nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

from alerts.digest import figures as computing
from alerts.digest import period as periods
from alerts.digest import reading
from alerts.digest.forms import mail, tables, text, typeset
from alerts.digest.letter import compose
from alerts.digest.make import PICTURE, base_of, facts_of, scope_of
from alerts.digest.page import Page, page
from alerts.digest.reading import Said
from alerts.digest.words import LANGUAGES, Language
from data.errors import InputError
from data.settings import Settings
from data.store import digests
from data.store.db import Store

_ID = re.compile(
    r"(\d{4}-[W\d-]+) · ([\w+@-]+) · (zh|en) · (?:第 (\d+) 版|revision (\d+)) · ([0-9a-f]{12})"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file says and what the store says now; "" where one of them says nothing."""

    file: str
    store: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result for one file. ``genuine``: it is what was kept, though the store has moved on."""

    period: str
    scope: str
    revision: int
    lines: int
    differences: tuple[Difference, ...]
    genuine: bool

    @property
    def holds(self) -> bool:
        """Whether each line of the file is what the store says now."""
        return not self.differences


def verify(store: Store, settings: Settings, file: Path, now: datetime) -> Report:
    """Compute a file's digest anew and compare all it says. Raises InputError for other files."""
    said = reading.said(file)
    period, scope, language, revision = _claimed(file, said)
    with store.read() as conn:
        about = scope_of(settings, scope)
        found = computing.compute(conn, about, periods.parse(period, now), facts_of(settings))
        kept = digests.get(conn, period, scope, revision)
        before = digests.get(conn, period, scope, revision - 1)
    fresh = page(found, language, revision, before.content["figures"] if before else None)
    base, suffix = base_of(settings), file.suffix.lower()
    differences = tuple(_compare(said, _laid_out(suffix, fresh, found, base)))
    genuine = kept is not None and said == _laid_out(
        suffix, kept.content["pages"][language], kept.content["figures"], base
    )
    return Report(period, scope, revision, len(said), differences, genuine)


def _claimed(file: Path, said: Said) -> tuple[str, str, Language, int]:
    found = next((m for line in said if (m := _ID.search(line))), None)
    if found is None:
        raise InputError(
            f"{file}: no digest's identity line in it; hand in the file as it was made"
        )
    period, scope, language, zh, en, _ = found.groups()
    return period, scope, next(one for one in LANGUAGES if one == language), int(zh or en)


def _laid_out(suffix: str, one: Page, found: computing.Figures, base: str) -> Said:
    makers: dict[str, Callable[[], bytes]] = {
        ".html": lambda: mail.html(one, base, PICTURE).encode(),
        ".pdf": lambda: typeset.pdf(one, base),
        ".md": lambda: text.markdown(one, base).encode(),
        ".txt": lambda: text.text(one, base).encode(),
        ".xlsx": lambda: tables.workbook(one, found, base),
        ".eml": lambda: bytes(compose(one, base)),
    }
    return reading.READERS[suffix](makers[suffix]())


def _compare(said: Said, fresh: Said) -> Iterator[Difference]:
    """Yield where the lines differ, side by side."""
    matcher = SequenceMatcher(None, said, fresh, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            for left, right in zip_longest(said[i:j], fresh[k:m], fillvalue=""):
                yield Difference(left, right)
