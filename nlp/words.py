"""Words of a text: jieba's dictionary, cut by rjieba; with our own words where people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import rjieba

from data.facts.lexicons import lexicons
from data.fold import fold

if TYPE_CHECKING:
    import jieba

_FREQUENT = 20_000  # outweighs what jieba's dictionary would split a domain word into
_STOP = frozenset("的了是在我他她它们你有和就都而及与这那也很不没还要会对被把给让说到去上下个一")


@cache
def plain() -> rjieba.Jieba:
    """Return the segmenter with jieba's own dictionary: what models are trained on."""
    return rjieba.Jieba()


@cache
def domain() -> rjieba.Jieba:
    """Return the segmenter that keeps the words of lexicons.yaml whole: what people are shown."""
    segmenter = rjieba.Jieba()
    for word in sorted(domain_words()):
        segmenter.add_word(word, _FREQUENT, "n")
    return segmenter


def domain_words() -> frozenset[str]:
    """Return the words of lexicons.yaml that have two or more characters."""
    found = lexicons()
    words = {word for group in found.words.values() for word in group} | set(found.spellings)
    return frozenset(word for word in words if len(word) > 1 and not word.isascii())


def python_jieba(cache_folder: Path) -> jieba.Tokenizer:
    """Return jieba itself with the same words, for tools that want a jieba tokenizer.

    jieba unmarshals its cache; one in the shared temporary folder could be anybody's.
    """
    import jieba

    cache_folder.mkdir(parents=True, exist_ok=True)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(cache_folder)
    tokenizer.cache_file = "jieba.cache"
    for word in sorted(domain_words()):
        tokenizer.add_word(word, _FREQUENT, "n")
    return tokenizer


def keywords(texts: Iterable[str], most: int = 20) -> list[tuple[str, int]]:
    """Return the words that most of ``texts`` contain, with the number of texts that do."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word in domain().cut(fold(text)) if _tells(word)})
    return counts.most_common(most)


def _tells(word: str) -> bool:
    return len(word) > 1 and "\u4e00" <= word[0] <= "\u9fff" and not _STOP & set(word)
