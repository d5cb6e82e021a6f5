"""What the screen says, in two languages: flat TOML files with the same keys.

``t("feed.empty")`` is one sentence; ``t.of("outcome", "refused")`` is the word for a value of the
store, or the value itself where it is not ours to translate. No Streamlit here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
"""Chinese first; English mirrors it."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sentences by key; call it with a key and the values it names."""

    language: str
    known: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """Return the sentence, filled in. Raises KeyError for a key that is in no file.

        ``one mention|{n} mentions``: what stands before the bar is for n = 1.
        """
        single, _, several = self.known[key].partition("|")
        sentence = several if several and str(values.get("n")) != "1" else single
        return sentence.format(**values) if values else sentence

    def of(self, group: str, value: str) -> str:
        """Return the word for ``value`` in a group of words, or the value as it is."""
        return self.known.get(f"{group}.{value}", value)

    def keys(self, group: str) -> tuple[str, ...]:
        """Return the values that a group has words for, in the file's order."""
        prefix = f"{group}."
        return tuple(key.removeprefix(prefix) for key in self.known if key.startswith(prefix))


@cache
def load(language: str) -> Words:
    """Read one language; anything unknown is Chinese."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    tables = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
    known = {f"{table}.{key}": text for table, rows in tables.items() for key, text in rows.items()}
    return Words(name, known)
