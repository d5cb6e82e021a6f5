"""jieba and rjieba cut alike; the words of our trade stay whole."""

from pathlib import Path

from nlp.words import domain, keywords, plain, python_jieba

TEXT = "催收员爆通讯录，逾期三天就骚扰家人"


def test_domain_words_stay_whole() -> None:
    assert {"爆通讯录", "逾期", "骚扰"} <= set(domain().cut(TEXT))


def test_both_segmenters_agree_and_the_cache_is_ours(tmp_path: Path) -> None:
    tokenizer = python_jieba(tmp_path / "jieba")
    assert list(tokenizer.cut(TEXT)) == list(domain().cut(TEXT))
    assert (tmp_path / "jieba" / "jieba.cache").exists()
    assert plain().cut("催收")


def test_keywords_count_texts_not_words() -> None:
    found = dict(keywords(["催收催收骚扰", "催收电话"], 5))
    assert found["催收"] == 2
