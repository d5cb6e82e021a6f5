"""Read evasive spellings as the words they stand for: 崔收, bl催收, 催*收, txl."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

from data.facts.lexicons import Lexicons, Spelling
from data.fold import fold
from nlp.text import View

Edit = tuple[int, int, str]

# 催*收, 催 收: a sign or a blank between two characters, where sentences do not end
_PULLED_APART = re.compile(
    r"[\u4e00-\u9fffa-z](?![，。！？；：、,.!?;:…—])[^\w\n]{1,2}[\u4e00-\u9fffa-z]|[\u4e00-\u9fff][._][\u4e00-\u9fff]"
)
_STOP = frozenset("，。！？；：、,!?;:\n…—“”\"'（）()《》【】")
_LETTERS = re.compile(r"[^\W_]+")
_NEAR = 3
_DEBT = re.compile("催|贷|欠|逾|还款|债|暴力|借|征信|网|收|款|骚扰|电话|爆|协商")


class Spellings:
    """Rewrites a folded view; every rewritten word keeps its stretch of raw text."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Prepare the lists of ``spellings`` and the words that signs may not hide."""
        self._safe = _by_spelling(lexicons.spellings, contextual=False)
        self._risky = _by_spelling(lexicons.spellings, contextual=True)
        self._spelt = AhoCorasick(list(self._safe), matchkind=MatchKind.LeftmostLongest)
        self._letters = re.compile(
            "|".join(_whole(word) for word in sorted(self._risky, key=len, reverse=True))
        )
        hideable = {*lexicons.spellings, *lexicons.strict_debt_context, *self._safe}
        self._hidden = [word for word in hideable if len(word) > 1]
        self._words = AhoCorasick(self._hidden, matchkind=MatchKind.LeftmostLongest)

    def read(self, view: View) -> View:
        """Return the view with every evasive spelling written plainly."""
        if _PULLED_APART.search(view.text):
            view = view.rewritten(self._pulled_together(view.text))
        view = view.rewritten(self._known(view.text))
        return view.rewritten(self._abbreviated(view.text))

    def _known(self, text: str) -> Iterable[Edit]:
        for _, start, end in self._spelt.find_matches_as_indexes(text):
            yield start, end, self._safe[text[start:end]]

    def _abbreviated(self, text: str) -> Iterable[Edit]:
        for match in self._letters.finditer(text):
            start, end = match.span()
            if _DEBT.search(text[max(0, start - _NEAR) : start] + "\n" + text[end : end + _NEAR]):
                yield start, end, self._risky[match[0]]

    def _pulled_together(self, text: str) -> Iterable[Edit]:
        """Yield the words that signs stand in, found in what is left without any sign."""
        runs = [match.span() for match in _LETTERS.finditer(text)]
        ends = list(accumulate(end - start for start, end in runs))
        bones = "".join(text[start:end] for start, end in runs)
        for number, start, end in self._words.find_matches_as_indexes(bones):
            first, last = (_place(runs, ends, at) for at in (start, end - 1))
            word = self._hidden[number]
            shown = text[first : last + 1]
            if len(shown) > len(word) and not _STOP & set(shown) and _small_gaps(shown):
                yield first, last + 1, word


def _place(runs: Sequence[tuple[int, int]], ends: Sequence[int], at: int) -> int:
    """Return where character ``at`` of the joined runs stands in the text."""
    number = bisect_right(ends, at)
    return runs[number][1] - (ends[number] - at)


def _small_gaps(shown: str) -> bool:
    return re.search(r"[^\w]{3}", shown) is None


def _by_spelling(spellings: Mapping[str, Spelling], *, contextual: bool) -> dict[str, str]:
    return {
        fold(way): word
        for word, spelling in spellings.items()
        for way in (spelling.contextual if contextual else spelling.safe)
        if fold(way) != word
    }


def _whole(word: str) -> str:
    """Letters must not be part of a longer word; Han characters stand for themselves."""
    left = r"(?<![a-z0-9])" if word[0].isascii() else ""
    right = r"(?![a-z0-9])" if word[-1].isascii() else ""
    return f"{left}{re.escape(word)}{right}"
