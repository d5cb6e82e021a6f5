"""The page laid out: mail, PDF, Markdown, text, tables. Each form is one file and takes a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

_MARK = re.compile(r"〔(\d+)〕")


def links(page: Mapping[str, Any], base: str) -> dict[int, str]:
    """Return the dashboard's address for each proof number."""
    return {
        proof["number"]: proof.get("url")
        or address(base, proof["page"], proof["query"], page["language"])
        for proof in page["proofs"]
    }


def address(base: str, name: str, query: Mapping[str, Any], language: str) -> str:
    """Return one address of the dashboard."""
    return f"{base}/{name}?{urlencode({**query, 'lang': language}, doseq=True)}"


def home(page: Mapping[str, Any], base: str) -> str:
    """Return the address of this digest in the dashboard."""
    query = {name: page[name] for name in ("period", "revision", "scope", "lender")}
    return address(base, "digest", query, page["language"])


def runs(line: str) -> Iterator[tuple[str, int | None]]:
    """Cut a line into (words, None) and (mark, proof number)."""
    end = 0
    for found in _MARK.finditer(line):
        if found.start() > end:
            yield line[end : found.start()], None
        yield found.group(), int(found[1])
        end = found.end()
    if end < len(line):
        yield line[end:], None


def plain(line: str) -> str:
    """Return a line without its marks."""
    return _MARK.sub("", line)
