"""Teach the network of nlp/network.py: ``python -m nlp.train_network DATA tests/gold [--on]``.

DATA are the public sets (nlp/corpora.py). The transformer of nlp/vote.py is asked about our texts,
about those in other words (nlp/variations.py) and about public ones; the network learns what it
says, of our texts half and half with what their authors say. Needs PyTorch (``make fitting``) and
the extra ``vote``; two hours on two cores. ``--on`` goes on from the network in place, thin as it
is (half an hour). Dev rows and the test half of the gold are never read.
PyTorch has no types where mypy runs (the ignore).
"""

# ruff: noqa: S311 - chance is seeded, not secret
from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from scipy.special import expit
from torch import nn
from torch.nn import functional

from data import facts
from data.fold import fold
from nlp import encoder, train_vote, variations, vote
from nlp.gold import LESSONS, PLAIN, load
from nlp.hearing import WINDOW, Opinion, hear
from nlp.network import FILE, GAPS, MIDDLE, UNKNOWN, Network
from nlp.network import load as load_network
from nlp.tags import Scores
from nlp.text import sentences

SEED, WIDTH, ROUNDS, RATE, DROPPED, BLURRED, KEPT = 0, 192, 8, 2e-3, 0.1, 0.1, 0.998
RANK, THIN_ROUNDS, THIN_RATE = 64, 3, 8e-4
"""Of the convolutions after the first once they are thinned, and how it then learns on."""
PLAIN_OWN, PLAIN_OFTEN = 0.75, 4
"""How much authors of plain texts are believed beside the teacher, and how often they are told."""
VARIED, PUBLIC, PUBLIC_FINANCE, PUBLIC_LONG = 40_000, 700, 3000, 250
"""Texts in other words, public texts of a set (of bdci more), and characters of one."""
COMPANY = 30_000
"""Public texts whose words tell which are alike."""
BUDGET = 8192
"""Characters of a batch."""
OFTEN = 3  # how often a character stands in what is learnt, to have a row of its own
_WARM, _FEW, _ALIKE, _ENDS = 200, 0.0005, 8, "?!？！"

Span = tuple[int, int]
Letters = Mapping[str, Scores]
"""Characters as others know them."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, its sentences as characters from, to, and how likely each alleges what."""

    text: str
    spans: tuple[Span, ...]
    wanted: Scores


Row = tuple[list[int], Lesson]
"""A lesson with the numbers of its characters."""


