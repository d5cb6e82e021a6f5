"""Why we think so: names, words for and against, allegations with clauses, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from data.facts.rules import rules
from data.model import Allegation, Clause, Lender, Mention, SourceKind
from nlp.assess import Assessor
from nlp.doubts import Doubt
from nlp.sentiment import Feeling

_MOST_WORDS = 12
_ENOUGH = 0.02  # a push smaller than this is no reason
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # explaining stores nothing, so no time matters


@dataclass(frozen=True, slots=True)
class ExplainedAllegation:
    """An allegation in the text, with the clauses that it may touch (可能触及)."""

    allegation: Allegation
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ExplainedSilence:
    """Words that look like an allegation and are not counted, and why."""

    allegation: Allegation
    quote: str
    doubt: Doubt
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a decision about one text rests on."""

    text: str
    names: tuple[tuple[str, str], ...]  # lender's slug and the words that name it
    feeling: Feeling
    words: tuple[tuple[str, float], ...]  # word, push: + for, - against
    allegations: tuple[ExplainedAllegation, ...]
    left_out: tuple[ExplainedSilence, ...]
    severity: int
    made_by: str

    def lines(self) -> list[str]:
        """Return the explanation as lines for a terminal, in Chinese."""
        named = "、".join(f"{words}（{slug}）" for slug, words in self.names)
        found = [f"提到：{named or '未提到名单中的机构'}"]
        feeling = self.feeling
        found.append(
            f"情感：{_ZH[feeling.label.value]}  得分 {feeling.score:+.2f}"
            f"（负 {feeling.negative:.2f} 中 {feeling.neutral:.2f} 正 {feeling.positive:.2f}）"
        )
        found.append("  词语：" + "  ".join(f"{word} {push:+.2f}" for word, push in self.words))
        found.append(f"指控：{len(self.allegations)} 处，最高严重程度 {self.severity}")
        for item in self.allegations:
            found += _allegation_lines(item)
        if self.left_out:
            found.append("未采纳：")
        for out in self.left_out:
            why = (
                f"{out.doubt.value}：{out.detail}"
                if out.doubt is Doubt.CONTEXT
                else out.doubt.value
            )
            found.append(f"  {out.allegation.zh}「{out.quote}」—— {why}")
        return [*found, f"版本：{self.made_by}"]


def explain(
    text: str, lenders: Sequence[Lender], kind: SourceKind = SourceKind.COMPLAINT
) -> Explanation:
    """Explain one text as if a source of ``kind`` had carried it.

    Names no lender: allegations and sentiment are shown all the same.
    """
    return Explainer(Assessor(lenders)).explain(text, kind)


class Explainer:
    """Explains texts with one compiled assessor."""

    def __init__(self, assessor: Assessor) -> None:
        """Keep the assessor and its taxonomy by id."""
        self._assessor = assessor
        self._taxonomy = {allegation.id: allegation for allegation in assessor.taxonomy}

    def explain(self, text: str, kind: SourceKind = SourceKind.COMPLAINT) -> Explanation:
        """Return what stands in ``text`` and why it counts or does not."""
        mention = Mention(
            source="terminal", native_id="1", kind=kind, url="", text=text, fetched_at=_SOME_DAY
        )
        seen = self._assessor.look(mention)
        reading = seen.readings["text"]
        allegations = tuple(
            ExplainedAllegation(
                self._taxonomy[claim.allegation],
                text[claim.start : claim.end],
                claim.start,
                claim.end,
            )
            for claim in reading.claims
        )
        left_out = tuple(
            ExplainedSilence(
                self._taxonomy[out.claim.allegation],
                text[out.claim.start : out.claim.end],
                out.doubt,
                out.detail if out.doubt is Doubt.CONTEXT else "",
            )
            for out in reading.left_out
        )
        names = dict.fromkeys((n.subject, n.words) for ns in seen.names.values() for n in ns)
        words = self._assessor.model.contributions(seen.nameless)
        return Explanation(
            text=text,
            names=tuple(names),
            feeling=seen.feeling,
            words=tuple((w, p) for w, p in words if abs(p) > _ENOUGH)[:_MOST_WORDS],
            allegations=allegations,
            left_out=left_out,
            severity=max((item.allegation.severity for item in allegations), default=0),
            made_by=self._assessor.made_by,
        )


_ZH = {"neg": "负面", "neu": "中性", "pos": "正面"}
_BASIS = {"direct": "对照", "possible": "可能触及", "context": "视机构类型"}
_UNCERTAIN = {"secondary", "general_knowledge"}


def _allegation_lines(item: ExplainedAllegation) -> list[str]:
    allegation = item.allegation
    quote = f"「{item.quote}」 第 {item.start}–{item.end} 字"
    lines = [f"  [{allegation.severity}] {allegation.zh}（{allegation.id}）{quote}"]
    return lines + [f"      {_clause(clause)}" for clause in allegation.clauses]


def _clause(clause: Clause) -> str:
    title = rules()[clause.rule].title
    doubt = "（条文待核）" if clause.verified in _UNCERTAIN else ""
    return f"{_BASIS[clause.basis]}：《{title}》{clause.article}{doubt}"
