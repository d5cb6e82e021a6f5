"""A card in the few lines of markdown that the group bots understand; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts import render
from alerts.cards import Card
from alerts.words import Language, say
from data.model import Level

_FULL_WIDTH = str.maketrans("<>[]()*`#_~!|\\", "＜＞［］（）＊｀＃＿～！｜＼")


def plain(words: str) -> str:
    """Return words in one line without what a bot reads as a mention, a link or a heading.

    Most of a card is quoted: nobody may call a whole group by writing ``<@all>`` in a complaint.
    """
    return " ".join(words.translate(_FULL_WIDTH).split())


@dataclass(frozen=True, slots=True)
class Page:
    """A card as it goes out now: ``repeat`` if it may have arrived before."""

    card: Card
    repeat: bool


def short(page: Page, language: Language) -> str:
    """Return one card: what, why, who first, what changed, until when, one quote a source."""
    card = page.card
    lines = [f"**{_head(page, language)}**"]
    lines += [f"> {plain(line)}" for line in render.facts(card, language)]
    lines += [plain(render.quoted(quote, language)) for quote in card["quotes"][:2]]
    lines.append(_link(card, language))
    lines.append(say(language, "notice"))
    return "\n".join(lines)


def merged(pages: Sequence[Page], language: Language) -> str:
    """Return several cards as one message: two lines each."""
    lines = [f"**{merged_subject(pages, language)}**"]
    for page in pages:
        why = render.reasons(page.card["why"], language)
        lines.append(f"**{_head(page, language)}**")
        lines += [f"> {plain(line)}" for line in why[:1]]
        lines.append(_link(page.card, language))
    return "\n".join(lines)


def merged_subject(pages: Sequence[Page], language: Language) -> str:
    """Return the line above several cards: how many, and the gravest."""
    gravest = max((page.card for page in pages), key=lambda card: int(card["level"]))
    level = render.word(gravest, Level(gravest["level"]), language)
    return say(language, "merged", n=len(pages), level=level)


def _head(page: Page, language: Language) -> str:
    return (
        f"{render.icon(page.card)} {plain(render.subject(page.card, language, repeat=page.repeat))}"
    )


def _link(card: Card, language: Language) -> str:
    look = f"[{say(language, 'look')}]({card['link']})"
    taken = card.get("take")
    return f"[{render.act(card, language)}]({taken}) | {look}" if taken else look
