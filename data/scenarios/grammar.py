"""Texts from a grammar: templates with slots and choices, drawn so that repeats come late.

``[a|b]`` is one of these, ``{x}`` the given fact or the rule ``x``, ``{x?}`` the same or nothing.
``<id:words>`` marks the words that carry an allegation; see ``marks.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from data.errors import FactError
from data.scenarios.chance import chance

TEXTS = Path(__file__).with_name("texts")
RULE_FILES = ("people", "complaints", "replies", "posts", "news", "crises")
_TOKEN = re.compile(r"\{(\w+)(\??)\}|[\[|\]]")

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a given fact or a rule; an optional one stays empty every second time."""

    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several templates."""

    templates: tuple[Template, ...]


Template = tuple["str | Slot | Choice", ...]


def parse(source: str) -> Template:
    """Read one template. A bracket without its partner is a ValueError."""
    stack: list[list[list[str | Slot | Choice]]] = [[[]]]
    end = 0
    for token in _TOKEN.finditer(source):
        if token.start() > end:
            stack[-1][-1].append(source[end : token.start()])
        end = token.end()
        if token[1]:
            stack[-1][-1].append(Slot(token[1], bool(token[2])))
        elif token[0] == "[":
            stack.append([[]])
        elif token[0] == "|":
            stack[-1].append([])
        else:
            done = stack.pop()
            if not stack:
                raise ValueError(f"']' without '[' in {source!r}")
            stack[-1][-1].append(Choice(tuple(tuple(one) for one in done)))
    if len(stack) > 1 or len(stack[0]) > 1:
        raise ValueError(f"'[' without ']', or a bare '|', in {source!r}")
    return (*stack[0][0], source[end:]) if end < len(source) else tuple(stack[0][0])


@cache
def table(name: str) -> Any:
    """Read one YAML file of the texts folder as it is. Not to be changed: everybody shares it."""
    return yaml.safe_load((TEXTS / f"{name}.yaml").read_text("utf-8"))


def _marked(allegation: str, source: str) -> str:
    """Give the words of an act their allegation: what < > hold, or else all of them."""
    source = re.sub(r"<(?!\w+:)", f"<{allegation}:", source)
    return source if "<" in source else f"<{allegation}:{source}>"


@cache
def rules() -> Mapping[str, Sequence[Template]]:
    """Read all rules; an act's name is its allegation's id. A broken template is a FactError."""
    found: dict[str, Sequence[Template]] = {}
    for name in ("acts", *RULE_FILES):
        for rule, sources in table(name).items():
            texts = [_marked(rule, s) for s in sources] if name == "acts" else sources
            try:
                found[rule] = tuple(parse(text) for text in texts)
            except (ValueError, TypeError) as error:
                place = TEXTS / f"{name}.yaml"
                raise FactError(f"{place}, rule {rule}: {error}; mend the template.") from error
    return found


def slots(template: Template) -> Iterable[str]:
    """Name every slot of a template, for the check that each can be filled."""
    for part in template:
        if isinstance(part, Slot):
            yield part.name
        elif isinstance(part, Choice):
            for inner in part.templates:
                yield from slots(inner)


@dataclass(slots=True)
class Pen:
    """Writes from the rules. Each rule is a shuffled deck, so every wording gets its turn."""

    rng: Random
    decks: dict[str, list[Template]] = field(default_factory=dict)

    def write(self, rule: str, given: Given) -> str:
        """Expand a rule into marked text."""
        return self._expand(self._draw(rule), given)

    def write_from(self, source: str, given: Given) -> str:
        """Expand a template that stands in the code."""
        return self._expand(_parsed(source), given)

    def _draw(self, rule: str) -> Template:
        deck = self.decks.setdefault(rule, [])
        if not deck:
            deck.extend(rules()[rule])
            self.rng.shuffle(deck)
        return deck.pop()

    def _expand(self, template: Template, given: Given) -> str:
        out: list[str] = []
        for part in template:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, Choice):
                out.append(self._expand(self.rng.choice(part.templates), given))
            elif not part.optional or chance(self.rng, 0.5):
                out.append(given[part.name] if part.name in given else self.write(part.name, given))
        return "".join(out)


_parsed = cache(parse)
