"""What alerts say, in Chinese and English: one TOML file a language, the same keys in each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return the sentences of one language by key, as format strings."""
    file = Path(__file__).with_name(f"{language}.toml")
    return dict(tomllib.loads(file.read_text("utf-8")))


def say(language: Language, key: str, **values: object) -> str:
    """Return one sentence with its values filled in; an unknown key is a bug (KeyError)."""
    return words(language)[key].format(**values)
