"""One assessment per lender, its evidence exact, its severity that of the gravest allegation."""

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from data.facts import lenders
from data.model import Assessment, EvidenceStatus, Mention, Sentiment, SourceKind
from nlp import tags, voices
from nlp.assess import PENALTY, Assessor

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
ASSESSOR = Assessor(lenders())


def mention(
    text: str, title: str = "", kind: SourceKind = SourceKind.POST, **extra: Any
) -> Mention:
    return Mention(
        source="test", native_id="1", kind=kind, url="", text=text, title=title,
        fetched_at=NOW, extra=extra, id=7, revision=2,
    )  # fmt: skip


def assessed(m: Mention) -> dict[str, Assessment]:
    return {a.lender: a for a in ASSESSOR.assess([m], NOW)}


def test_a_complaint_is_read_whole() -> None:
    m = mention(
        "催收天天打给我妈，半夜两点还发短信。他说要找人弄死我。",
        title="澄湖消金暴力催收",
        kind=SourceKind.COMPLAINT,
    )
    a = assessed(m)["chenghu"]
    found = {e.allegation for e in a.evidence}
    assert {"family_harassment", "prohibited_hours", "threat_of_violence"} <= found
    assert (a.mention_id, a.revision, a.severity) == (7, 2, 5)
    assert a.sentiment is Sentiment.NEGATIVE
    assert -1 <= a.score <= -0.5
    assert a.names == ("澄湖消金",)
    assert a.made_at == NOW
    assert all(e.holds_in(m) for e in a.evidence)


def test_about_nobody_is_no_assessment() -> None:
    assert assessed(mention("某网贷天天催收骚扰我家人")) == {}
    assert assessed(mention("澄湖边的大闸蟹开湖了")) == {}


def test_the_source_may_name_the_lender() -> None:
    m = mention("催收天天打给我妈", kind=SourceKind.COMPLAINT, company="澄湖消费金融")
    assert assessed(m)["chenghu"].names == ("澄湖消费金融",)


def test_a_products_findings_are_its_owners() -> None:
    assert set(assessed(mention("湖光贷和澄易借的催收爆了我的通讯录"))) == {"chenghu"}


def test_each_company_gets_its_own_allegations() -> None:
    m = mention("栖川消金的催收爆了我的通讯录。澄湖消金的客服打不通，没人处理我的贷款。")
    found = assessed(m)
    assert {e.allegation for e in found["qichuan"].evidence} == {"contact_list_blast"}
    assert {e.allegation for e in found["chenghu"].evidence} == {"service_unreachable"}


def test_a_collector_shares_its_lenders_allegations() -> None:
    found = assessed(mention("澄湖消金委托的砺行信用管理爆了我的通讯录，逾期才三天"))
    assert {e.allegation for e in found["lixing"].evidence} == {"contact_list_blast"}
    assert {e.allegation for e in found["chenghu"].evidence} == {"contact_list_blast"}


def test_a_regulators_penalty_is_grave_for_the_party_only() -> None:
    text = (
        "当事人：澄湖消费金融。主要违法违规行为：贷后管理不到位。罚款50万元。与栖川消费金融无关。"
    )
    found = assessed(mention(text, kind=SourceKind.REGULATOR, party="澄湖消费金融"))
    assert found["chenghu"].severity == PENALTY
    assert found["chenghu"].sentiment is Sentiment.NEGATIVE
    assert found["qichuan"].severity == 0


def test_praise_has_no_severity() -> None:
    a = assessed(mention("澄湖消金客服耐心，还款方便，推荐给朋友"))["chenghu"]
    assert (a.sentiment, a.severity, a.evidence) == (Sentiment.POSITIVE, 0, ())


@pytest.mark.parametrize("text", ["", "　", "\u200b"])
def test_a_title_alone_is_enough(text: str) -> None:
    a = assessed(mention(text, title="澄湖消金催收爆了我通讯录"))["chenghu"]
    assert {(e.allegation, e.field) for e in a.evidence} == {("contact_list_blast", "title")}


def test_same_in_same_out_and_the_version_says_for_whom() -> None:
    m = mention("澄湖消金催收天天打给我妈")
    assert ASSESSOR.assess([m], NOW) == ASSESSOR.assess([m], NOW)
    fewer = Assessor(lenders()[:3])
    assert fewer.made_by != ASSESSOR.made_by
    assert len(ASSESSOR.made_by) <= 64


@pytest.mark.parametrize("model", [tags, voices])
def test_another_model_is_another_version(
    model: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what is stored would stay as the model before it had it."""
    other = tmp_path / model.FILE.name
    other.write_bytes(model.FILE.read_bytes() + b"trained again")
    monkeypatch.setattr(model, "FILE", other)
    assert Assessor(ASSESSOR.lenders).made_by != ASSESSOR.made_by


def test_what_only_the_tag_claims_is_kept_apart() -> None:
    quiet = mention(
        "今年二月在澄湖消金借款，现在想协商分期，请联系我",
        kind=SourceKind.COMPLAINT,
        issue="暴力催收",
    )
    [a] = ASSESSOR.assess([quiet], NOW)
    assert [(e.allegation, e.field, e.status) for e in a.evidence] == [
        ("unspecified_harassment", "issue", EvidenceStatus.CLAIMED)
    ]
    assert (a.tags, a.severity) == ((), 0)
    assert all(e.holds_in(quiet) for e in a.evidence)
    loud = mention("澄湖消金天天暴力催收", kind=SourceKind.COMPLAINT, issue="暴力催收")
    [b] = ASSESSOR.assess([loud], NOW)
    assert {(e.field, e.status) for e in b.evidence} == {("text", EvidenceStatus.ALLEGED)}


def test_facts_are_part_of_an_assessment() -> None:
    [a] = ASSESSOR.assess(
        [mention("我在绵阳，逾期了十五天，澄湖消金的催收天天打给我岳母要钱")], NOW
    )
    assert a.facts["days_overdue"][0]["value"] == 15
    assert a.facts["region"][0]["value"]["city"] == "绵阳"
    assert a.facts["third_parties"][0]["value"]["relation"] == "岳母"


def test_which_product_is_meant_is_a_fact_of_its_company_only() -> None:
    """The company's own name is no product; one name written in another script is the same."""
    text = "湖光貸一天打二十个电话，澄湖消费金融不管，栖川消费金融也一样"
    found = assessed(mention(text))
    slot = found["chenghu"].facts["product"]
    assert [(one["value"], text[one["start"] : one["end"]]) for one in slot] == [
        ("huguangdai", "湖光貸")
    ]
    assert "product" not in found["qichuan"].facts
