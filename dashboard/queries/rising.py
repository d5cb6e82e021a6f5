"""Words that bad news suddenly contain: the last day's texts against those of four weeks before.

A text counts once for each word in it. Words are ranked by Dunning's log-likelihood ratio (1993,
doi 10.5555/972450.972454) and shown only where chance alone would hardly do it (G² ≥ 15.1,
p < 0.0001) and the share of texts at least doubled. Both sides are samples of fixed size, so that
the question costs the same however many mentions there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import log
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from data.facts.lexicons import lexicons
from data.model import Sentiment
from data.store.schema import mention, verdict

if TYPE_CHECKING:
    from rjieba import Jieba

NOW_TEXTS, DAY_TEXTS, DAYS = 300, 30, 28
"""Texts of the last day; and texts of each of so many days before."""
READ = 300
"""Characters of a text that are looked at."""
LEAST, SURE, TIMES = 4, 15.1, 2.0
"""Texts that a word must be in; the least G²; how many times its usual share."""
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        """他们 我们 你们 自己 大家 今天 昨天 明天 现在 时候 小时 之前 之后 开始 一直 已经 还是
        就是 不是 真的 可以 没有 知道 觉得 出来 起来 里面 一个 一个多 两个 几个 这个 那个 这种
        什么 怎么 因为 所以 但是 而且""",
    )
)
"""Words that tell nobody what a text is about."""
_HAN = re.compile(r"^[\u4e00-\u9fff]{2,8}$")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rising:
    """A word, in how many of the texts it stands now, and its share then and now."""

    word: str
    n: int
    now: float
    usual: float


def rising(
    conn: Connection, lender: str, now: datetime, names: Sequence[str] = (), top: int = 12
) -> tuple[Rising, ...]:
    """Return the words that rose most in negative mentions; ``names`` are left out."""
    recent = _texts(conn, lender, now - _DAY, now, NOW_TEXTS)
    earlier = [
        text
        for back in range(1, DAYS + 1)
        for text in _texts(conn, lender, *_stretch(now, back), DAY_TEXTS)
    ]
    return ranked(_counted(recent), len(recent), _counted(earlier), len(earlier), names)[:top]


def ranked(
    now: Counter[str], n: int, then: Counter[str], before: int, names: Sequence[str] = ()
) -> tuple[Rising, ...]:
    """Return what rose, by certainty; counts are of texts, ``n`` and ``before`` all texts."""
    if not n or not before:
        return ()
    found = []
    for word, count in now.items():
        if count < LEAST or any(word in name or name in word for name in names):
            continue
        usual = then[word]
        if count / n < TIMES * usual / before:
            continue
        sure = _likelihood(count, n, usual, before)
        if sure >= SURE:
            found.append((sure, Rising(word, count, count / n, usual / before)))
    found.sort(key=lambda pair: (-pair[0], pair[1].word))
    return tuple(_apart(one for _, one in found))


def _apart(found: Iterable[Rising]) -> Iterable[Rising]:
    """Leave out a word that stands inside a surer one in as many texts: 门口 in 家门口."""
    kept: list[Rising] = []
    for one in found:
        if not any((one.word in k.word or k.word in one.word) and one.n <= k.n for k in kept):
            kept.append(one)
            yield one


def _likelihood(a: int, n: int, b: int, m: int) -> float:
    """Return G² of a word in ``a`` of ``n`` texts now and in ``b`` of ``m`` before."""
    share = (a + b) / (n + m)
    terms = ((a, n * share), (b, m * share), (n - a, n * (1 - share)), (m - b, m * (1 - share)))
    return 2 * sum(seen * log(seen / due) for seen, due in terms if seen)


def _stretch(now: datetime, back: int) -> tuple[datetime, datetime]:
    """Return a day before; it ends at another hour each time, so that no hour is favoured."""
    end = now - _DAY * back - timedelta(hours=(back * 5) % 24)
    return end - _DAY, end


def _texts(
    conn: Connection, lender: str, since: datetime, until: datetime, limit: int
) -> list[str]:
    v = verdict.c
    newest = (
        select(v.mention_id)
        .where(v.lender == lender, v.published_at > since, v.published_at <= until,
               v.sentiment == Sentiment.NEGATIVE.value)
        .order_by(v.published_at.desc())
        .limit(limit)
    )  # fmt: skip
    words: Any = mention.c.title + " " + func.substr(mention.c.text, 1, READ)
    chosen = select(words).where(mention.c.id.in_(newest.subquery().select()))
    return list(conn.execute(chosen).scalars())


def _counted(texts: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in dict.fromkeys(texts):  # the same text again is no new voice
        words = {word for word in _segmenter().cut(text, hmm=False) if _HAN.match(word)} - _EMPTY
        found.update(words)
    return found


@cache
def _segmenter() -> Jieba:
    """Return the segmenter that keeps the words of lexicons.yaml whole."""
    from rjieba import Jieba  # a tenth of a second that only this page needs

    made = Jieba()
    for word in sorted({word for group in lexicons().words.values() for word in group}):
        if _HAN.match(word):
            made.add_word(word, 20_000, "n")
    return made
