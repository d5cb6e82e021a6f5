"""The transformer learns a tiny lesson, and what is written is what nlp/vote.py reads.

``make fitting``, apart from the other tests: it needs PyTorch and onnx, which nothing else does.
"""

from copy import deepcopy
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from nlp import network, vote
from nlp.hearing import hear

encoder, train_vote, train_network = (
    import_module(f"nlp.{name}") for name in ("encoder", "train_vote", "train_network")
)

KNOWN = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "▁", *"坏中好打电话我天。")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_learns_and_survives_its_file(tmp_path: Path) -> None:
    tokenizer = train_vote.cut(KNOWN, -np.ones(len(KNOWN)))
    felt = [
        train_vote.Felt(train_vote.pieces(tokenizer, c * n), k)
        for n in (1, 2, 3)
        for k, c in enumerate("坏中好")
    ]
    page = {"打电话": frozenset({"calls"}), "我好": frozenset()}
    told = [train_vote.tagged(tokenizer, "打电话。我好。", page, ("calls", "any"))]
    assert told[0].truth.tolist() == [[1, 1], [0, 0]]
    model = encoder.Encoder(len(KNOWN), 2, layers=1)
    plan = train_vote.rounds(felt * 8, told * 8, 12)
    train_vote.fit(model, plan, KNOWN.index("<mask>"), rate=2e-3)
    tokenizer.save(str(tmp_path / vote.TOKENIZER))
    encoder.export(model, ("calls", "any"), tmp_path / vote.MODEL)
    read = vote.Transformer(tmp_path)
    assert read.tags == ("calls", "any")
    assert vote.shares(read, ["坏坏", "中", "好好"]).argmax(axis=1).tolist() == [0, 1, 2]
    heard = hear(read, ["打电话。我好。"], [(0, 0, 3), (0, 4, 6)])
    assert heard[0, 0] > heard[1, 0] + 1

    again = encoder.read(tmp_path / vote.MODEL)
    for name, weights in again.state_dict().items():
        if name.split(".")[0] not in {"guess", "gln", "often"}:
            now = model.state_dict()[name]
            assert np.allclose(weights, now, atol=0.02 * float(now.abs().max()) + 1e-6), name


def test_the_network_learns_what_it_is_told_and_survives_its_file(tmp_path: Path) -> None:
    train_network.torch.manual_seed(0)
    told = [
        ("打电话。我好。", ((0, 3), (4, 6)), [[1, 1], [0, 0]]),
        ("他天天打电话", ((0, 6),), [[1, 1]]),
        ("我好你好", ((0, 4),), [[0, 0]]),
    ]
    lessons = [train_network.Lesson(t, s, np.array(w, np.float32)) for t, s, w in told * 40]
    learnt = train_network.learnt(lessons, ("calls", "any"), {}, (200, 100), (16, 8))
    learnt.save(tmp_path / "network.npz")
    read = network.load(tmp_path / "network.npz")
    heard = hear(read, ["打电话。我好。"], [(0, 0, 3), (0, 4, 6)])
    assert heard[0, 0] > heard[1, 0] + 1
    resumed = train_network.resumed(read).eval()
    [(_, odds, _)] = read.read(["打电话打我电"])
    ids = train_network.torch.tensor(read._rows("打电话打我电")[None, :])
    assert np.allclose(odds, resumed(ids)[0].detach().numpy(), atol=1e-4)
    other = [train_network.Lesson("我好你好", ((0, 4),), np.ones((1, 2), np.float32))] * 120
    more = hear(train_network.further(read, other, 300), ["我好你好"], [(0, 0, 4)])
    assert more[0, 0] > hear(read, ["我好你好"], [(0, 0, 4)])[0, 0] + 1


def test_what_was_fitted_is_reckoned_alike_without_pytorch() -> None:
    learner = train_network.Learner(5, 2, 16).eval()
    ids = train_network.torch.tensor([[2, 3, 4, 2, 1, 3, 0, 0], [2, 3, 4, 2, 1, 3, 2, 2]])
    whole = learner(ids)[0, :6].detach().numpy()
    for rank in (16, 8):  # sixteen are as many numbers as there are: nothing is lost
        thin = deepcopy(learner)
        thin.thin(rank)
        signs = np.array([*map(ord, "打电话")], np.uint32)
        read = network.Network(("calls", "any"), signs, thin.weights()).read(["打电话打我电"])
        [(_, odds, _)] = read
        assert np.allclose(odds, thin(ids)[0, :6].detach().numpy(), atol=1e-5)
        assert np.allclose(odds, whole, atol=1e-4) is (rank == 16)
