"""Is a text negative about this company? Two rounds of logistic regression over pairs.

The first round reads the words around each name; the second also sees what the first thought of
the other companies, for a text seldom blames all it names. Of the text the model of sentiment is
asked, too, and both count the same: it has read far more. Then text and companies are decided
together: a negative text blames at least the likeliest, and one that blames none is not negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from nlp.figures import Figures
from nlp.grams import Block, presence, small
from nlp.pairs import Case, Pair, read

FILE = Path(__file__).with_name("models") / "about.npz"
TEXT = Block(longest=3, bits=18, salt=11, most=1200)
BLOCKS = (
    Block(longest=4, bits=18, salt=12, most=700),  # windows
    Block(longest=3, bits=16, salt=13, most=150),  # the nearest characters
    Block(longest=4, bits=14, salt=14, most=40),  # the name itself
)
_SURE = (0.005, 0.995)  # surer than this counts as this
Numbers = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a text is negative, and about which of its companies; log-odds in the same order."""

    negative: bool
    score: float
    blamed: tuple[bool, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AboutModel:
    """``words`` has an array a block, TEXT first; the last item of each ``line`` is its offset."""

    words: tuple[Weights, ...]
    text_offset: float
    first: Numbers  # over figures
    second: Numbers  # over relations and figures
    cut: float  # log-odds above which a company of a negative text is blamed
    pull: float  # how much the likeliest company says about the text

    def judge(
        self, cases: Sequence[Case], against: Sequence[float] | None = None
    ) -> list[Judgement]:
        """Judge texts that name any number of companies, none too.

        ``against`` are the probabilities that the model of sentiment gives each text, read without
        the names, of being negative; left out, it is not asked.
        """
        if not cases:
            return []
        groups, nameless = read(cases)
        scores, figures = self.scores(nameless), Figures(groups)
        if against is not None:
            scores = (scores + logit(np.clip(against, *_SURE))) / 2
        each = np.repeat(scores, [len(group) for group in groups])
        logits = self.second_round(figures, self.first_round(figures, each), each)
        edges = np.cumsum([0, *map(len, groups)]).tolist()
        flat = logits.tolist()
        return [
            self._together(flat[start:end], score)
            for (start, end), score in zip(pairwise(edges), scores.tolist(), strict=True)
        ]

    def scores(self, nameless: Sequence[str]) -> Numbers:
        """Return the log-odds (n,) that each text is negative; names are replaced."""
        words = presence(nameless, TEXT) @ self.words[0]
        found: Numbers = words.astype(np.float64) + self.text_offset
        return found

    def first_round(self, figures: Figures, scores: Numbers) -> Numbers:
        """Return log-odds (n,) from the words around each name and its figures."""
        total: Numbers = figures.first(scores) @ self.first[:-1] + self.first[-1]
        if figures.pairs:
            for texts, block, weights in zip(
                columns(figures.pairs), BLOCKS, self.words[1:], strict=True
            ):
                total += presence(texts, block) @ weights
        return total

    def second_round(self, figures: Figures, first: Numbers, scores: Numbers) -> Numbers:
        """Return log-odds (n,) that also know what the first round thought of the others."""
        found: Numbers = figures.second(first, scores) @ self.second[:-1] + self.second[-1]
        return found

    def _together(self, logits: Sequence[float], score: float) -> Judgement:
        if not logits:
            return Judgement(score > 0, score, (), ())
        best = max(logits)
        negative = score + self.pull * min(4.0, max(-4.0, best)) > 0
        blamed = [negative and (value > self.cut or value == best) for value in logits]
        return Judgement(negative, score, tuple(blamed), tuple(logits))

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: eight bits a word's weight."""
        arrays: dict[str, npt.ArrayLike] = {
            "first": self.first, "second": self.second,
            "numbers": np.array([self.text_offset, self.cut, self.pull]),
        }  # fmt: skip
        for number, weights in enumerate(self.words):
            few, scale = small(weights)
            arrays |= {f"scale{number}": np.float32(scale), f"weights{number}": few}
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@cache
def load(file: Path = FILE) -> AboutModel:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        words = tuple(
            arrays[f"weights{number}"].astype(np.float32) * arrays[f"scale{number}"]
            for number in range(1 + len(BLOCKS))
        )
        offset, cut, pull = arrays["numbers"].tolist()
        return AboutModel(words, offset, arrays["first"], arrays["second"], cut, pull)


def columns(flat: Sequence[Pair]) -> tuple[list[str], list[str], list[str]]:
    """Return the texts of BLOCKS."""
    return [p.windows for p in flat], [p.near for p in flat], [p.name for p in flat]
