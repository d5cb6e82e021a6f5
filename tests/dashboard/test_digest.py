"""The digest's page: what was kept, with links that lead to the lists that were counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import report
from data import digest_files
from data.store import digests
from data.store.db import Store
from data.store.digests import Digest
from tests.dashboard import seeds
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


def kept(
    store: Store,
    period: str,
    lead: str,
    revision: int = 1,
    scope: str = "chenghu",
    proofs: dict[str, Any] | None = None,
) -> None:
    content = {
        "figures": {"proofs": proofs or {}},
        "pages": {one: page(one, lead, revision) for one in ("zh", "en")},
        "charts": {"zh": SVG, "en": SVG},
    }
    at = datetime(2026, 11, 23, tzinfo=UTC)
    with store.write() as conn:
        digests.put(conn, Digest(period, scope, revision, at, "0" * 64, content))


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


def test_a_page_about_a_province_stands_beside_its_lenders(site: Store) -> None:
    kept(site, "2026-W47", "全部")
    kept(site, "2026-W47", "一省", scope="chenghu@广东")
    kept(site, "2026-W47", "别家", scope="qichuan")
    shown = look("digest", lang="zh")
    assert "全部" in html(shown)
    assert shown.selectbox(key="at_scope").options == ["澄湖消费金融", "澄湖消费金融 · 广东"]
    assert "一省" in html(look("digest", lang="zh", scope="chenghu@广东"))


def test_the_files_of_a_revision_are_offered_and_no_others(
    site: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINGFENG_VAR", str(tmp_path))
    kept(site, "2026-W47", "初版")
    assert not look("digest", lang="zh").get("download_button")
    file = digest_files.file(tmp_path, "chenghu", "2026-W47", 1, "zh", "pdf")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"%PDF-1.7")
    (offered,) = look("digest", lang="zh").get("download_button")
    assert offered.proto.label == "PDF"


def test_the_notices_of_the_sector_are_listed_where_no_other_page_can(site: Store) -> None:
    at = datetime(2026, 11, 18, tzinfo=UTC)
    (key,) = seeds.put(site, [seeds.seed(1, at, seeds.NOTICE, seeds.Story("某分局公示", "罚款"))])
    kept(site, "2026-W47", "初版", proofs={"notices": {"ids": [key], "n": 1}})
    assert "某分局公示" not in html(look("digest", lang="zh"))
    listed = html(look("digest", lang="zh", proof="notices"))
    assert "被计数的 1 条" in listed
    assert f"#{key}" in listed
    assert 'target="_blank" rel="noopener noreferrer"' in listed
