"""Read evasive spellings as the words they stand for: 崔收, bl催收, 催*收, txl, 暴li摧收."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, combinations, pairwise, product

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind
from numpy.typing import NDArray

from data.facts.lexicons import Lexicons, Spelling
from data.fold import fold
from nlp.pinyin import LETTERS, alike, sound, sounds, spelt
from nlp.signs import Signs, each_hit, whose
from nlp.text import View

Edit = tuple[int, int, str]

# 催*收, 催 收: a sign or a blank between two characters, where sentences do not end
_PULLED_APART = re.compile(
    r"[\u4e00-\u9fffa-z](?![，。！？；：、,.!?;:…—])[^\w\n]{1,2}[\u4e00-\u9fffa-z]|[\u4e00-\u9fff][._][\u4e00-\u9fff]"
)
_STOP = frozenset("，。！？；：、,!?;:\n…—“”\"'（）()《》【】")
_LETTER, _STOPS, _LATIN = 1, 2, 4
_SIGNS = Signs((str.isalnum, "".join(_STOP), "abcdefghijklmnopqrstuvwxyz"))
_LETTERS = re.compile(r"[^\W_]+")
_NEAR = 3
_NEAR_LONG = 8  # … for an abbreviation of three letters, which is hardly anything else
_ASCII_WORD = re.compile("[a-z0-9./@_-]")
_DEBT = re.compile("催|贷|欠|逾|还款|债|暴力|借|征信|网|收|款|骚扰|电话|爆|协商|假|寄|律所|法院")


class Spellings:
    """Rewrites a folded view; every rewritten word keeps its stretch of raw text."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Prepare the lists of ``spellings`` and the words that signs may not hide."""
        self._safe = _by_spelling(lexicons.spellings, contextual=False)
        self._risky = _by_spelling(lexicons.spellings, contextual=True)
        self._spelt = AhoCorasick(list(self._safe), matchkind=MatchKind.LeftmostLongest)
        self._letters = AhoCorasick(list(self._risky), matchkind=MatchKind.LeftmostLongest)
        hideable = {
            *lexicons.spellings, *lexicons.strict_debt_context, *lexicons.by_sound, *self._safe
        }  # fmt: skip
        self._hidden = [word for word in hideable if len(word) > 1]
        pairs = {ord(a) << 32 | ord(b) for word in self._hidden for a, b in pairwise(word)}
        self._pairs = np.array(sorted(pairs), np.int64)
        self._words = AhoCorasick(self._hidden, matchkind=MatchKind.LeftmostLongest)
        heard = {*lexicons.by_sound, *lexicons.spellings, *lexicons.strict_debt_context}
        self._heard = sorted(word for word in heard if _han(word))
        self._sounds = AhoCorasick(
            [sound(word) for word in self._heard], matchkind=MatchKind.LeftmostLongest
        )
        self._alike = {way: word for word in lexicons.by_sound for way in _homophones(word)}
        self._homophones = AhoCorasick(list(self._alike), matchkind=MatchKind.LeftmostLongest)

        self._any = AhoCorasick(
            [*self._safe, *self._risky, *self._alike], matchkind=MatchKind.LeftmostFirst
        )

    def read_all(self, views: Sequence[View]) -> list[View]:
        """Return each view as ``read`` does; only those with something to rewrite are read."""
        texts = [view.text for view in views]
        found = list(views)
        for number in sorted(self._suspected(texts)):
            found[number] = self.read(views[number])
        return found

    def _suspected(self, texts: Sequence[str]) -> set[int]:
        """Return the texts, by number, in which something may be spelt evasively."""
        found = {which for which, *_ in each_hit(self._any, texts)}
        latin = _SIGNS.beside(texts, _LATIN, _LATIN)
        runs = {run for number in latin for run in LETTERS.findall(texts[number])}
        read = [run for run in runs if spelt(run)]
        if read:
            found |= {
                number
                for number in latin
                if any(run in texts[number] for run in read) and any(self._in_pinyin(texts[number]))
            }
        return found.union(
            number
            for number in whose(self._pulled(texts), texts)
            if _PULLED_APART.search(texts[number])
        )

    def _pulled(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return where signs stand between two characters that some word has side by side."""
        points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        each = _SIGNS.table[np.minimum(points, 0xFFFF)]
        letters = np.flatnonzero(each & _LETTER)
        apart = np.flatnonzero(np.diff(letters) > 1)
        left, right = letters[apart], letters[apart + 1]
        stops = np.cumsum(each & _STOPS != 0)
        close = stops[left] == stops[right]
        left, right = left[close], right[close]
        both = points[left].astype(np.int64) << 32 | points[right]
        found: NDArray[np.int64] = left[np.isin(both, self._pairs)]
        return found

    def read(self, view: View) -> View:
        """Return the view with every evasive spelling written plainly."""
        if _PULLED_APART.search(view.text):
            view = view.rewritten(self._pulled_together(view.text))
        view = view.rewritten(self._known(view.text))
        view = view.rewritten(self._alike_in(view.text))
        view = view.rewritten(self._in_pinyin(view.text))
        return view.rewritten(self._abbreviated(view.text))

    def _known(self, text: str) -> Iterable[Edit]:
        for _, start, end in self._spelt.find_matches_as_indexes(text):
            if _whole_letters(text, start, end):
                yield start, end, self._safe[text[start:end]]

    def _abbreviated(self, text: str) -> Iterable[Edit]:
        for _, start, end in self._letters.find_matches_as_indexes(text):
            near = _NEAR if end - start < 3 else _NEAR_LONG  # noqa: PLR2004
            around = text[max(0, start - near) : start] + "\n" + text[end : end + near]
            if _whole_letters(text, start, end) and _DEBT.search(around):
                yield start, end, self._risky[text[start:end]]

    def _alike_in(self, text: str) -> Iterable[Edit]:
        """Yield words written in other characters that sound the same."""
        for _, start, end in self._homophones.find_matches_as_indexes(text):
            yield start, end, self._alike[text[start:end]]

    def _in_pinyin(self, text: str) -> Iterable[Edit]:
        """Yield words written partly or wholly in pinyin."""
        found = sounds(text)
        if found is None:
            return
        coded, starts = found
        for number, first, last in self._sounds.find_matches_as_indexes(coded):
            start, end = starts[first], starts[last]
            word, shown = self._heard[number], text[start:end]
            half = not _han(shown) and (set(word) & set(shown) or len(word) > 2)  # noqa: PLR2004
            if half and _whole_letters(text, start, end):
                yield start, end, word

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


def _homophones(word: str) -> Iterator[str]:
    """Yield a word with one or two of its characters replaced by common ones that sound alike.

    At least one character stays, of four two: more would be another word.
    """
    most = min(2, len(word) - 1 if len(word) < 4 else len(word) // 2)  # noqa: PLR2004
    for n in range(1, most + 1):
        for places in combinations(range(len(word)), n):
            for new in product(*(alike(word[place]) for place in places)):
                chars = list(word)
                for place, char in zip(places, new, strict=True):
                    chars[place] = char
                yield "".join(chars)


def _han(word: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in word)


def _whole_letters(text: str, start: int, end: int) -> bool:
    """Tell whether letters at the edges of a stretch are not part of a longer word or address."""
    left = text[start - 1 : start] if text[start].isascii() else ""
    right = text[end : end + 1] if text[end - 1].isascii() else ""
    return not (_ASCII_WORD.match(left) or _ASCII_WORD.match(right))


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
