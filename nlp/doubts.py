"""Why words of misconduct allege nothing: denied, supposed, asked, announced, somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from data.facts.lexicons import Lexicons
from nlp.trie import trie

_COMMA = re.compile("[，,：:]")
_ASKS = re.compile(r"^[^，。]{0,8}?(?:吗|么|呢)?[?？]|^.{0,6}(?:合法吗|违法吗|犯法吗|是真的吗)")
_NEAR, _FAR, _BEFORE, _AFTER, _ANNOUNCED = 3, 14, 22, 12, 14


class Doubt(StrEnum):
    """A reason to leave a match out, as people are told it."""

    DENIED = "否定"
    SUPPOSED = "假设"
    ASKED = "疑问"
    ANNOUNCED = "尚未发生"
    REVERSED = "方向相反"
    NO_DEBT = "与借贷无关"
    DEMAND = "投诉要求"
    CONTEXT = "文体"
    UNSPECIFIC = "已有具体行为"
    SLOGAN = "标题口号"
    SAME_ACT = "同一行为"


class Doubts:
    """Reads what stands around a match in its sentence."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Compile the cue lists."""
        negations = lexicons.negations
        self._near = re.compile(f"{_any(negations.near)}[^，,。：:]{{0,{_NEAR}}}$")
        self._but = re.compile(_any(negations.but))
        self._far = re.compile(f"{_any(negations.far)}[^，,。]{{0,{_FAR}}}$")
        self._rule = re.compile("不得|严禁|禁止|不应|不准")
        self._after = re.compile(f"^[^。]{{0,{_AFTER}}}?{_any(negations.after)}")
        self._supposed = re.compile(_any(lexicons.conditions))
        self._open = re.compile("会不会|是否会|能不能")
        self._asked = re.compile(f"{_any(lexicons.questions)}[^，,。]{{0,10}}$")
        self._announced = re.compile(_any(lexicons.announced))
        self._author = re.compile(
            f"{_any(lexicons.author)}(?!.*(?:投诉|举报|他们|对方|催收))[^，,。]{{0,10}}$"
        )
        self._creditor = re.compile(_any(lexicons.creditor))

    def denied(self, sentence: str, start: int, end: int) -> bool:
        """Tell whether the clause says that it did not, must not or may not happen."""
        clause = sentence[_clause_start(sentence, start) : start]
        near = self._near.search(clause)
        if near and not self._but.match(sentence[start - len(clause) + near.start() :]):
            return True
        return bool(
            self._far.search(clause)
            or self._rule.search(sentence[start:end])
            or self._after.search(sentence[end:])
        )

    def supposed(self, sentence: str, start: int) -> bool:
        """Tell whether it stands under a condition or a fear."""
        return bool(self._supposed.search(sentence[max(0, start - _BEFORE) : start]))

    def asked(self, sentence: str, start: int, end: int, stop: str) -> bool:
        """Tell whether somebody wants to know; ``stop`` is the sign that ends the sentence."""
        if self._asked.search(sentence[max(0, start - _BEFORE) : start]):
            return True
        if self._open.search(sentence[start:end]):
            return True
        return bool(
            "会" in sentence[max(0, start - 4) : start] and _ASKS.search(sentence[end:] + stop)
        )

    def announced(self, sentence: str, start: int, end: int) -> int | None:
        """Return where the announcement of the act begins, if it is only announced."""
        before = max(0, start - _ANNOUNCED)
        match = self._announced.search(sentence[before:start] + sentence[start:end][:3])
        return before + match.start() if match and before + match.start() <= start else None

    def reversed(self, sentence: str, start: int) -> bool:
        """Tell whether the borrower acts, or somebody to whom others owe money."""
        clause = sentence[_clause_start(sentence, start) : start]
        clause += sentence[start : start + 2]
        return bool(self._author.search(clause) or self._creditor.search(sentence[:start]))


def _clause_start(sentence: str, at: int) -> int:
    commas = [match.end() for match in _COMMA.finditer(sentence, 0, at)]
    return commas[-1] if commas else 0


def _any(words: Iterable[str]) -> str:
    return f"(?:{trie(words)})"


def contexts_of(counts: Sequence[tuple[str, int]], own_voice: int) -> list[str]:
    """Return the contexts that a text belongs to, from its cues and its words of the first person.

    An advertisement speaks in the first person too; the other kinds of text hardly do.
    """
    found = []
    for name, n in counts:
        patient = name in {
            "policy_news",
            "lender_pr",
            "legal_qa",
            "industry_analysis",
            "figurative",
        }
        need = 2 + (own_voice >= 2) * 2 if patient else 2  # noqa: PLR2004
        if n >= need:
            found.append(name)
    return found
