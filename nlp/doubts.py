"""Why words of misconduct allege nothing: denied, supposed, asked, announced, somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from data.facts.lexicons import Lexicons
from nlp.trie import trie

_COMMAS = "，,：:"
_ASKS = re.compile(r"^[^，。]{0,8}?(?:吗|么|呢)?[?？]|^.{0,6}(?:合法吗|违法吗|犯法吗|是真的吗)")
_WONDERS = re.compile(
    r"^[^，。,]{0,3}(?:吗|么)(?:$|[?？，,])|^[^，。,]{0,4}(?:怎么办|违法吗|犯法吗|合法吗|怎么处理|怎么应对)"
    r"|^[，,]?(?:是不是|真的假的|是真的吗|不知道真假)"
)
_REALLY = re.compile(r"真(?:的)?(?:会|能|要).{0,6}吗|收不收|会不会")
_SURE = re.compile("至于|凭什么|难道|还有王法|应该|合理|过分|就该|是人")
_ADVICE = re.compile("建议(?:你|大家|先)|记得|记住|楼主|你可以|免得|以免|省得|姐妹们|朋友们")
_WISHED = re.compile(
    "(?:请|希望|要求|恳请|麻烦|请求)[^，。,]{0,8}(?:不要|别再|勿|停止|不再|加强|核实|查实|避免)[^，。,]{0,12}$"
)
_FORBIDDEN = re.compile(  # somebody is told not to
    "(?:^|[也请再都就盼望,，：:、]|希望|千万|能不能|今后|以后)(?:别|勿|莫)(?:再|老|总|去|来)?[^，,。]{0,4}$|(?:不要|停止|不得再|不再)再?[^，,。]{0,4}$"
)
_IF = re.compile("如果|要是|万一|一旦|倘若|假如")
_IDLE = re.compile("算不算|是不是|一般|怎么|如何|哪些|什么样|多久|几个[?？]?$|会怎么样|流程")
_ENDS_ASKING = re.compile("[?？]$|(?:吗|呢|啊|呀|吧|么|流程|怎么样|多少|几个)[?？。]?$")
_NOTHING = re.compile("不存在|没有问题|没问题|没有错")
_AGREES = re.compile(
    "(?:和|跟|与|同)(?!高利|骗|诈|抢)[^，,。]{1,14}(?<!不)(?<!不太)(?<!不大)(?<!不是)(?:一样|一致|相符|对得上)[。!！]?$"
)
_IN_TRUTH = re.compile("实际|结果|其实|却")
_OWN_REPORT = re.compile("我们?已?经?(?:向|去|到|在|给|跟)[^，,。]{0,12}(?:举报|投诉|反映)")
_TICKED = re.compile(  # what a form lets people tick is no account
    r"(?:[\[【](?:投诉(?:要求|诉求|问题|目的)|诉求)[\]】][:：]?"
    r"|(?:投诉(?:要求|诉求|问题|目的)|我的诉求|诉求|问题类型|希望解决方式|请求事项|希望|要求)[:：])\s*[^\n。]*"
)
_TICKS = ":：]】"  # without one of these nothing is ticked
_NEAR, _FAR, _BEFORE, _AFTER, _ANNOUNCED = 3, 14, 22, 12, 14


class Doubt(StrEnum):
    """A reason to leave a match out, as people are told it."""

    DENIED = "否定"
    SUPPOSED = "假设"
    ASKED = "疑问"
    ANNOUNCED = "尚未发生"
    REVERSED = "方向相反"
    NO_DEBT = "与借贷无关"
    DEMAND = "投诉要求"
    CONTEXT = "文体"
    UNSPECIFIC = "已有具体行为"
    SLOGAN = "标题口号"
    SAME_ACT = "同一行为"
    ADVICE = "建议"
    VOICE = "非亲历"
    UNLIKELY = "模型不认同"


class Doubts:
    """Reads what stands around a match in its sentence."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Compile the cue lists."""
        negations = lexicons.negations
        self._near = re.compile(f"{_any(negations.near)}[^，,。：:]{{0,{_NEAR}}}$")
        self._but = re.compile(_any(negations.but))
        self._far = re.compile(f"{_any(negations.far)}[^，,。]{{0,{_FAR}}}$")
        self._rule = re.compile("不得|严禁|禁止|不应|不准")
        self._after = re.compile(f"^[^。]{{0,{_AFTER}}}?{_any(negations.after)}")
        self._supposed = re.compile(_any(lexicons.conditions))
        self._open = re.compile("会不会|是否会|能不能")
        self._asked = re.compile(f"{_any(lexicons.questions)}[^，,。]{{0,10}}$")
        self._announced = re.compile(_any(lexicons.announced))
        self._author = re.compile(
            f"(?<![吓胁告逼诉求]){_any(lexicons.author)}(?!.*(?:投诉|举报|他们|对方|催收))[^，,。]{{0,16}}$"
        )
        self._creditor = re.compile(_any(lexicons.creditor))

    def denied(self, sentence: str, start: int, end: int) -> bool:
        """Tell whether the clause says that it did not, must not or may not happen."""
        clause = sentence[_clause_start(sentence, start) : start]
        if _NOTHING.search(sentence[start:end]) or _FORBIDDEN.search(clause):
            return True
        near = self._near.search(clause)
        if near and not self._but.match(sentence[start - len(clause) + near.start() :]):
            return True
        return bool(
            self._far.search(clause)
            or self._rule.search(sentence[start:end])
            or self._after.search(sentence[end:])
        )

    def supposed(self, sentence: str, start: int, end: int = 0) -> bool:
        """Tell whether it stands under a condition or a fear."""
        if _IF.search(sentence[start:end]):
            return True
        return bool(self._supposed.search(sentence[max(0, start - _BEFORE) : start]))

    def wished(self, sentence: str, start: int) -> bool:
        """Tell whether the author asks that it should not happen."""
        return bool(_WISHED.search(sentence[max(0, start - _BEFORE) : start]))

    def advised(self, sentence: str) -> bool:
        """Tell whether somebody else is being advised."""
        return bool(_ADVICE.search(sentence)) and "我" not in sentence

    def asked(self, sentence: str, start: int, end: int, stop: str) -> bool:
        """Tell whether somebody wants to know; ``stop`` is the sign that ends the sentence."""
        if self._asked.search(sentence[max(0, start - _BEFORE) : start]):
            return True
        if self._open.search(sentence[start:end]):
            return True
        if _REALLY.search(sentence):
            return True
        if _IDLE.search(sentence) and "我" not in sentence and _ENDS_ASKING.search(sentence + stop):
            return True
        if _WONDERS.search(sentence[end:] + stop) and not _SURE.search(sentence):
            return "我" not in sentence
        return bool(
            "会" in sentence[max(0, start - 4) : start] and _ASKS.search(sentence[end:] + stop)
        )

    def announced(self, sentence: str, start: int, end: int) -> int | None:
        """Return where the announcement of the act begins, if it is only announced."""
        before = max(0, start - _ANNOUNCED)
        match = self._announced.search(sentence[before:start] + sentence[start:end][:3])
        if match is None or before + match.start() > start:
            return None
        own = before + match.start()
        return None if sentence[max(0, own - 1) : own] == "我" else own

    def reversed(self, sentence: str, start: int) -> bool:
        """Tell whether the borrower acts, or somebody to whom others owe money."""
        clause = sentence[_clause_start(sentence, start) : start]
        clause += sentence[start : start + 2]
        return bool(self._author.search(clause) or self._creditor.search(sentence[:start]))


