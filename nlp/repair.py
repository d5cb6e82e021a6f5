"""Undo what careless pages do to Chinese: bracketed readings, bytes replaced across characters.

Some sites run replacements over GBK bytes: a traditional character gets its reading in brackets,
導(dǎo), and a full-width ？ becomes ?. Where the pattern matched the second byte of one character
and the first of the next, everything behind slid by a byte: 當的解決 became 當?shù)慕鉀Q, and
。科技手段還 became ??萍际侄芜€. The bytes are all there, so they are put together again; what is
lost is not guessed. The raw text is never changed, only the view of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log

from data.fold import fold
from nlp.pinyin import TONED, ranks, readings
from nlp.text import View

_Edit = tuple[int, int, str]

_SYLLABLE = f"[a-z{TONED}]{{1,7}}"
_GLOSS = re.compile(rf"([\u3400-\u9fff])[(（]({_SYLLABLE})[)）]")
_BROKEN = re.compile(
    rf"([\u3400-\u9fff])(?:[(（]{_SYLLABLE}[)）])?(\?)({_SYLLABLE})\)([\u3400-\u9fff]{{0,12}}[@-~])"
)
_SLID = re.compile(r"\?\?([\u3400-\u9fff]{1,16}[€@-~])")
_LETTERS = "abcdefghijklmnopqrstuvwxyzāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
_SUSPECT = re.compile(rf"[\u3400-\u9fff](?:[(（]|\?)[{_LETTERS}]|\?\?[\u3400-\u9fff]")
OPEN, FOLLOW = "(（?", _LETTERS + "?"
"""Wherever a text is damaged, one of the first stands before one of the second."""
_GAIN = 1.0  # mean log-probability by which a rebuilt run must be better
_FEW = 3  # readings without a tone mark count only among so many with one
_RARE = 8_000  # rank of a character outside the common ones


def repaired(raw: str) -> View:
    """Return the text with damage undone; what is rebuilt stands for the damaged stretch."""
    view = View(raw)
    if _SUSPECT.search(raw) is None:
        return view
    view = view.rewritten(_rebuilt(raw))
    return view.without(_glosses(view.text))


def garbling(raw: str) -> float:
    """Return the share of a text's Han characters that are damaged or annotated, 0 to 1.

    Ordinary pages have 0. A spun page has a fifth and more, and deserves little trust.
    """
    if _SUSPECT.search(raw) is None:
        return 0.0
    view = View(raw).rewritten(_rebuilt(raw))
    damaged = sum(len(new) for _, _, new in _rebuilt(raw)) + len(list(_glosses(view.text)))
    han = sum("\u3400" <= char <= "\u9fff" for char in view.text)
    return min(1.0, damaged / max(1, han))


def _rebuilt(text: str) -> list[_Edit]:
    """Return the stretches whose bytes slid, with the characters they were."""
    return sorted({*_slid_by_gloss(text), *_slid_by_mark(text)})


def _slid_by_gloss(text: str) -> Iterator[_Edit]:
    for match in _BROKEN.finditer(text):
        before, _, syllable, run = match.groups()
        lead = _gbk(before)[-1:]
        found = [
            rebuilt
            for char in readings().get(syllable, ())
            if (code := _gbk(char))[:1] == lead and (rebuilt := _decoded(code[1:] + _gbk(run)))
        ]
        if found:
            yield match.start(2), match.end(), max(found, key=_likelihood)


def _slid_by_mark(text: str) -> Iterator[_Edit]:
    for match in _SLID.finditer(text):
        rebuilt = _decoded(b"\xa1\xa3\xbf" + _gbk(match[1]))
        if rebuilt and _likelihood(rebuilt[1:]) > _likelihood(match[1]) + _GAIN:
            yield match.start(), match.end(), rebuilt


def _glosses(text: str) -> Iterator[tuple[int, int]]:
    found = [match for match in _GLOSS.finditer(text) if match[1] in readings().get(match[2], ())]
    sure = sum(not match[2].isascii() for match in found)
    for match in found:
        if not match[2].isascii() or sure >= _FEW:
            yield match.start() + 1, match.end()


def _gbk(text: str) -> bytes:
    """Return the bytes of code page 936, in which € is the single byte 80."""
    return b"".join(
        b"\x80" if char == "€" else char.encode("gbk", errors="ignore") for char in text
    )


def _decoded(code: bytes) -> str:
    try:
        text = code.decode("gbk")
    except UnicodeDecodeError:
        return ""
    return text if all("\u3000" <= char <= "\u9fff" for char in text) else ""


def _likelihood(text: str) -> float:
    """Return the mean log-probability of the characters, by Zipf's law over their ranks."""
    scores = [-log(ranks().get(char, _RARE) + 10) for char in fold(text)]
    return sum(scores) / max(1, len(scores))
