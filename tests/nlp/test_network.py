"""The small network: what it computes, that it is small, and that company changes nothing."""

from pathlib import Path

import numpy as np
import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import network, tags
from nlp.allegations import AllegationFinder
from nlp.hearing import hear
from nlp.network import GAPS, Network

CALLS = "excessive_calls"
WIDTH, RANK, TAGS = 6, 3, 2


def a_network(seed: int = 0) -> Network:
    luck = np.random.default_rng(seed)

    def some(*shape: int) -> tags.Scores:
        return luck.standard_normal(shape).astype(np.float32)

    weights = {"letters": some(5, WIDTH), "around": some(WIDTH, WIDTH), "around_bias": some(WIDTH)}
    weights["near0"] = some(WIDTH, 3 * WIDTH)
    for n in range(len(GAPS)):
        weights |= {f"down{n}": some(WIDTH, 3 * RANK), f"up{n}": some(RANK, WIDTH)} if n else {}
        weights |= {f"bias{n}": some(WIDTH)}
        weights |= {f"norm{n}_slope": some(WIDTH), f"norm{n}_offset": some(WIDTH)}
    weights |= {"last_slope": some(WIDTH), "last_offset": some(WIDTH)}
    weights |= {"head": some(WIDTH, TAGS), "head_bias": some(TAGS)}
    return Network((CALLS, "any"), np.array([*map(ord, "铃打雨")], np.uint32), weights)


def slowly(model: Network, text: str) -> tags.Scores:
    """Reckon as the docstring says, character by character."""
    w = model.weights
    row = {"铃": 2, "打": 3, "雨": 4}
    x = [w["letters"][row.get(sign, 1)] for sign in text]

    def normal(one: tags.Scores, name: str) -> tags.Scores:
        even = (one - one.mean()) / np.sqrt(one.var() + 1e-5)
        return np.asarray(even * w[f"{name}_slope"] + w[f"{name}_offset"])

    for n, gap in enumerate(GAPS):
        y = [normal(one, f"norm{n}") for one in x]
        nothing = np.zeros(WIDTH, np.float32)
        for at in range(len(x)):
            near = [y[k] if 0 <= k < len(y) else nothing for k in (at - gap, at, at + gap)]
            each = np.split(w[f"down{n}"] if n else w["near0"], 3, axis=1)
            heard = np.asarray(sum(one @ part for one, part in zip(near, each, strict=True)))
            x[at] = x[at] + np.maximum((heard @ w[f"up{n}"] if n else heard) + w[f"bias{n}"], 0)
        if n == network.MIDDLE:
            whole = np.maximum(np.mean(x, axis=0) @ w["around"] + w["around_bias"], 0)
            x = [one + whole for one in x]
    return np.array([normal(one, "last") @ w["head"] + w["head_bias"] for one in x])


@pytest.mark.parametrize("text", ["铃", "铃打", "打雨铃中打雨雨打铃打", "鈴打"])
def test_it_reckons_what_it_says(text: str) -> None:
    model = a_network()
    [(_, odds, spans)] = model.read([text])
    assert np.allclose(odds, slowly(model, text.replace("鈴", "铃")), atol=1e-4)
    assert list(spans) == [(n, n + 1) for n in range(len(text))]


def test_a_text_is_read_alike_whatever_stands_beside_it() -> None:
    model = a_network()
    [(_, alone, _)] = model.read(["打雨铃"])
    beside = [odds for _, odds, _ in model.read(["雨" * 90, "打雨铃", "铃", "打"])]
    assert np.allclose(beside[1], alone, atol=1e-5)
    assert np.allclose(beside[3], next(iter(model.read(["打"])))[1], atol=1e-5)


def test_what_is_not_asked_about_is_left_out_and_changes_nothing() -> None:
    luck, model = np.random.default_rng(1), a_network()
    texts = ["".join(luck.choice([*"铃打雨中"], many)) for many in (90, 3, 40)]
    every = [odds for _, odds, _ in model.read(texts)]
    asked = [[(20, 24), (33, 35)], [], [(0, 2), (39, 40)]]
    for whole, spans, (_, odds, pieces) in zip(every, asked, model.read(texts, asked), strict=True):
        places = [n for start, end in spans for n in range(start, end)]
        assert [*pieces] == [(n, n + 1) for n in places]
        assert np.allclose(odds, whole[places], atol=1e-5)


def test_it_survives_its_file(tmp_path: Path) -> None:
    model = a_network()
    model.save(tmp_path / "network.npz")
    again = network.load(tmp_path / "network.npz")
    assert again.tags == model.tags
    for name, numbers in model.weights.items():
        assert np.allclose(again.weights[name], numbers, atol=0.005 * np.abs(numbers).max()), name
    assert [again._rows("铃x打")[n] for n in range(3)] == [2, network.UNKNOWN, 3]


def test_the_network_in_the_repository_hears_and_is_small() -> None:
    model = network.load()
    assert network.FILE.stat().st_size < 1_500_000
    assert set(model.tags[:-1]) <= {one.id for one in allegations()}
    texts = ["他们一天打我五十个电话。我已经还清了。"]
    heard = hear(model, texts, [(0, 0, 11), (0, 12, 18)])
    calls = model.tags.index(CALLS)
    assert heard[0, calls] > 0 > heard[1, calls]


def test_it_is_asked_unless_a_model_of_sentences_is_given() -> None:
    finder = AllegationFinder(allegations(), lexicons())
    alone = AllegationFinder(allegations(), lexicons(), tags=tags.load())
    assert finder.listener.levels == network.LEVELS != alone.listener.levels
    assert finder.read("他们一天打我五十个电话催债", SourceKind.COMPLAINT).claims
