"""What a crawl noted, in the reader's language: crawlers write plain English sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from dashboard import words
from dashboard.words import Words

_PLACE = re.compile(r"(?P<place>/\S*): (?P<why>.+)")
"""What was wrong on a page begins with its path."""


def remark(t: Words, note: str) -> str:
    """Return a note with each sentence that we know in the reader's words, the rest as it is."""
    if t.language == words.load("en").language:
        return note
    return t("list.semicolon").join(_sentence(t, part) for part in note.split("; "))


def _sentence(t: Words, said: str) -> str:
    for key, shape in _shapes().items():
        if found := shape.fullmatch(said):
            inner = found.groupdict()
            if "why" in inner:
                inner["why"] = _sentence(t, inner["why"])
            return t.of("remark", key).format(**inner)
    if found := _PLACE.fullmatch(said):
        return f"{found['place']}{t('policy.colon')}{_sentence(t, found['why'])}"
    return said


@cache
def _shapes() -> Mapping[str, re.Pattern[str]]:
    """Return what each English sentence of the group ``remark`` looks like, filled in."""
    english = words.load("en")
    return {key: _shape(english.of("remark", key)) for key in english.keys("remark")}


def _shape(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", sentence)
    held = [f"(?P<{one}>.+?)" if n % 2 else re.escape(one) for n, one in enumerate(parts)]
    return re.compile("".join(held))
