"""Change one thing in the text of a file of facts and leave the rest as people wrote it."""

from __future__ import annotations

import re

import yaml

_CHANNELS = re.compile(r"^channels:.*\n(?:[ \t].*\n)*", re.MULTILINE)


def entry(text: str, key: str) -> str:
    """Return what a file of allegations says of one; "" of one that it does not have."""
    first, last = _place(text, key)
    return text[first:last]


def with_entry(text: str, key: str, said: str) -> str:
    """Return a file of allegations that says something else of one."""
    first, last = _place(text, key)
    return f"{text[:first]}{said.rstrip()}\n{text[last:]}"


def _place(text: str, key: str) -> tuple[int, int]:
    found = re.search(rf"^  - id: {re.escape(key)}$", text, re.MULTILINE)
    if found is None:
        return len(text), len(text)
    end = re.compile(r"^  - id: ", re.MULTILINE).search(text, found.end())
    return found.start(), end.start() if end else len(text)


def with_route(text: str, channel: str, lowest_level: str, audience: str) -> str:
    """Return a file of whom to tell in which a channel hears from another level, or is another's.

    A table of channels that cannot be read is left alone: checking the file says what is wrong.
    """
    whole = f"{text.rstrip()}\n"
    found = _CHANNELS.search(whole)
    try:
        said = yaml.safe_load(found[0]) if found else {}
        routes = dict(said.get("channels") or {})
    except (yaml.YAMLError, AttributeError, TypeError, ValueError):
        return text
    routes[channel] = {"lowest_level": lowest_level, "audience": audience}
    block = yaml.safe_dump({"channels": routes}, allow_unicode=True, sort_keys=False)
    first, last = found.span() if found else (len(whole), len(whole))
    return f"{whole[:first]}{block}{whole[last:]}"
