"""The words that patterns are made of, and the contexts in which words allege nothing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from data.errors import FactError
from data.facts.reading import read, table
from data.fold import fold

FILE = Path(__file__).with_name("lexicons.yaml")

Word = Annotated[str, Field(min_length=1)]
Words = tuple[Word, ...]


class Negations(BaseModel):
    """Words that take an allegation back: close before it, anywhere before it, or after it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    near: Words
    but: Words
    far: Words
    after: Words


class Context(BaseModel):
    """A kind of text that speaks of misconduct and alleges none, known by its words.

    Two cues tell it; in a short text that is nobody's own account, one of ``alone`` does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str = Field(min_length=1)
    cues: Words = Field(min_length=1)
    alone: Words = ()


class Spelling(BaseModel):
    """Evasive ways to write a word; contextual ones need a debt word close by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    safe: Words = ()
    contextual: Words = ()


class Lexicons(BaseModel):
    """Everything in lexicons.yaml, with lists inside lists already opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[str, Words]
    shapes: dict[str, str]
    debt_context: Words
    strict_debt_context: Words
    money_context: Words
    negations: Negations
    conditions: Words
    questions: Words
    announced: Words
    author: Words
    creditor: Words
    contexts: tuple[Context, ...]
    spellings: dict[str, Spelling]
    by_sound: Words  # three characters and more, recognised in characters that sound the same

    @field_validator("words")
    @classmethod
    def _open(cls, words: dict[str, Words]) -> dict[str, Words]:
        return {name: tuple(dict.fromkeys(_opened(words, name))) for name in words}

    @field_validator("shapes")
    @classmethod
    def _compiles(cls, shapes: dict[str, str]) -> dict[str, str]:
        for name, shape in shapes.items():
            try:
                re.compile(shape)
            except re.error as error:
                raise ValueError(f"{name} is no regular expression: {error}") from None
        return shapes


@cache
def lexicons(path: Path | None = None) -> Lexicons:
    """Return the lexicons. Raises FactError, also for a word that folding would change."""
    file = path or FILE
    found = table(file, read(file), Lexicons)
    for name, words in found.words.items():
        for word in words:
            if fold(word) != word:
                raise FactError(f"{file}: words: {name}: {word!r} must be written {fold(word)!r}")
    return found


def _opened(words: dict[str, Words], name: str) -> list[str]:
    found: list[str] = []
    for word in words[name]:
        inner = word[1:-1] if word.startswith("{") and word.endswith("}") else ""
        if inner == name or (inner and inner not in words):
            raise ValueError(f"{name}: there is no other list {inner!r}")
        found += _opened(words, inner) if inner else [word]
    return found
