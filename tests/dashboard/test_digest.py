"""The digest's page: what was kept, with links that lead to the lists that were counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from dashboard import report
from data.store import digests
from data.store.db import Store
from data.store.digests import Digest
from tests.dashboard.test_views import html, look

SVG = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def page(language: str, lead: str, revision: int = 1) -> dict[str, Any]:
    query = {"sentiment": ["neg"], "from": "2026-11-16", "lender": "chenghu"}
    return {
        "language": language,
        "title": "听风周报",
        "name": "2026 年第 47 周",
        "lead": lead,
        "warned": "",
        "revised": f"第 {revision} 版" if revision > 1 else "",
        "cards": [{"label": "提及", "value": "1,284", "mark": "〔1〕", "tone": 1, "change": "▲ 12%",
                   "note": ""}],
        "sections": [{"key": "events", "title": "要事", "lines": ["<b>x</b> 三条〔1〕"]}],
        "charts": {"alt": '最多 "9" 条'},
        "proofs": [{"number": 1, "page": "feed", "query": query}],
        "foot": ["规则"],
        "id": "2026-W47",
    }  # fmt: skip


def kept(store: Store, period: str, lead: str, revision: int = 1) -> None:
    content = {
        "pages": {one: page(one, lead, revision) for one in ("zh", "en")},
        "charts": {"zh": SVG, "en": SVG},
    }
    at = datetime(2026, 11, 23, tzinfo=UTC)
    with store.write() as conn:
        digests.put(conn, Digest(period, "chenghu", revision, at, "0" * 64, content))


def test_marks_become_links_and_words_stay_words() -> None:
    made = report.page(page("zh", "一句话"), SVG)
    assert '<a href="feed?sentiment=neg&amp;from=2026-11-16&amp;lender=chenghu&amp;lang=zh"' in made
    assert "<b>x</b>" not in made
    assert "<script" not in made
    assert 'alt="最多 &quot;9&quot; 条"' in made


def test_the_newest_digest_is_shown_and_the_archive_offers_the_others(site: Store) -> None:
    kept(site, "2026-W46", "早一周")
    kept(site, "2026-W47", "初版")
    kept(site, "2026-W47", "修订后", revision=2)
    newest = look("digest", lang="zh")
    assert "修订后" in html(newest)
    assert re.search("第 2 版", html(newest))
    assert "初版" in html(look("digest", lang="zh", period="2026-W47", revision="1"))
    assert "早一周" in html(look("digest", lang="zh", period="2026-W46"))