def agreeing(sentence: str) -> bool:
    """Tell whether the sentence ends in one thing being as another: as the ad says, for one."""
    return bool(_AGREES.search(sentence)) and not _IN_TRUTH.search(sentence)


def ticked(text: str) -> list[tuple[int, int]]:
    """Return where a folded text has what a form lets people tick."""
    if not any(map(text.__contains__, _TICKS)):
        return []
    return [match.span() for match in _TICKED.finditer(text)]


def reported(sentence: str) -> bool:
    """Tell whether it is the author who turned to an office."""
    return bool(_OWN_REPORT.search(sentence))


def _clause_start(sentence: str, at: int) -> int:
    return max(sentence.rfind(comma, 0, at) for comma in _COMMAS) + 1


def _any(words: Iterable[str]) -> str:
    return f"(?:{trie(words)})"


_PATIENT = frozenset(
    {"policy_news", "lender_pr", "legal_qa", "industry_analysis", "figurative", "insider"}
)
_PLAIN = frozenset({"resolved", "anti_collection_ad", "fiction"})  # told in the first person too
_OWN = 2  # words of the first person that make an account of one's own


def contexts_of(counts: Sequence[tuple[str, int, bool]], own_voice: int) -> list[str]:
    """Return the contexts a text belongs to, from (name, cues, whether one cue is enough).

    An advertisement speaks in the first person too; the other kinds of text hardly do.
    """
    found = []
    for name, n, sure in counts:
        need = 2 + (name in _PATIENT and own_voice >= _OWN) * 2 + (name == "job_ad") * own_voice
        if n >= need or (sure and (own_voice < _OWN or name in _PLAIN)):
            found.append(name)
    return found
