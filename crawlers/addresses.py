"""Addresses of pages: whose they are, and when two of them are one page."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

_FOLLOWING = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "spm", "oc")
"""Parameters that tell a site where its reader came from, and nothing about the page."""
_ID_LENGTH = 20  # 80 bits: no two pages of a lifetime meet


def is_address(target: str) -> bool:
    """Tell whether a target is a whole address and no path, name or number."""
    return target.startswith(("http://", "https://"))


def hosts(*targets: str) -> list[str]:
    """Return the hosts of those targets that are addresses, each once."""
    found = (urlsplit(target).hostname or "" for target in targets if is_address(target))
    return list(dict.fromkeys(filter(None, found)))


def canonical(url: str) -> str:
    """Return the address by which a page is known: no fragment, no traces of its reader."""
    cleaned = url_query_cleaner(url, _FOLLOWING, remove=True, unique=False)
    return str(canonicalize_url(cleaned))


def page_id(url: str) -> str:
    """Return the id of a page that has none but its address, with or without encryption."""
    return digest(canonical(url).partition("://")[2])


def digest(text: str) -> str:
    """Return a short name for a long one: 20 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:_ID_LENGTH]
