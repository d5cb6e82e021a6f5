"""Mandarin readings of characters, and texts as sequences of syllables without tones.

``pinyin.txt`` and ``common.txt`` are tables made once (see NOTICE); nothing is looked up elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

READINGS = Path(__file__).with_name("pinyin.txt")
COMMON = Path(__file__).with_name("common.txt")

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ"
_PRIVATE = 0xE000  # syllable n is the character U+E000 + n while sounds are compared
_LONGEST = 6  # letters of a syllable: zhuang, chuang, shuang
LETTERS = re.compile("[a-z]{2,}")
"""A run of letters, which may be pinyin."""


@cache
def readings() -> Mapping[str, frozenset[str]]:
    """Return the characters of GBK that each syllable, with its tone mark, can stand for."""
    table: dict[str, frozenset[str]] = {}
    for line in READINGS.read_text("utf-8").splitlines()[1:]:
        syllable, *groups = line.split(" ")
        table[syllable] = frozenset("".join(groups))
    return table


@cache
def ranks() -> Mapping[str, int]:
    """Return how common a character is: 0 for the commonest of 3,000."""
    lines = COMMON.read_text("utf-8").splitlines()[1:]
    return {char: rank for rank, char in enumerate("".join(lines))}


def plain(syllable: str) -> str:
    """Return a syllable without its tone mark: lǜ → lv, hǎo → hao."""
    bare = syllable.replace("ü", "v").translate(_UMLAUTS)
    letters = unicodedata.normalize("NFD", bare)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_UMLAUTS = str.maketrans("ǖǘǚǜ", "vvvv")


@cache
def _numbers() -> Mapping[str, int]:
    return {name: n for n, name in enumerate(sorted({plain(name) for name in readings()}))}


@cache
def _codes() -> Mapping[int, int]:
    """Return the syllable of each character, the most usual one, as a table for str.translate."""
    table: dict[int, int] = {}
    numbers = _numbers()
    for line in READINGS.read_text("utf-8").splitlines()[1:]:
        syllable, first, *_ = [*line.split(" "), ""]
        for char in first:
            table[ord(char)] = _PRIVATE + numbers[plain(syllable)]
    return table


def sound(word: str) -> str:
    """Return a word of Han characters as its syllables, one private character each."""
    return word.translate(_codes())


def alike(char: str) -> str:
    """Return the common characters that sound like ``char``, itself left out."""
    return _alike().get(sound(char), "").replace(char, "")


@cache
def _alike() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for char in ranks():
        found[sound(char)] = found.get(sound(char), "") + char
    return found


def sounds(text: str) -> tuple[str, Sequence[int]] | None:
    """Return a folded text as syllables and where each begins, or None if none is in letters.

    Runs of letters that can be read as pinyin become syllables; all else but Han stays as it is.
    """
    runs = [(match, spelt(match[0])) for match in LETTERS.finditer(text)]
    runs = [(match, parts) for match, parts in runs if parts]
    if not runs:
        return None
    coded = text.translate(_codes())
    pieces: list[str] = []
    starts: list[int] = []
    done = 0
    for match, parts in runs:
        pieces.append(coded[done : match.start()])
        starts += range(done, match.start())
        at = match.start()
        for part in parts:
            pieces.append(chr(_PRIVATE + _numbers()[part]))
            starts.append(at)
            at += len(part)
        done = match.end()
    pieces.append(coded[done:])
    return "".join(pieces), [*starts, *range(done, len(text) + 1)]


@cache
def spelt(letters: str) -> tuple[str, ...]:
    """Split letters into syllables, longest first with a way back; empty where none fits."""
    if not letters:
        return ()
    for length in range(min(_LONGEST, len(letters)), 0, -1):
        head, rest = letters[:length], letters[length:]
        if head in _numbers():
            tail = spelt(rest)
            if tail or not rest:
                return (head, *tail)
    return ()