class Learner(nn.Module):  # type: ignore[misc]
    """The network of nlp/network.py in PyTorch."""

    def __init__(self, letters: int, tags: int, width: int = WIDTH) -> None:
        """Make it whole, with random weights; row 0 of the letters pads."""
        super().__init__()
        self.letters = nn.Embedding(letters, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in GAPS)
        self.near = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=gap, dilation=gap) for gap in GAPS
        )
        self.around, self.last = nn.Linear(width, width), nn.LayerNorm(width)
        self.head, self.drop = nn.Linear(width, tags), nn.Dropout(DROPPED)
        nn.init.constant_(self.head.bias, -5.0)  # an allegation is rare
        nn.init.normal_(self.letters.weight, std=0.5)

    def forward(self, ids: Any) -> Any:
        """Return log-odds (texts, characters, tags)."""
        real = (ids > 0)[:, :, None].float()
        x = self.drop(self.letters(ids)) * real
        for n, (norm, near) in enumerate(zip(self.norms, self.near, strict=True)):
            heard = functional.relu(near((norm(x) * real).transpose(1, 2)).transpose(1, 2))
            x = (x + heard) * real
            if n == MIDDLE:
                whole = functional.relu(self.around(x.sum(1) / real.sum(1)))
                x = x + whole[:, None] * real
        return self.head(self.drop(self.last(x)))

    def thin(self, rank: int) -> None:
        """Replace the convolutions after the first by two steps through ``rank`` numbers.

        They begin with the ``rank`` directions that matter most (Denton et al. 2014).
        """
        for n, gap in enumerate(GAPS[1:], 1):
            whole = self.near[n]
            width = len(whole.bias)
            stacked = whole.weight.permute(2, 1, 0).flatten(0, 1)
            left, sizes, right = torch.linalg.svd(stacked, full_matrices=False)
            roots = sizes[:rank].sqrt()
            down = nn.Conv1d(width, rank, 3, padding=gap, dilation=gap, bias=False)
            up = nn.Conv1d(rank, width, 1)
            with torch.no_grad():
                down.weight[:] = (left[:, :rank] * roots).reshape(3, width, rank).permute(2, 1, 0)
                up.weight[:] = (roots[:, None] * right[:rank]).T[:, :, None]
                up.bias[:] = whole.bias
            self.near[n] = nn.Sequential(down, up)

    def weights(self) -> dict[str, Scores]:
        """Return the weights, thin, as nlp/network.py takes them."""
        found = {"letters": self.letters.weight, "bias0": self.near[0].bias}
        found["near0"] = _parts(self.near[0].weight)
        for n, norm in enumerate(self.norms):
            found |= {f"norm{n}_slope": norm.weight, f"norm{n}_offset": norm.bias}
        for n, (down, up) in enumerate(self.near[1:], 1):
            found |= {f"down{n}": _parts(down.weight), f"up{n}": up.weight[:, :, 0].T}
            found[f"bias{n}"] = up.bias
        found |= {"around": self.around.weight.T, "around_bias": self.around.bias}
        found |= {"last_slope": self.last.weight, "last_offset": self.last.bias}
        found |= {"head": self.head.weight.T, "head_bias": self.head.bias}
        return {name: each.detach().numpy().copy() for name, each in found.items()}


def resumed(network: Network) -> Learner:
    """Return a learner that goes on where a thin network stands."""
    w = {name: torch.from_numpy(np.array(each)) for name, each in network.weights.items()}
    (letters, width), rank = w["letters"].shape, len(w["up1"])
    model = Learner(letters, len(network.tags), width)
    model.thin(rank)
    state = {"letters.weight": w["letters"], "near.0.weight": _kernel(w["near0"])}
    state["near.0.bias"] = w["bias0"]
    for n in range(len(GAPS)):
        state |= {f"norms.{n}.weight": w[f"norm{n}_slope"], f"norms.{n}.bias": w[f"norm{n}_offset"]}
    for n in range(1, len(GAPS)):
        state |= {f"near.{n}.0.weight": _kernel(w[f"down{n}"]), f"near.{n}.1.bias": w[f"bias{n}"]}
        state[f"near.{n}.1.weight"] = w[f"up{n}"].T[:, :, None]
    state |= {"around.weight": w["around"].T, "around.bias": w["around_bias"]}
    state |= {"last.weight": w["last_slope"], "last.bias": w["last_offset"]}
    state |= {"head.weight": w["head"].T, "head.bias": w["head_bias"]}
    model.load_state_dict(state)
    return model


def main(arguments: Sequence[str]) -> None:
    """Teach and write the network."""
    data, gold = map(Path, arguments[:2])
    torch.manual_seed(SEED)
    names = (*(one.id for one in facts.allegations()), "any")
    taught = [*lessons(data, gold, vote.transformer(), names)]
    if "--on" in arguments:
        further(load_network(), taught).save(FILE)
    else:
        learnt(taught, names, known_letters(vote.FOLDER)).save(FILE)


