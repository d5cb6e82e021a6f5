"""The registry of sources: what it holds, and one sentence for each way to break it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawlers import spiders
from crawlers.replica.server import SITES
from data.errors import FactError
from data.facts.sources import FILE, sources
from data.model import SourceKind

SPIDERS = Path(spiders.__file__).parent


def test_the_registry() -> None:
    found = sources()
    first = ["heimao_public", "eastmoney_news", "nfra_penalty", "eastmoney_guba"]
    assert list(found)[:4] == first  # what the demo reads
    assert set(found) == {site.slug for site in SITES}  # what is listed has a replica
    assert set(found) == {path.stem for path in SPIDERS.glob("[a-z]*.py")}  # and a spider
    heimao = found["heimao_public"]
    assert (heimao.zh, heimao.kind, heimao.host) == (
        "黑猫投诉",
        SourceKind.COMPLAINT,
        "tousu.sina.com.cn",
    )
    assert (heimao.every, heimao.overlap) == (timedelta(hours=2), timedelta(days=7))
    assert [slug for slug, fact in found.items() if fact.signed] == ["heimao_public"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: complaint", "kind: gossip", "heimao_public: kind"),
        ("delay: 3", "delay: 0.1", "heimao_public: delay"),
        ("  pages: 400\n", "", "heimao_public: pages"),
        ("signed: true", "singed: true", "heimao_public: singed"),
        ("https://tousu.sina.com.cn", "tousu.sina.com.cn", "heimao_public: base_url"),
        ("heimao_public:", "heimao_public: [", "not readable as YAML"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(FactError) as error:
        sources(file)
    assert str(error.value).startswith(f"{file}: {said}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("text", "said"), [("[]", "table of sources"), ("a: 1", "a: expected")])
def test_another_shape_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(FactError, match=said):
        sources(file)
    with pytest.raises(FactError, match="not readable"):
        sources(tmp_path / "none.yaml")
