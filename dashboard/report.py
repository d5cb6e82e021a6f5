"""A digest as markup: the same sentences as in mail and PDF, each number with its link; pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any
from urllib.parse import urlencode

from dashboard.markup import plain, said
from dashboard.naming import Naming
from dashboard.queries.digests import Listed
from data.model import SHANGHAI

_MARK = re.compile(r"〔(\d+)〕")
_TONES = {1: "tf-worse", -1: "tf-better", 0: ""}


def page(one: Mapping[str, Any], chart: str) -> str:
    """Return the whole digest; the chart is a picture, so nothing in it can run."""
    links = {proof["number"]: _address(proof, one["language"]) for proof in one["proofs"]}
    head = (
        f'<div class="tf-report"><h2>{plain(one["title"])} <small>{plain(_whose(one))}</small></h2>'
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
        f"{''.join(_line(*one, links) for one in _styled(section))}</section>"
        for section in one["sections"]
    )
    foot = " ".join(plain(line) for line in (*one["foot"], one["id"]))
    return (
        f'{head}{notes}<div class="tf-figures">{cards}</div>{image}'
        f'<div class="tf-sections">{sections}</div><p class="tf-small">{foot}</p></div>'
    )


def listed(naming: Naming, rows: Sequence[Listed], n: int) -> str:
    """Return the mentions behind a number: day, outlet and title, each with its public page."""
    t = naming.t
    items = "".join(
        f"<li>{said('tf-when', _day(row))} {plain(row.outlet or naming.source(row.source))} "
        f"{_outside(row)} {said('tf-small', f'#{row.id}')}</li>"
        for row in rows
    )
    head = plain(t("digest.counted", n=n))
    return f'<div><h3>{head}</h3><ol class="tf-list">{items}</ol></div>'


def _day(row: Listed) -> str:
    return f"{row.published_at.astimezone(SHANGHAI):%Y-%m-%d}" if row.published_at else ""


def _outside(row: Listed) -> str:
    title = plain(row.title or row.url)
    if not row.url.startswith(("https://", "http://")):
        return title
    return f'<a href="{plain(row.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'


def _whose(one: Mapping[str, Any]) -> str:
    """Return what period it is and, since there are several, whom it is about."""
    return " · ".join(filter(None, (one["name"], one.get("about", ""))))


def _card(card: Mapping[str, Any], links: Mapping[int, str]) -> str:
    return (
        f'<div class="tf-figure"><div class="tf-small">{plain(card["label"])}</div>'
        f"<b>{plain(card['value'])}</b>{_linked(card['mark'], links)}"
        f'<div class="{_TONES[card["tone"]]}">{plain(card["change"])}</div>'
        f'<div class="tf-small">{plain(card["note"])}</div></div>'
    )


def _styled(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from zip(section["lines"], section.get("styles") or repeat(""), strict=False)


def _line(line: str, style: str, links: Mapping[int, str]) -> str:
    return f'<p class="tf-{style or "plain"}">{_linked(line, links)}</p>'


def _linked(line: str, links: Mapping[int, str]) -> str:
    """Return a line with its proof numbers as links into the dashboard."""
    return _MARK.sub(
        lambda found: (
            f'<a href="{links[int(found[1])]}" {_where(links[int(found[1])])}>{found.group()}</a>'
        ),
        plain(line),
    )


def _where(address: str) -> str:
    """Return where a link opens: what is not ours, apart and without a word of whence."""
    outside = address.startswith("http")
    return 'target="_blank" rel="noopener noreferrer"' if outside else 'target="_self"'


def _address(proof: Mapping[str, Any], language: str) -> str:
    if proof.get("url"):
        return plain(proof["url"])
    return plain(f"{proof['page']}?{urlencode({**proof['query'], 'lang': language}, doseq=True)}")