def lessons(data: Path, gold: Path, teacher: Opinion, names: Sequence[str]) -> Iterator[Lesson]:
    """Yield our texts, those in other words, and public ones, with what the teacher says."""
    sets, pages = train_vote.sets_of(data), train_vote.pages_of(gold)
    plain = {fold(item.text) for name in PLAIN for item in load(LESSONS, name)}
    for text, made in pages.items():
        if text in plain:
            yield from [told(teacher, text, made, names, PLAIN_OWN)] * PLAIN_OFTEN
        else:
            yield told(teacher, text, made, names)
    own = [words for made in pages.values() for words in made]
    public = [fold(f"{s.title}。{s.text}")[:PUBLIC_LONG] for each in sets.values() for s in each]
    random.Random(SEED).shuffle(public)
    like = variations.alike([*pages, *own, *public[:COMPANY]])
    for text in variations.varied([*pages], own, like, VARIED, SEED):
        yield from overheard(teacher, text)
    luck = random.Random(SEED)
    for name, samples in sorted(sets.items()):
        many = min(len(samples), PUBLIC_FINANCE if name == "bdci" else PUBLIC)
        for sample in luck.sample(samples, many):
            yield from overheard(teacher, fold(f"{sample.title}。{sample.text}")[:PUBLIC_LONG])


def told(
    teacher: Opinion, text: str, made: train_vote.Made, names: Sequence[str], own: float = 0.5
) -> Lesson:
    """Return one of our texts: what its author says, ``own`` of it, and the teacher the rest."""
    spans = [(start := max(0, text.find(words)), start + len(words)) for words in made]
    said = np.array([[n in one for n in names[:-1]] + [bool(one)] for one in made.values()])
    wanted: Scores = (own * said + (1 - own) * _said(teacher, text, spans)).astype(np.float32)
    return Lesson(text, tuple(spans), wanted)


def overheard(teacher: Opinion, text: str) -> Iterator[Lesson]:
    """Yield what the teacher says of a text, if there is anything to be heard."""
    spans = [(a, b + (text[b : b + 1] in {*_ENDS})) for a, b in sentences(text) if b - a > 1]
    if spans:
        yield Lesson(text, tuple(spans), _said(teacher, text, spans))


def known_letters(folder: Path) -> Letters:
    """Return the characters as the transformer in ``folder`` knows them."""
    pieces = json.loads((folder / vote.TOKENIZER).read_text("utf-8"))["model"]["vocab"]
    rows = encoder.read(folder / vote.MODEL).word.weight.detach().numpy()
    return {piece[-1]: rows[n] for n, (piece, _) in enumerate(pieces) if len(piece.strip("▁")) == 1}


def learnt(
    taught: Sequence[Lesson],
    names: Sequence[str],
    known: Letters,
    rounds: tuple[int, int] = (ROUNDS, THIN_ROUNDS),
    sizes: tuple[int, int] = (WIDTH, RANK),
) -> Network:
    """Return the network after so many rounds, first whole, then thin; of such width and rank."""
    often = Counter(sign for lesson in taught for sign in lesson.text)
    signs = sorted(sign for sign, n in often.items() if n >= OFTEN)
    row = {sign: n for n, sign in enumerate(signs, UNKNOWN + 1)}
    rows = [(_numbers(row, lesson.text), lesson) for lesson in taught]
    model = Learner(UNKNOWN + 1 + len(signs), len(names), sizes[0])
    _begin(model, signs, known)
    _teach(model, rows, rounds[0], RATE, "教小网络")
    model.thin(sizes[1])
    _teach(model, rows, rounds[1], THIN_RATE, "教变薄的小网络")
    return Network(names, np.array([*map(ord, signs)], np.uint32), model.weights())


def further(network: Network, taught: Sequence[Lesson], rounds: int = THIN_ROUNDS) -> Network:
    """Return the network after so many rounds more; it keeps the characters that it knows."""
    row = {chr(point): n for n, point in enumerate(network.signs.tolist(), UNKNOWN + 1)}
    model = resumed(network)
    rows = [(_numbers(row, lesson.text), lesson) for lesson in taught]
    _teach(model, rows, rounds, THIN_RATE, "小网络接着学")
    return Network(network.tags, network.signs, model.weights())


