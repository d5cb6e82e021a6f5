"""Reading pages of every kind: decode, find the JSON in them, turn HTML into plain words."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from parsel import Selector

from data.errors import LayoutChanged

_BREAK = re.compile(r"<\s*(?:br\s*/?|/p|/div|/li|/tr|/h\d)\s*>", re.IGNORECASE)
_SILENT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_EDGES = re.compile(r"[ \t\r\u3000\xa0]*\n[ \t\r\u3000\xa0]*")
_CALL = re.compile(r"[\w.$]*\s*\(")
_HTML_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_WHOLE = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"(?P<n>\d{1,12}(?:\.\d{1,4})?)(?P<unit>万|w|W)?\+?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PASSING = {"ts", "rs", "signature", "_"}  # differ from request to request, name nothing


def decode(body: bytes) -> str:
    """Return the text of a Chinese page, whatever charset it claims.

    Text that is valid UTF-8 by accident is next to impossible; all else is GB18030, which holds
    GB2312 and GBK. Headers and meta tags lie too often to be asked.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def whole(html: str) -> str:
    """Return a page that has its end. Raises LayoutChanged (cut off on the way)."""
    if not _HTML_END.search(html):
        raise LayoutChanged("the page is cut off: it has no end")
    return html


def read_json(body: bytes) -> Any:
    """Return the JSON value of a page, or the one a JSONP call wraps. Raises LayoutChanged."""
    text = decode(body).strip()
    if call := _CALL.match(text):
        text = text[call.end() : text.rfind(")")]
    try:
        return json.loads(text)
    except ValueError as error:
        raise LayoutChanged(f"this is no whole JSON text: {error}") from None


def json_after(text: str, marker: str) -> Any:
    """Return the JSON value right after ``marker`` in a script. Raises LayoutChanged."""
    at = text.find(marker)
    if at < 0:
        raise LayoutChanged(f"{marker!r} is not on the page")
    start = at + len(marker)
    start += len(text[start:]) - len(text[start:].lstrip())
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start)
    except ValueError as error:
        raise LayoutChanged(f"no JSON stands after {marker!r}: {error}") from None
    return value


def dig(value: Any, *path: str) -> Any:
    """Return ``value[path[0]][path[1]]…``; a missing key is a LayoutChanged that names it."""
    for depth, key in enumerate(path):
        if not isinstance(value, dict) or key not in value:
            raise LayoutChanged(f"the key {'.'.join(path[: depth + 1])} is missing")
        value = value[key]
    return value


def rows(value: Any, *path: str) -> list[dict[str, Any]]:
    """Return the list of objects at ``path``; null is an empty list. Raises LayoutChanged."""
    found = dig(value, *path)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise LayoutChanged(f"{'.'.join(path)} is not a list of objects")
    return found


def dig_words(value: Any, *path: str) -> str:
    """Return the plain words at ``path``. Raises LayoutChanged (none there, or no words)."""
    dig(value, *path)
    found = words(value, *path)
    if not found:
        raise LayoutChanged(f"{'.'.join(path)} holds no words")
    return found


def dig_number(value: Any, *path: str) -> int:
    """Return the whole number at ``path``, be it written as text. Raises LayoutChanged."""
    found = words(value, *path)
    if not _WHOLE.fullmatch(found):
        raise LayoutChanged(f"{'.'.join(path)} is no whole number: {dig(value, *path)!r}")
    return int(found)


def words(value: Any, *path: str) -> str:
    """Return the plain words at ``path``; "" where there are none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return plain(str(value))


def count(value: Any) -> int:
    """Return a number of reads or likes as sites write it: 12, "12", "1.2万"; else 0."""
    found = _NUMBER.match(str(value if value is not None else "").replace(",", "").strip())
    if found is None:
        return 0
    return round(float(found["n"]) * (10_000 if found["unit"] else 1))


def clean(text: str) -> str:
    """Return a text that every database can hold: no control characters, no half of a pair."""
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def plain(html: str) -> str:
    """Return the words of a piece of HTML; line breaks and paragraph ends become new lines."""
    text = _BREAK.sub("\n", _SILENT.sub("", html))
    text = clean(unescape(_TAG.sub("", text)))
    return re.sub(r"\n{3,}", "\n\n", _EDGES.sub("\n", text)).strip()


def next_page(html: Selector) -> str:
    """Return where the link 下一页 leads, "" when there is none; TRS puts it into ``tagname``."""
    for link in html.xpath("//a[contains(normalize-space(.), '下一页')]"):
        for name in ("tagname", "href"):
            address = link.attrib.get(name, "").strip()
            if address and address != "#" and not address.lower().startswith("javascript:"):
                return address
    return ""


def lasting(url: str) -> str:
    """Return a URL without the parameters that differ each time (signature, time, cache buster)."""
    parts = urlsplit(url)
    if not parts.query:
        return url
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in _PASSING]
    return urlunsplit(parts._replace(query=urlencode(kept)))
