"""Check a digest's file against the store: every number is computed anew, nothing is trusted."""

from __future__ import annotations

import re
from collections import Counter
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
from alerts.digest.words import GRAMMAR, LANGUAGES, Language
from data.errors import InputError
from data.settings import Settings
from data.store import digests
from data.store.db import Store

_ID = re.compile(
    r"(\d{4}-[W\d-]+) · ([\w+@-]+) · (zh|en) · (?:第 (\d+) 版|revision (\d+)) · ([0-9a-f]{12})"
    r"(?: · (?:句式|grammar) (\d+))?"
)
_NAMELESS = 1
"""The version of the sentences in files that name none."""
_CHECKED = re.compile(r"[^\s(（\[]*\?[^\s)\]）]+|\d[\d,.:-]*")
"""What can be checked in words we cannot compute anew: addresses with their ids, and numbers."""
_PICTURE = re.compile(r"\w+/\w+ [0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file says and what the store says now; "" where one of them says nothing."""

    file: str
    store: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result for one file.

    Attributes:
        genuine: The file is what was kept, though the store or the sentences have moved on.
        grammar: The version of its sentences; of an older one than GRAMMAR the numbers, links and
            ids are compared with the store, and the words only with the kept page.
        worded: Its words could be compared with something.
    """

    period: str
    scope: str
    revision: int
    lines: int
    differences: tuple[Difference, ...]
    genuine: bool
    grammar: int
    worded: bool

    @property
    def holds(self) -> bool:
        """Whether all of the file that can be checked is what the store says now."""
        return not self.differences


def verify(store: Store, settings: Settings, file: Path, now: datetime) -> Report:
    """Compute a file's digest anew and compare all it says. Raises InputError for other files."""
    said = reading.said(file)
    own = _claimed(file, said)
    with store.read() as conn:
        about = scope_of(settings, own.scope)
        found = computing.compute(conn, about, periods.parse(own.period, now), facts_of(settings))
        kept = digests.get(conn, own.period, own.scope, own.revision)
        before = digests.get(conn, own.period, own.scope, own.revision - 1)
    fresh = page(found, own.language, own.revision, before.content["figures"] if before else None)
    base, suffix = base_of(settings), file.suffix.lower()
    anew = _laid_out(suffix, fresh, found, base)
    past = kept.content["pages"][own.language] if kept else None
    then = _laid_out(suffix, past, kept.content["figures"], base) if kept and past else None
    if own.grammar == GRAMMAR:
        differences = _compare(said, anew)
    elif then is not None and said != then:
        differences = _compare(said, then)
    else:
        differences = _counted(said, anew, own.mark, computing.digest(found), kept=said == then)
    told = (own.period, own.scope, own.revision, len(said))
    worded = own.grammar == GRAMMAR or then is not None
    return Report(*told, tuple(differences), said == then, own.grammar, worded)


@dataclass(frozen=True, slots=True)
class _Identity:
    """What the identity line of a file claims."""

    period: str
    scope: str
    language: Language
    revision: int
    mark: str
    grammar: int


def _claimed(file: Path, said: Said) -> _Identity:
    found = next((m for line in said if (m := _ID.search(line))), None)
    if found is None:
        raise InputError(
            f"{file}: no digest's identity line in it; hand in the file as it was made"
        )
    period, scope, written, zh, en, mark, grammar = found.groups()
    language = next(one for one in LANGUAGES if one == written)
    return _Identity(period, scope, language, int(zh or en), mark, int(grammar or _NAMELESS))


def _counted(said: Said, fresh: Said, mark: str, today: str, *, kept: bool) -> Iterator[Difference]:
    """Yield the numbers and addresses that the store does not say today, or not as often.

    Args:
        said: The file, whose words nobody can compute anew.
        fresh: What would be written of the store today.
        mark: The hash of its figures that the file names.
        today: The hash of the store's figures today.
        kept: The file is what was kept: then equal hashes tell that all its numbers still hold,
            however often the sentences of today name them.
    """
    same = today.startswith(mark)
    if kept and same:
        return
    if not (kept or same):
        yield Difference(mark, today[: len(mark)])
    ours, theirs = _checkable(said), _checkable(fresh)
    yield from (Difference(one, "") for one in (ours - theirs).elements())
    yield from (Difference("", one) for one in (theirs - ours).elements())


def _checkable(said: Said) -> Counter[str]:
    lines = (line for line in said if not (_ID.search(line) or _PICTURE.fullmatch(line)))
    return Counter(found for line in lines for found in _CHECKED.findall(line))


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