def _teach(model: Learner, rows: Sequence[Row], rounds: int, rate: float, what: str) -> None:
    """Go over all rows so many times; what stays is the moving mean of all weights."""
    luck = random.Random(SEED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    means = [each.detach().clone() for each in model.parameters()]
    plan = [batch for _ in range(rounds) for batch in _batches(rows, luck)]
    for step, batch in enumerate(track(plan, what, console=Console(stderr=True)), 1):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, step / _WARM) * (1 - step / (len(plan) + 1))
        loss = _loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        keep = min(KEPT, (1 + step) / (10 + step))
        for mean, now in zip(means, model.parameters(), strict=True):
            mean.lerp_(now.detach(), 1 - keep)
    with torch.no_grad():
        for mean, now in zip(means, model.parameters(), strict=True):
            now.copy_(mean)


def _begin(model: Learner, signs: Sequence[str], known: Letters) -> None:
    """Let characters begin where others know them: the directions in which they differ most."""
    if not known:
        return
    usual = np.mean([*known.values()], axis=0)
    rows = np.array([known.get(sign, usual) for sign in signs]) - usual
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    own = rows @ directions[: model.letters.embedding_dim].T
    with torch.no_grad():
        model.letters.weight[:] = 0
        model.letters.weight[UNKNOWN + 1 :] = torch.from_numpy(own / own.std() / 2)


def _parts(kernel: Any) -> Any:
    """Return a kernel (out, in, 3) as (in, 3 × out): for the one before, itself, the one after."""
    return kernel.permute(1, 2, 0).flatten(1)


def _kernel(parts: Any) -> Any:
    """Return what ``_parts`` made a kernel of."""
    return parts.unflatten(1, (3, -1)).permute(2, 0, 1)


def _loss(model: Learner, batch: Sequence[Row]) -> Any:
    """Return how far what is heard is from what is wanted; some characters are made unknown."""
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([[*own, *[0] * (longest - len(own))] for own, _ in batch])
    blurred = (torch.rand(ids.shape) < BLURRED) & (ids > 0)
    odds = model(torch.where(blurred, UNKNOWN, ids))
    places, wanted = [], []
    for n, (own, lesson) in enumerate(batch):
        for (start, end), each in zip(lesson.spans, lesson.wanted, strict=True):
            if start < min(end, len(own)):
                places.append([n * longest + at for at in range(start, min(end, len(own)))])
                wanted.append(each)
    truth = torch.tensor(np.array(wanted), dtype=torch.float32) * (1 - 2 * _FEW) + _FEW
    heard = _means(odds.flatten(0, 1), places)
    loss = functional.binary_cross_entropy_with_logits(heard, truth, reduction="none")
    return loss.sum(1).mean()


def _means(odds: Any, places: Sequence[Sequence[int]]) -> Any:
    """Return log-odds (sentences, tags): of the mean odds of the characters at ``places``."""
    most, none = max(map(len, places)), len(odds)
    which = torch.tensor([[*own, *[none] * (most - len(own))] for own in places])
    padded = torch.cat([odds, torch.full((1, odds.shape[1]), -1e4)])
    many = torch.tensor([len(own) for own in places])
    return torch.logsumexp(padded[which], 1) - many.log()[:, None]


def _batches(rows: Sequence[Row], luck: random.Random) -> list[Sequence[Row]]:
    """Return texts of like length together, BUDGET characters each, in any order."""
    order = sorted(luck.sample(rows, len(rows)), key=lambda one: len(one[0]) // _ALIKE)
    found: list[list[Row]] = [[]]
    for one in order:
        if found[-1] and (len(found[-1]) + 1) * len(one[0]) > BUDGET:
            found.append([])
        found[-1].append(one)
    luck.shuffle(found)
    return [*found]


def _numbers(row: Mapping[str, int], text: str) -> list[int]:
    return [row.get(sign, UNKNOWN) for sign in text[:WINDOW]]


def _said(teacher: Opinion, text: str, spans: Sequence[Span]) -> Scores:
    said: Scores = expit(hear(teacher, [text], [(0, start, end) for start, end in spans]))
    return said


if __name__ == "__main__":
    main(sys.argv[1:])
