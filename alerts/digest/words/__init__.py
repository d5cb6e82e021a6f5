"""The digest's sentences: a small grammar in two languages, the same keys in each.

``one mention|{n} mentions``: what stands before the bar is for n = 1.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

from alerts.digest.period import Kind

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
GRAMMAR = 2
"""The version of the sentences, which stands in every form; 1 are files that name none.

Whoever changes a sentence raises it and adds the hash of the new files to GRAMMARS.
"""
GRAMMARS = {2: "940327f3400e"}
"""The first twelve hex digits of the SHA-256 of both languages' files, by version."""
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Words:
    """One language, for one kind of period."""

    language: Language
    kind: Kind
    known: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its values; an unknown key is a bug (KeyError)."""
        single, _, several = self.known[key].partition("|")
        sentence = several if several and str(values.get("n")) != "1" else single
        common = {"this": self.known[f"this_{self.kind}"], "last": self.known[f"last_{self.kind}"]}
        sentence = sentence.format(**common, **values)
        return sentence[:1].upper() + sentence[1:] if self.language == "en" else sentence

    def inside(self, key: str, **values: object) -> str:
        """Return words that stand inside a sentence: without a capital."""
        said = self(key, **values)
        return said[:1].lower() + said[1:] if self.language == "en" else said

    def number(self, value: int) -> str:
        """Write a count in full: 1,284. A digest is checked, so nothing is shortened."""
        return f"{value:,}"

    def length(self, minutes: int) -> str:
        """Write a duration in its two largest units."""
        days, rest = divmod(minutes, _DAY)
        hours, left = divmod(rest, _HOUR)
        units = (("days", days), ("hours", hours), ("minutes", left))
        parts = [self.inside(unit, n=n) for unit, n in units if n][:2]
        return " ".join(parts) or self.inside("minutes", n=0)

    def moment(self, iso: str) -> str:
        """Write a moment of the period: 11月17日 02:00, 17 Nov 02:00."""
        at = datetime.fromisoformat(iso)
        return f"{self.day(iso)} {at:%H:%M}"

    def tick(self, iso: str) -> str:
        """Write a day as shortly as an axis needs it."""
        at = datetime.fromisoformat(iso)
        return f"{at.month}/{at.day}" if self.language == "zh" else f"{at.day} {at:%b}"

    def day(self, iso: str) -> str:
        """Write a day without its year."""
        at = datetime.fromisoformat(iso)
        return f"{at.month}月{at.day}日" if self.language == "zh" else f"{at.day} {at:%b}"


def fingerprint() -> str:
    """Return what GRAMMARS must say of the files as they are."""
    files = (Path(__file__).parent / f"{language}.toml" for language in LANGUAGES)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@cache
def _read(language: Language) -> Mapping[str, str]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))


def words(language: Language, kind: Kind) -> Words:
    """Return the words of a language."""
    return Words(language, kind, _read(language))
