"""English names of places and articles, for pages in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data.errors import FactError
from data.facts.reading import read

FILE = Path(__file__).with_name("english.yaml")
PARTS = ("places", "codes", "articles")
_ARTICLE = re.compile(r"(旧)?第([〇零一二三四五六七八九十百千\d]+)条(之一)?(?:（(.+)）)?")
_PART = re.compile(r"([\d.]+)(?:（(.+)）)?")
_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1_000}


def place(zh: str) -> str:
    """Return a place's English name, or its own where there is none."""
    return _names()["places"].get(zh, zh)


def code(zh: str) -> str:
    """Return a province's two letters of ISO 3166-2:CN, for where its name does not fit."""
    return _names()["codes"].get(zh, place(zh))


def article(zh: str) -> str:
    """Return an article's English name: 第十条 is Article 10, 5.3（催收时间） is 5.3 (hours)."""
    known = _names()["articles"]
    if zh in known:
        return known[zh]
    if found := _ARTICLE.fullmatch(zh):
        old, first = "old " if found[1] else "", "-1" if found[3] else ""
        return f"{old}Article {_number(found[2])}{first}{_note(found[4], known)}"
    if found := _PART.fullmatch(zh):
        return found[1] + _note(found[2], known)
    return zh


def _note(words: str | None, known: Mapping[str, str]) -> str:
    return f" ({known.get(words, words)})" if words else ""


def _number(written: str) -> int:
    """Read 一千零二十四 as 1024; digits stay what they are."""
    if written.isdecimal():
        return int(written)
    whole = digit = 0
    for char in written:
        if char in _UNITS:
            whole += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return whole + digit


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    raw = read(FILE)
    parts = raw if isinstance(raw, dict) else {}
    for part in PARTS:
        if not isinstance(parts.get(part), dict):
            raise FactError(f"{FILE}: {part}: expected names in Chinese with their English ones")
    return {part: {str(zh): str(en) for zh, en in parts[part].items()} for part in PARTS}
