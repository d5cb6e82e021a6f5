"""A digest as markup: the same sentences as in mail and PDF, each number with its link; pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dashboard.markup import plain

_MARK = re.compile(r"〔(\d+)〕")
_TONES = {1: "tf-worse", -1: "tf-better", 0: ""}


def page(one: Mapping[str, Any], chart: str) -> str:
    """Return the whole digest; the chart is a picture, so nothing in it can run."""
    links = {proof["number"]: _address(proof, one["language"]) for proof in one["proofs"]}
    head = (
        f'<div class="tf-report"><h2>{plain(one["title"])} <small>{plain(one["name"])}</small></h2>'
        f'<p class="tf-lead">{plain(one["lead"])}</p>'
    )
    notes = "".join(
        f'<p class="tf-worse">{plain(said)}</p>' for said in (one["warned"], one["revised"]) if said
    )
    cards = "".join(_card(card, links) for card in one["cards"])
    picture = base64.b64encode(chart.encode()).decode()
    image = (
        f'<img class="tf-chart" alt="{plain(one["charts"]["alt"])}" '
        f'src="data:image/svg+xml;base64,{picture}">'
    )
    sections = "".join(
        f"<section><h3>{plain(section['title'])}</h3>"
        f"{''.join(f'<p>{_linked(line, links)}</p>' for line in section['lines'])}</section>"
        for section in one["sections"]
    )
    foot = " ".join(plain(line) for line in (*one["foot"], one["id"]))
    return (
        f'{head}{notes}<div class="tf-figures">{cards}</div>{image}'
        f'<div class="tf-sections">{sections}</div><p class="tf-small">{foot}</p></div>'
    )


def _card(card: Mapping[str, Any], links: Mapping[int, str]) -> str:
    return (
        f'<div class="tf-figure"><div class="tf-small">{plain(card["label"])}</div>'
        f"<b>{plain(card['value'])}</b>{_linked(card['mark'], links)}"
        f'<div class="{_TONES[card["tone"]]}">{plain(card["change"])}</div>'
        f'<div class="tf-small">{plain(card["note"])}</div></div>'
    )


def _linked(line: str, links: Mapping[int, str]) -> str:
    """Return a line with its proof numbers as links into the dashboard."""
    return _MARK.sub(
        lambda found: f'<a href="{links[int(found[1])]}" target="_self">{found.group()}</a>',
        plain(line),
    )


def _address(proof: Mapping[str, Any], language: str) -> str:
    return plain(f"{proof['page']}?{urlencode({**proof['query'], 'lang': language}, doseq=True)}")
