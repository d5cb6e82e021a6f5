"""Which of our lenders a text names, and where: longest match, homonyms, masked names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from data.fold import fold
from data.model import Lender, Role
from nlp.pages import Page, page
from nlp.signs import Signs, each_hit
from nlp.text import View

_HIDDEN = r"[*×xX＊○某_·.?？]{1,2}"
_SIGN = re.compile(_HIDDEN.removesuffix("{1,2}"))
_HIDING = re.compile(r"[*×＊○某_]|[\u4e00-\u9fff][x?？]{1,2}[\u4e00-\u9fff]")
_SIGNS = Signs(["*×＊○某_x?？"])
_SHORT = 2  # a name of so few characters is also a lake, a street or a given name
# The paper or the sponsor is named, not the culprit.
_BYSTANDER = re.compile(r"(?:来源|转自|转载自|摄影|记者|作者)[:：]?\s?$")
_ENDS, _BEGINS = frozenset("源自影者:："), frozenset("杯冠赞特")
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
        self._masked = _Masked({name: subject for name, subject in self._names if subject})

    def find(self, raw: str, *, about_money: bool = False) -> list[Name]:
        """Return the names in ``raw`` in reading order.

        A bare two-character name counts only where the text speaks of money, where a longer name
        stands too, or where ``about_money`` says that the place itself is about it.
        """
        return self.find_all([page(raw)], [about_money])[0]

    def find_all(self, pages: Sequence[Page], about_money: Sequence[bool]) -> list[list[Name]]:
        """Return the names in each text, as ``find`` does."""
        texts = [page.view.text for page in pages]
        hits: dict[int, list[_Hit]] = {number: [] for number in self._hiding(texts)}
        for which, word, start, end in each_hit(self._automaton, texts):
            subject = self._names[word][1]
            if subject and not _in_passing(texts[which], start, end):
                hits.setdefault(which, []).append((start, end, subject))
        found: list[list[Name]] = [[] for _ in pages]
        for which, known in hits.items():
            found[which] = self._sure(pages[which], known, about_money[which])
        return found

    def _hiding(self, texts: Sequence[str]) -> list[int]:
        """Return the texts in which a sign may hide part of a name."""
        return [number for number, signs in enumerate(_SIGNS.together(texts)) if signs]

    def _sure(self, page: Page, known: Sequence[_Hit], about_money: bool) -> list[Name]:
        text = page.view.text
        hits = self._with_hidden(text, known)
        if not hits:
            return []
        sure = about_money or any(end - start > _SHORT for start, end, _ in hits)
        if not sure and not self._money.find_matches_as_indexes(text):
            return []
        return [_name(page.raw, page.view, *hit) for hit in sorted(hits)]

    def product(self, name: Name) -> str:
        """Return the slug of the product that a name is of; "" for a company's own name."""
        return self._products.get(fold(name.words), "")

    def _with_hidden(self, text: str, hits: Sequence[_Hit]) -> list[_Hit]:
        """Add masked names; one hides the bare name that it begins with."""
        if not _HIDING.search(text) or not self._masked.may_hide(text):
            return list(hits)
        found = self._masked.find(text)
        return found + [
            (start, end, subject)
            for start, end, subject in hits
            if not any(first < end and start < last for first, last, _ in found)
        ]


def _name(raw: str, view: View, start: int, end: int, subject: str) -> Name:
    first, last = view.span(start, end)
    return Name(subject, first, last, raw[first:last])


def _in_passing(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 5) : start], text[end : end + 2]
    return bool(
        (before and _may_end(before[-1]) and _BYSTANDER.search(before))
        or (after and after[0] in _BEGINS and _SPONSOR.match(after))
    )


def _may_end(char: str) -> bool:
    return char in _ENDS or char.isspace()


class _Masked:
    """The names of four and more characters with one or two hidden.

    A masked form that two companies share tells nothing and is left out.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        forms: dict[str, set[str]] = {}
        self._around: set[str] = set()
        self._before: set[str] = set()
        self._behind: set[str] = set()
        for name, subject in names.items():
            if len(name) >= 4:  # noqa: PLR2004 - less and hardly anything is left to recognise
                for left, right in _halves(name):
                    form = re.escape(left) + _HIDDEN + re.escape(right)
                    forms.setdefault(form, set()).add(subject)
                    self._note(left, right)
        groups: dict[str, list[str]] = {}
        for form, subjects in forms.items():
            if len(subjects) == 1:
                groups.setdefault(next(iter(subjects)), []).append(form)
        self._subjects = {f"g{number}": subject for number, subject in enumerate(groups)}
        parts = (
            f"(?P<g{number}>{'|'.join(sorted(group, key=len, reverse=True))})"
            for number, group in enumerate(groups.values())
        )
        self._expression = re.compile("|".join(parts) or "(?!)")

    def may_hide(self, text: str) -> bool:
        """Tell whether a sign stands between, before or behind what names have there."""
        for match in _SIGN.finditer(text):
            at = match.start()
            wide = _SIGN.match(text, at + 1) is not None
            for end in (at + 1, at + 2) if wide else (at + 1,):
                before, behind = text[max(0, at - 2) : at], text[end : end + 2]
                if (
                    before in self._before
                    or behind in self._behind
                    or before[-1:] + behind[:1] in self._around
                ):
                    return True
        return False

    def find(self, text: str) -> list[_Hit]:
        """Return the masked names in a folded text."""
        return [
            (*match.span(), self._subjects[str(match.lastgroup)])
            for match in self._expression.finditer(text)
        ]

    def _note(self, left: str, right: str) -> None:
        """Remember what stands beside the hidden part, two characters of it."""
        if left and right:
            self._around.add(left[-1] + right[0])
        elif left:
            self._before.add(left[-2:])
        else:
            self._behind.add(right[:2])


def _halves(name: str) -> Iterator[tuple[str, str]]:
    """Yield what is left and right of each single hidden character, and of each two neighbours."""
    for width in (1, 2):
        for at in range(len(name) - width + 1):
            left, right = name[:at], name[at + width :]
            if len(left) + len(right) >= 3 or (left and right and width == 1):  # noqa: PLR2004
                yield left, right


def with_given(raw: str, names: Sequence[Name], given: Iterable[str]) -> tuple[Name, ...]:
    """Return the names with every place of the words that were given as names, longest first."""
    found = list(names)
    for words in sorted(filter(None, given), key=len, reverse=True):
        for match in re.finditer(re.escape(words), raw):
            start, end = match.span()
            if all(end <= name.start or name.end <= start for name in found):
                found.append(Name(words, start, end, words))
    return tuple(sorted(found, key=lambda name: name.start))
