"""The page as an HTML mail: tables and inlined styles, so that every mail program shows it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from alerts.digest import forms

COLOURS = ("#33691e", "#2b6cb0", "#8a6100", "#b4470b", "#b91c1c")
"""None, blue, yellow, orange, red: dark enough for words on white (WCAG AA)."""
LIGHT = ("#a5d68a", "#8cc4ee", "#e6c04d", "#ffab7a", "#ff9a9a")
"""The same for words on black."""


def html(page: Mapping[str, Any], base: str, picture: str) -> str:
    """Return the mail; ``picture`` is the address of the charts, as a rule a cid."""
    links = forms.links(page, base)

    def said(line: str) -> Markup:
        return Markup().join(
            words
            if number is None
            else Markup('<a class="mark" href="{}">{}</a>').format(links[number], words)
            for words, number in forms.runs(line)
        )

    made = _template().render(
        page=page,
        said=said,
        picture=picture,
        home=forms.home(page, base),
        colour=COLOURS[page["level"]],
        light=LIGHT[page["level"]],
    )
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(made)


@cache
def _template() -> Template:
    room = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return room.get_template("mail.html.j2")
