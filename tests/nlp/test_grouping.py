"""Copies stay together, strangers apart."""

import numpy as np

from nlp.grouping import folds, groups

LONG = "澄湖消费金融的催收人员多次拨打借款人家属的电话，并在短信中透露了欠款金额和逾期天数"


def test_near_duplicates_join() -> None:
    texts = [
        LONG,
        LONG.replace("多次", "反复") + "。",
        "今天股市放量上涨，三大指数集体收红",
        LONG[3:] + "转载",
    ]
    found = groups(texts)
    assert found[0] == found[1] == found[3]
    assert found[2] != found[0]


def test_a_group_is_in_one_fold() -> None:
    numbers = np.repeat(np.arange(50), 3)
    assigned = folds(numbers, 5, seed=1)
    assert all(len(set(assigned[numbers == number])) == 1 for number in range(50))
    assert set(assigned) == set(range(5))
