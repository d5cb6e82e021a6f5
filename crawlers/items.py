"""What spiders yield are Mentions; here is how a page becomes the capture they point to."""

from __future__ import annotations

import hashlib
from datetime import datetime

from scrapy.http import Response

from crawlers.pages import lasting
from data.model import Capture


def capture(response: Response, source: str, fetched_at: datetime) -> Capture:
    """Return the page's lasting address and the SHA-256 of its bytes as received."""
    return Capture(
        source=source,
        url=lasting(response.url),
        status=response.status,
        fetched_at=fetched_at,
        sha256=hashlib.sha256(response.body).hexdigest(),
        size=len(response.body),
    )
