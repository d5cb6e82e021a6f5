"""Near copies are one; different texts are not."""

from __future__ import annotations

from dashboard.alike import folded

ONE = "澄湖消费金融的两个催收员堵在我家门口一个多小时，大声说我欠钱不还。"


def test_near_copies_fold_under_the_first() -> None:
    other = "湖光贷的客服电话排队四十分钟没人接，在线客服只会自动回复。"
    texts = [
        (1, ONE),
        (2, other),
        (3, f"转发：{ONE}"),
        (4, ONE.replace("一个", "两个")),
        (5, other),
    ]
    assert folded(texts) == [[1, 3, 4], [2, 5]]


def test_short_and_empty_texts_are_only_themselves() -> None:
    assert folded([(1, ""), (2, "退费"), (3, "退费！"), (4, "催收")]) == [[1], [2, 3], [4]]
