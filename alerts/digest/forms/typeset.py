"""The page as PDF, and its charts as pictures, by typst: no network, no system fonts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import manimgx_fonts_cjk
import typst
from pypdf import PdfReader

from alerts.digest import forms

HERE = Path(__file__).parent
FONTS = Path(manimgx_fonts_cjk.__file__).parent
Form = Literal["pdf", "png", "svg"]
SCALES = (1.15, 1.08, 1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65)
"""Sizes of type that are tried until all stands on one page."""


def pdf(page: Mapping[str, Any], base: str) -> bytes:
    """Return one A4 page: tagged (PDF/UA-1), fonts embedded, proofs linked."""
    data = json.dumps(_linked(page, base), ensure_ascii=False)
    made = b""
    for scale in SCALES:
        made = _made("page.typ", "pdf", page=data, scale=str(scale))
        if len(PdfReader(BytesIO(made)).pages) == 1:
            break
    return made


def png(page: Mapping[str, Any]) -> bytes:
    """Return both charts one above the other: 1,200 px wide, on white, for a mail of 600."""
    return _made("chart.typ", "png", page=json.dumps(page, ensure_ascii=False))


def svg(page: Mapping[str, Any]) -> str:
    """Return both charts as SVG, letters as outlines: it needs no font."""
    return _made("chart.typ", "svg", page=json.dumps(page, ensure_ascii=False)).decode()


def _made(name: str, form: Form, **inputs: str) -> bytes:
    made = _compiler(name).compile(
        format=form,
        sys_inputs=inputs,
        ppi=180,
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=0,  # the same page is the same file
    )
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(name: str) -> typst.Compiler:
    return typst.Compiler(
        str(HERE / name), root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True
    )


def _linked(page: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return the page with each line cut into runs that know their address."""
    links = forms.links(page, base)

    def cut(line: str) -> list[dict[str, str | None]]:
        return [
            {"text": words, "href": None if number is None else links[number]}
            for words, number in forms.runs(line)
        ]

    return {
        **page,
        "cards": [{**card, "mark": cut(card["mark"])} for card in page["cards"]],
        "sections": [
            {**section, "lines": [cut(line) for line in section["lines"]]}
            for section in page["sections"]
        ],
    }
