"""Which of our lenders a text names, and where: longest match, homonyms, masked names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from data.fold import fold
from data.model import Lender, Role
from nlp.repair import repaired
from nlp.text import View, folded

_HIDDEN = r"[*×xX＊○某_·.?？]{1,2}"
_HIDING = re.compile(r"[*×＊○某_]|[\u4e00-\u9fff][x?？]{1,2}[\u4e00-\u9fff]")
_SHORT = 2  # a name of so few characters is also a lake, a street or a given name
# The paper or the sponsor is named, not the culprit.
_BYSTANDER = re.compile(r"(?:来源|转自|转载自|摄影|记者|作者)[:：]?\s?$")
_SPONSOR = re.compile(r"^(?:杯|冠名|赞助|特约)")

_Hit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Name:
    """A lender's name in a raw text; ``subject`` is the slug its findings are filed under."""

    subject: str
    start: int
    end: int
    words: str


class SubjectFinder:
    """Finds the names of the lenders of one file."""

    def __init__(self, lenders: Sequence[Lender], money_words: Iterable[str]) -> None:
        """Prepare the names; ``money_words`` tell a lender from a lake of the same name."""
        self.roles: dict[str, Role] = {}
        self._products = {
            fold(name): lender.slug for lender in lenders if lender.owner for name in lender.names
        }
        owners = {lender.slug: lender for lender in lenders}
        names: dict[str, str] = {}
        for lender in lenders:
            self.roles[lender.subject] = owners[lender.subject].role
            for name in lender.names:
                names.setdefault(fold(name), lender.subject)
        for lender in lenders:
            for name in lender.not_names:
                names.setdefault(fold(name), "")
        self._names = list(names.items())
        self._automaton = AhoCorasick(list(names), matchkind=MatchKind.LeftmostLongest)
        self._money = AhoCorasick(list(money_words))
        self._masked = _masked({name: subject for name, subject in self._names if subject})

    def find(self, raw: str, *, about_money: bool = False) -> list[Name]:
        """Return the names in ``raw`` in reading order.

        A bare two-character name counts only where the text speaks of money, where a longer name
        stands too, or where ``about_money`` says that the place itself is about it.
        """
        view = folded(repaired(raw))
        hits = [
            (start, end, self._names[number][1])
            for number, start, end in self._automaton.find_matches_as_indexes(view.text)
            if self._names[number][1] and not _in_passing(view.text, start, end)
        ]
        hits = self._with_hidden(view.text, hits)
        if not hits:
            return []
        sure = about_money or any(end - start > _SHORT for start, end, _ in hits)
        if not sure and not self._money.find_matches_as_indexes(view.text):
            return []
        return [_name(raw, view, *hit) for hit in sorted(hits)]

    def product(self, name: Name) -> str:
        """Return the slug of the product that a name is of; "" for a company's own name."""
        return self._products.get(fold(name.words), "")

    def _with_hidden(self, text: str, hits: list[_Hit]) -> list[_Hit]:
        """Add masked names; one hides the bare name that it begins with."""
        if self._masked is None or not _HIDING.search(text):
            return hits
        expression, subjects = self._masked
        found = [
            (match.start(), match.end(), subjects[str(match.lastgroup)])
            for match in expression.finditer(text)
        ]
        return found + [
            (start, end, subject)
            for start, end, subject in hits
            if not any(first < end and start < last for first, last, _ in found)
        ]


def _name(raw: str, view: View, start: int, end: int, subject: str) -> Name:
    first, last = view.span(start, end)
    return Name(subject, first, last, raw[first:last])


def _in_passing(text: str, start: int, end: int) -> bool:
    return bool(_BYSTANDER.search(text[max(0, start - 5) : start]) or _SPONSOR.match(text[end:]))


def _masked(names: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]] | None:
    """Build one expression for the names of four and more characters with one or two hidden.

    A masked form that two companies share tells nothing and is left out.
    """
    forms: dict[str, set[str]] = {}
    for name, subject in names.items():
        if len(name) >= 4:  # noqa: PLR2004 - less and hardly anything is left to recognise
            for form in _forms(name):
                forms.setdefault(form, set()).add(subject)
    groups: dict[str, list[str]] = {}
    for form, subjects in forms.items():
        if len(subjects) == 1:
            groups.setdefault(next(iter(subjects)), []).append(form)
    if not groups:
        return None
    slugs = {f"g{number}": subject for number, subject in enumerate(groups)}
    parts = (
        f"(?P<g{number}>{'|'.join(sorted(group, key=len, reverse=True))})"
        for number, group in enumerate(groups.values())
    )
    return re.compile("|".join(parts)), slugs


def _forms(name: str) -> list[str]:
    """Return the name with each single character hidden, and each two neighbours."""
    forms = []
    for width in (1, 2):
        for at in range(len(name) - width + 1):
            left, right = name[:at], name[at + width :]
            if len(left) + len(right) >= 3 or (left and right and width == 1):  # noqa: PLR2004
                forms.append(re.escape(left) + _HIDDEN + re.escape(right))
    return forms
