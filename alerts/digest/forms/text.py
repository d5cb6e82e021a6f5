"""The page as plain text, and as Markdown for chat bots and notes; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alerts.digest import forms
from alerts.markdown import plain

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")


def text(page: Mapping[str, Any], base: str) -> str:
    """Return the page as text, with the addresses of the proofs at its end."""
    lines = [f"{page['title']} {page['name']}  {page['about']}", "", page["lead"]]
    lines += [said for said in (page["warned"], page["revised"]) if said]
    lines.append("")
    lines += [_card(card) for card in page["cards"]]
    for section in page["sections"]:
        lines += ["", section["title"], *(f"  {line}" for line in section["lines"])]
    lines += ["", *page["foot"], page["id"], "", f"{page['open']} {forms.home(page, base)}"]
    lines += [f"〔{n}〕 {href}" for n, href in forms.links(page, base).items()]
    return "\n".join(lines) + "\n"


def markdown(page: Mapping[str, Any], base: str) -> str:
    """Return the page as Markdown; other people's words cannot make links or headings."""
    links = forms.links(page, base)
    lines = [f"# {_escaped(page['title'])} {_escaped(page['name'])}", "", _escaped(page["about"])]
    lines += ["", f"**{_escaped(page['lead'])}**", ""]
    for said in filter(None, (page["warned"], page["revised"])):
        lines += [_escaped(said), ""]
    lines += [f"- {_linked(_card(card), links)}" for card in page["cards"]]
    for section in page["sections"]:
        lines += ["", f"## {_escaped(section['title'])}", ""]
        lines += [f"- {_linked(line, links)}" for line in section["lines"]]
    lines += ["", *(f"{_escaped(line)}  " for line in page["foot"]), _escaped(page["id"])]
    lines += ["", f"[{_escaped(page['open'])}]({forms.home(page, base)})"]
    return "\n".join(lines) + "\n"


def brief(page: Mapping[str, Any], base: str, subject: str) -> str:
    """Return the page in a few lines of the Markdown that group bots understand.

    The proofs stay behind the link: a group reads the sentence, the four figures, what happened
    and what is to be decided.
    """
    parts = {section["key"]: section for section in page["sections"]}
    head = subject.removesuffix(page["lead"]).rstrip("：: ")
    lines = [f"**{plain(head)}**", plain(page["lead"])]
    lines += [f"> {plain(said)}" for said in (page["warned"], page["revised"]) if said]
    lines += [f"> {plain(_told(card))}" for card in page["cards"]]
    for key in ("events", "decide"):
        said = [forms.plain(line) for line in parts[key]["lines"]]
        lines.append(f"**{plain(parts[key]['title'])}**")
        lines += [plain(line) for line in said]
    lines.append(f"[{plain(page['open'])}]({forms.home(page, base)})")
    return "\n".join(lines)


def _told(card: Mapping[str, Any]) -> str:
    return f"{card['label']} {card['value']} {card['change']}".strip()


def _card(card: Mapping[str, Any]) -> str:
    said = " · ".join(words for words in (card["change"], card["note"]) if words)
    return f"{card['label']} {card['value']}{card['mark']} {said}"


def _linked(line: str, links: Mapping[int, str]) -> str:
    return "".join(
        _escaped(words) if number is None else f"[{words}]({links[number]})"
        for words, number in forms.runs(line)
    )


def _escaped(words: str) -> str:
    return _SIGNS.sub(r"\\\1", words)
