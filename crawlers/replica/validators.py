"""Validators, where real servers of the kind send them, and the 304 they lead to (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web

_TAG, _TIME = "etag", "time"
_SENT = (
    (re.compile(r"/rss_feed/"), {_TAG}),
    (re.compile(r"/article/sitemap\.xml"), {_TIME}),
    (re.compile(r"/article/news/.+\.html"), {_TAG, _TIME}),
    (re.compile(r"/bjnews_search/detail/"), {_TAG, _TIME}),
    (re.compile(r"/pbc_penalty/"), {_TIME}),  # static files
)
"""Searches answer in JSON that they compute, and send none."""


class Versions:
    """Remembers since when each page is as it is."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, datetime]] = {}

    def answer(self, request: web.Request, page: web.Response, now: datetime) -> web.Response:
        """Return the page with its validators, or 304 if the asker holds this version."""
        sent = next((sent for path, sent in _SENT if path.match(request.path)), set())
        if request.method != "GET" or page.status != web.HTTPOk.status_code or not sent:
            return page
        assert isinstance(page.body, bytes)
        tag = hashlib.sha256(page.body).hexdigest()[:16]
        before = self._seen.get(request.path_qs)
        since = before[1] if before and before[0] == tag else now.replace(microsecond=0)
        self._seen[request.path_qs] = (tag, since)
        held = {one.value for one in request.if_none_match or ()}
        asked = request.if_modified_since
        if (_TAG in sent and tag in held) or (not held and _TIME in sent and asked == since):
            return web.Response(status=304, headers=_headers(sent, tag, since))
        page.headers.update(_headers(sent, tag, since))
        return page


def _headers(sent: set[str], tag: str, since: datetime) -> dict[str, str]:
    time = {"Last-Modified": format_datetime(since, usegmt=True)} if _TIME in sent else {}
    return {"ETag": f'"{tag}"', **time} if _TAG in sent else time
