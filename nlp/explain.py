"""Why we think so: names, words for and against, allegations with clauses, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data import facts
from data.facts.rules import rules
from data.model import Allegation, Clause, Lender, Mention, SourceKind
from nlp.assess import Assessor
from nlp.doubts import Doubt
from nlp.readings import Claim, LeftOut
from nlp.sentiment import Feeling

_MOST_WORDS = 12
_ENOUGH = 0.02  # a push smaller than this is no reason
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # explaining stores nothing, so no time matters


@dataclass(frozen=True, slots=True)
class ExplainedAllegation:
    """An allegation in the text, with the clauses that it may touch (可能触及)."""

    allegation: Allegation
    field: str  # title or text
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
    text: str,
    lenders: Sequence[Lender],
    kind: SourceKind = SourceKind.COMPLAINT,
    title: str = "",
) -> Explanation:
    """Explain one text as if a source of ``kind`` had carried it.

    A text that names no lender is read all the same.
    """
    return Explainer(Assessor(lenders)).explain(text, kind, title)


def report(text: str, title: str = "", lenders: Path | None = None) -> str:
    """Return the explanation for a terminal, for the lenders of a file. Raises FactError."""
    return "\n".join(explain(text, facts.lenders(lenders), title=title).lines())


class Explainer:
    """Explains texts with one compiled assessor."""

    def __init__(self, assessor: Assessor) -> None:
        """Keep the assessor and its taxonomy by id."""
        self._assessor = assessor
        self._taxonomy = {allegation.id: allegation for allegation in assessor.taxonomy}

    def explain(
        self, text: str, kind: SourceKind = SourceKind.COMPLAINT, title: str = ""
    ) -> Explanation:
        """Return what stands in ``text`` and ``title`` and why it counts or does not."""
        mention = Mention(
            source="terminal", native_id="1", kind=kind, url="", text=text, title=title,
            fetched_at=_SOME_DAY,
        )  # fmt: skip
        seen = self._assessor.look(mention)
        allegations, left_out = [], []
        for field, body in (("title", title), ("text", text)):
            reading = seen.readings[field]
            allegations += [self._found(field, body, claim) for claim in reading.claims]
            left_out += [self._silence(body, out) for out in reading.left_out]
        names = dict.fromkeys((n.subject, n.words) for ns in seen.names.values() for n in ns)
        words = self._assessor.model.contributions(seen.nameless[1], seen.nameless[0])
        return Explanation(
            text=text,
            names=tuple(names),
            feeling=seen.feeling,
            words=tuple((w, p) for w, p in words if abs(p) > _ENOUGH)[:_MOST_WORDS],
            allegations=tuple(allegations),
            left_out=tuple(left_out),
            severity=max((item.allegation.severity for item in allegations), default=0),
            made_by=self._assessor.made_by,
        )

    def _found(self, field: str, body: str, claim: Claim) -> ExplainedAllegation:
        quote = body[claim.start : claim.end]
        allegation = self._taxonomy[claim.allegation]
        return ExplainedAllegation(allegation, field, quote, claim.start, claim.end)

    def _silence(self, body: str, out: LeftOut) -> ExplainedSilence:
        quote = body[out.claim.start : out.claim.end]
        detail = out.detail if out.doubt is Doubt.CONTEXT else ""
        return ExplainedSilence(self._taxonomy[out.claim.allegation], quote, out.doubt, detail)


_ZH = {"neg": "负面", "neu": "中性", "pos": "正面"}
_FIELDS = {"title": "标题", "text": "正文"}
_BASIS = {"direct": "对照", "possible": "可能触及", "context": "视机构类型"}
_UNCERTAIN = {"secondary", "general_knowledge"}


def _allegation_lines(item: ExplainedAllegation) -> list[str]:
    allegation = item.allegation
    quote = f"「{item.quote}」 {_FIELDS[item.field]}第 {item.start}–{item.end} 字"
    lines = [f"  [{allegation.severity}] {allegation.zh}（{allegation.id}）{quote}"]
    return lines + [f"      {_clause(clause)}" for clause in allegation.clauses]


def _clause(clause: Clause) -> str:
    title = rules()[clause.rule].title
    doubt = "（条文待核）" if clause.verified in _UNCERTAIN else ""
    return f"{_BASIS[clause.basis]}：《{title}》{clause.article}{doubt}"
