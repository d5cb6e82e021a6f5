"""The replica speaks the real protocols: spelling, types, lies, and only what is visible."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from crawlers.penalties import penalties
from crawlers.replica.altered import CORRECTION
from crawlers.replica.everywhere import everywhere
from crawlers.replica.faults import Fault, Kind, Robots
from crawlers.replica.heimao_public import SIGNING_KEY, masked
from crawlers.replica.nfra_penalty import table
from crawlers.replica.plan import source_settings
from crawlers.replica.server import SITES, ReplicaServer
from crawlers.replica.shelf import Shelf
from crawlers.signing import signature
from data.errors import PortTaken
from tests.crawlers.weeks import COUIDS, LENDERS, NOW, complaint, news, post, scenario, week


@pytest.fixture(scope="module")
def site() -> Iterator[ReplicaServer]:
    with ReplicaServer(week(40), lambda: NOW) as server:
        yield server


def get(site: ReplicaServer, path: str, **params: Any) -> httpx.Response:
    return httpx.get(f"{site.address}{path}", params=params or None, trust_env=False)


def complaints(site: ReplicaServer, page: int, couid: str = COUIDS[0], size: int = 10) -> Any:
    values = (couid, "1", str(size), str(page))
    signed = signature(SIGNING_KEY, "1795449600000", "0123456789abcdef", values)
    answer = get(
        site, "/heimao_public/api/company/received_complaints", couid=couid, type=1,
        page_size=size, page=page, ts="1795449600000", rs="0123456789abcdef", signature=signed,
    )  # fmt: skip
    return answer.json()["result"]


def test_heimao_lists_ten_a_page_whatever_is_asked_and_claims_more(site: ReplicaServer) -> None:
    result = complaints(site, 1, size=50)
    assert result["status"]["code"] == 0
    pager = result["data"]["pager"]
    assert pager["page_amount"] == 2
    assert pager["item_count"] > 1000
    assert len(result["data"]["complaints"]) == 10
    assert complaints(site, 3)["data"]["complaints"] is None  # null behind the last page


def test_heimao_types_are_the_sites_types(site: ReplicaServer) -> None:
    row = complaints(site, 1)["data"]["complaints"][0]
    main = row["main"]
    assert isinstance(main["status"], int)
    assert re.fullmatch(r"1\d{9}", main["timestamp"])
    assert isinstance(main["sn"], str)
    assert main["url"].startswith("//tousu.sina.com.cn/complaint/view/")
    assert "code-red" in main["cotitle"]
    assert set(row["author"]) == {"title", "wb_profile"}


def test_heimao_refuses_another_constant(site: ReplicaServer) -> None:
    answer = get(
        site, "/heimao_public/api/company/received_complaints", couid=COUIDS[0], type=1,
        page_size=10, page=1, ts="1", rs="2", signature="0" * 64,
    ).json()  # fmt: skip
    assert answer["result"]["status"]["code"] != 0
    assert "data" not in answer["result"]


def test_heimao_stars_one_name_of_ten() -> None:
    assert masked("澄湖消费金融", "17300000010") == "澄*消费金融"
    assert masked("澄湖消费金融", "17300000011") == "澄湖消费金融"


def test_heimao_shows_what_is_there_yet(site: ReplicaServer) -> None:
    gone = get(site, "/heimao_public/complaint/view/17399999999/")
    assert gone.status_code == 200
    assert "投诉单不存在" in gone.text
    now = NOW
    item = complaint(3, NOW - timedelta(minutes=90), replied=True)  # 审核通过 is there, no reply
    with ReplicaServer(scenario([item]), lambda: now) as server:
        page = get(server, "/heimao_public/complaint/view/17300000003/").text
        assert "<b>处理中</b>" in page
        assert "审核通过" in page
        assert "已记录" not in page
        now = NOW + timedelta(hours=1)
        page = get(server, "/heimao_public/complaint/view/17300000003/").text
        assert "<b>已回复</b>" in page
        assert "已记录" in page
    assert not re.search(r'u-date">20\d\d-', page)  # step dates have no year


def test_news_is_jsonp_with_highlights(site: ReplicaServer) -> None:
    options = {"pageIndex": 1, "pageSize": 50, "preTag": "<em>", "postTag": "</em>"}
    asked = {"keyword": LENDERS[0], "param": {"cmsArticleWebOld": options}}
    answer = get(site, "/eastmoney_news/search/jsonp", cb="cb", param=json.dumps(asked))
    assert answer.text.startswith("cb({")
    articles = json.loads(answer.text[3:-1])["result"]["cmsArticleWebOld"]
    assert f"<em>{LENDERS[0]}</em>" in articles[0]["title"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", articles[0]["date"])
    assert articles == sorted(articles, key=lambda a: a["date"], reverse=True)


def test_nfra_wraps_a_table_of_every_shape(site: ReplicaServer) -> None:
    listing = get(
        site, "/nfra_penalty/cbircweb/DocInfo/SelectDocByItemIdAndChild",
        itemId="4113", pageSize=18, pageIndex=1,
    ).json()  # fmt: skip
    assert listing["rptCode"] == 200
    row = listing["data"]["rows"][0]
    assert isinstance(row["docId"], int)
    assert "\n" in row["docTitle"]
    missing = get(site, "/nfra_penalty/cbircweb/DocInfo/SelectByDocId", docId=9).json()
    assert missing["rptCode"] != 200


def test_nfra_tables_come_back_out_of_each_shape() -> None:
    notices: dict[str, list[Any]] = {}
    for item in week(40).planned:
        if item.mention.source == "nfra_penalty":
            notices.setdefault(item.mention.extra["doc_id"], []).append(item)
    shapes = set()
    for items in notices.values():
        html = table(items)
        shapes.add((html.count("<td>") // html.count("<tr>"), "文号" in html))
        found = [penalty.as_dict() for penalty in penalties(html)]
        planned = [{k: v for k, v in i.mention.extra.items() if k != "doc_id"} for i in items]
        assert found == planned
    assert shapes == {(2, True), (5, False), (6, True)}


def test_nfra_human_page_is_gb18030_and_says_gb2312(site: ReplicaServer) -> None:
    doc_id = next(
        i.mention.extra["doc_id"] for i in week(40).planned if i.mention.source == "nfra_penalty"
    )
    answer = get(site, "/nfra_penalty/cn/view/pages/ItemDetail.html", docId=doc_id)
    assert b"charset=gb2312" in answer.content
    assert "行政处罚" in answer.content.decode("gb18030")


def test_guba_puts_json_into_a_script(site: ReplicaServer) -> None:
    page = get(site, "/eastmoney_guba/list,900001_1.html").text
    assert 'var article_list={"bar_code": "900001"' in page
    assert get(site, "/eastmoney_guba/news,900001,9.html").status_code == 404
    assert '"post_content": "<p>' in get(site, "/eastmoney_guba/news,900001,1500000000.html").text


def test_robots_txt_is_the_hosts(site: ReplicaServer) -> None:
    assert get(site, "/robots.txt").text.startswith("User-agent: *")
    site.panel.robots = Robots(500, "no")
    assert get(site, "/robots.txt").status_code == 500
    site.panel.reset()


def test_faults_are_switched_from_outside(site: ReplicaServer) -> None:
    site.panel.reset()
    asked = {"kind": "block", "after": 1}
    httpx.put(f"{site.address}/control/eastmoney_guba", json=asked, trust_env=False)
    states = [get(site, "/eastmoney_guba/list,900001_1.html").status_code for _ in range(3)]
    assert states == [200, 456, 456]
    assert site.panel.faults == {"eastmoney_guba": Fault(Kind.BLOCK, 1)}
    told = get(site, "/control").json()
    assert told == {"requests": {"eastmoney_guba": 3}, "faults": {"eastmoney_guba": "block"}}
    httpx.delete(f"{site.address}/control", trust_env=False)
    assert get(site, "/control").json() == {"requests": {}, "faults": {}}


def test_a_shelf_shows_the_newest_first_and_nothing_early() -> None:
    now = NOW
    early, late = news(1, NOW - timedelta(days=2)), news(2, NOW + timedelta(hours=1))
    shelf = Shelf([late, early], lambda: now)
    assert [p.mention.native_id for p in shelf.page(1, 10)] == [early.mention.native_id]
    now = NOW + timedelta(hours=1)
    assert [p.mention for p in shelf.page(1, 10)] == [late.mention, early.mention]
    assert shelf.page(2, 10) == []
    assert len(shelf) == 2


def test_the_settings_lead_to_every_item_of_a_scenario() -> None:
    off = news(7, NOW)
    other = post(1, NOW)
    bare = scenario([off, other, complaint(2, NOW)])
    found = source_settings(bare, "http://127.0.0.1:1", ("栖川消费金融",))
    assert found["eastmoney_news"]["targets"] == ["栖川消费金融"]
    assert found["eastmoney_guba"]["targets"] == ["900002"]
    assert found["heimao_public"]["targets"] == [COUIDS[0]]
    assert found["heimao_public"]["base_url"] == "http://127.0.0.1:1/heimao_public"
    missing = source_settings(bare, "http://127.0.0.1:1", ("暮禾",))
    assert missing["eastmoney_news"]["targets"] == ["暮禾", "消费金融"]


def test_a_taken_port_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port} is taken"):
            ReplicaServer(week(1), lambda: NOW, port).__enter__()


def test_the_replica_as_a_command(tmp_path: Any) -> None:
    from data.scenarios import format as files

    file = tmp_path / "week.jsonl"
    files.write(week(3), file, tmp_path / "truth.json")
    words = ["--scenario", str(file), "--now", NOW.isoformat()]
    process = subprocess.Popen(
        [sys.executable, "-m", "crawlers.replica", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        answer = httpx.get(f"{address}/eastmoney_guba/list,900001_1.html", trust_env=False)
        assert answer.status_code == 200
        assert '"count": 2' in answer.text
    finally:
        process.terminate()
        process.communicate()
    missing = subprocess.run(
        [sys.executable, "-m", "crawlers.replica", "--scenario", str(tmp_path / "none.jsonl")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert missing.returncode == 2
    assert "none.jsonl" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_a_site_corrects_items_and_takes_some_away(site: ReplicaServer) -> None:
    def posts() -> list[str]:
        page = get(site, "/eastmoney_guba/list,900001_1.html").text
        return re.findall(r'"post_id": (\d+)', page)

    def words() -> str:
        return "".join(get(site, f"/eastmoney_guba/news,900001,{i}.html").text for i in posts())

    before = posts()
    assert CORRECTION not in words()
    site.panel.faults["eastmoney_guba"] = Fault(Kind.EDITED)
    assert posts() == before
    assert 0 < words().count(CORRECTION) < len(before)
    site.panel.faults["eastmoney_guba"] = Fault(Kind.DELETED)
    left = posts()
    assert 0 < len(left) < len(before)
    taken = next(i for i in before if i not in left)
    assert get(site, f"/eastmoney_guba/news,900001,{taken}.html").status_code == 404
    site.panel.faults.clear()
    assert posts() == before


def test_one_scenario_fills_every_site() -> None:
    found = everywhere(week(6))
    slugs = {item.mention.source for item in found.planned}
    assert slugs == {site.slug for site in SITES}
    keys = [(item.mention.source, item.mention.native_id) for item in found.planned]
    assert len(keys) == len(set(keys))
    with ReplicaServer(found, lambda: NOW) as server:
        for slug, values in source_settings(found, server.address, LENDERS).items():
            assert values["base_url"].endswith(slug)
        paper = httpx.post(
            f"{server.address}/thepaper/search/web/news", trust_env=False,
            json={"word": LENDERS[0], "pageNum": 1, "pageSize": 10},
        ).json()  # fmt: skip
        assert paper["data"]["list"]
        assert LENDERS[0] in get(server, "/rss_feed/example/news").text
