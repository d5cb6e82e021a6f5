"""What a text states besides allegations: where, how much, how late, how often, when, by whom.

Each fact has the span of its words in the raw text. Nothing is inferred beyond the words: a place
is the event's only where the words do not say that it is a company's, a number's or a court's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from data.facts.lexicons import Lexicons
from data.facts.places import places
from nlp.numbers import NUMBER, value
from nlp.pages import Page, page
from nlp.readings import Claim
from nlp.repair import garbling
from nlp.signs import Signs, each_hit
from nlp.text import View, folded

NIGHT_FROM, NIGHT_TO = 22, 8
"""Hours between which nobody may collect (GB/T 45251, 5.3), Asia/Shanghai."""

_GARBLED = 0.02  # a smaller share is a gloss or two
_DAYS = {"天": 1, "日": 1, "周": 7, "个星期": 7, "个月": 30, "月": 30, "年": 365, "期": 30}
_MOST_DAYS = 3_650

_ELSEWHERE = re.compile(
    r"^(?:市|省)?[^，。,；;]{0,6}?(?:银行|公司|金融|消金|法院|律师|律所|总部|分行|的?号|号码|号段|归属地|打来)"
)
_NUMBERS_PLACE = re.compile(
    "(?:归属地|显示|号码是?|来电|注册地在?|总部|公司在|公司地址在?|总部在|位于)$"
)
_HOME = re.compile("(?:坐标|家在|我在|人在|住在?|老家|家住|我是|本人在|居住|户籍|到|去|来|从)$")
_DISTRICT = re.compile(
    r"^(?:省|市|自治区|自治州)?([\u4e00-\u9fff]{1,4}?(?:区|县|旗|镇))(?![域块位间别])"
)
_AMOUNT = re.compile(
    rf"({NUMBER}(?:\.[0-9]+)?[万千百wk]?[一二两三四五六七八九1-9]?)(?:多|来)?"
    r"(元|块|人民币|(?<=[万千百wk])(?![个多名人次条号])"
    r"|(?<=[万千][一二两三四五六七八九1-9])(?![0-9个多名人次条号十百千万天月年期]))"
)
_PRINCIPAL = re.compile("借|贷|本金|下款|放款|批")
_FEE = re.compile("费|扣|罚|违约|利息|会员|保险|手续")
_LATE = re.compile(
    rf"(?:逾期|拖欠|晚还?|过期)(?:了|才|已|已经|不到|快|将近|第)*({NUMBER}|半)(多)?(天|日|周|个星期|个月|期|年)"
)
_CALLS = re.compile(
    rf"(一天|每天|一日|每日|当天|单日|今天|昨天|一个?小时|每小时|一上午|一个?上午|一下午|一个?下午)[^。！？；]{{0,16}}?"
    rf"({NUMBER})(?:多|几|来)?(?:个|通|次|遍|回)"
)
_CALL_WORDS = re.compile("电话|来电|打|拨|通|接|call|未接")
_UNANSWERED = re.compile("未接|没接|不接|拒接|挂断|挂掉")
_ANSWERED = re.compile("接了|接听|通话|都接|接通")
_CLOCK = re.compile(
    r"(凌晨|半夜|大半夜|深夜|夜里|夜间|[昨今前当每寻]晚|晚上|晚间|早上|早晨|清晨|一大早|上午|中午|下午|傍晚)?"
    rf"({NUMBER})(?:点钟?|:|：)(半|[0-9]{{1,2}}|[零一二三四五]?[十一二三四五六七八九]{{1,3}})?(?!\.|%|[0-9])"
)
_EVENING = frozenset({"晚上", "晚间", "傍晚", "夜里", "夜间", "深夜", "半夜", "大半夜"})
_AFTERNOON = frozenset({"下午", "中午"})
_ACT = re.compile("打|催|电话|短信|敲|拍|来|响|上门|微信|发|堵|闹|收到")
_COLLECTOR = re.compile(
    r"([\u4e00-\u9fff]{2,8}?(?:信用管理|资产管理|商务咨询|信息咨询|企业管理|法务咨询|律师事务所|律所|清收公司))(?:有限公司|公司)?"
)
_FIRMS = ("管理", "咨询", "律师事务所", "律所", "清收公司")
_NO_NAME = re.compile(
    "^(?:催收公司|催收单位|外包公司|一家|某家?|这家|那家|哪家|的|自称|冒充|什么|所谓|叫|是|说|陌生|有家|其他|第三方)+|^.*(?:的|是|叫|给|家|由|这个|那个|处理|投诉|举报|曝光|委托|外包|名为|自称|合作方|公司|转到|打着)"
)
_STAFF = re.compile(r"工号(?:是|为|：|:)?\s?([a-z]{0,4}[0-9]{3,8})")
_VISITORS = re.compile(
    rf"({NUMBER})(?:多|几|来)?(?:个|名|位)(?:[^，。个]{{0,4}}?)(?:人|男的|男人|男子|女的|女子|大汉|小伙子?|壮汉|催收)"
)
_MEN = ("男", "人", "汉", "小伙", "催收")
_VISIT = re.compile(
    "上门|蹲在|来我|到我|到他|闯|堵|围|坐在|站在|敲|砸|拍门|架着|进门|店里|家里|单位"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the span of its words, in code points of the raw text."""

    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Region:
    region: dict[str, str]
    start: int
    end: int
    sure: bool  # the author's own place

    def extends(self, last: _Region) -> bool:
        """Tell whether this is a town right behind its province."""
        same = last.region["province"] == self.region["province"] and not last.region["city"]
        return same and self.start - last.end <= 1


Facts = dict[str, tuple[Fact, ...]]
_Hit = tuple[int, int, int]  # which word, start, end
_Reader = Callable[[str], Iterator[tuple[Any, int, int]]]


class FactFinder:
    """Finds facts; pure, and cheap where a text has none of the words."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Prepare the places and the words for people near a borrower."""
        self._places = [
            (name, group[0], "" if name == group[0] else name)
            for group in places()
            for name in group
        ]
        self._place = AhoCorasick(
            [name for name, _, _ in self._places], matchkind=MatchKind.LeftmostLongest
        )
        self._people = [
            (word, sort)
            for sort in ("relatives", "work", "acquaintances")
            for word in lexicons.words[sort]
            if len(word) > 1
        ]
        self._person = AhoCorasick(
            [word for word, _ in self._people], matchkind=MatchKind.LeftmostLongest
        )

    def find(self, raw: str, claims: Sequence[Claim] = ()) -> Facts:
        """Return the facts in ``raw`` by slot, each slot in reading order.

        Relations are looked for only in the words of ``claims``, the allegations found in it.
        """
        return self.find_all([page(raw)], [claims])[0]

    def find_all(self, pages: Sequence[Page], claims: Sequence[Sequence[Claim]]) -> list[Facts]:
        """Return the facts in each text, as ``find`` does."""
        texts = [page.view.text for page in pages]
        signs = _signs_in(texts)
        places: dict[int, list[_Hit]] = {}
        for which, *hit in each_hit(self._place, texts):
            places.setdefault(which, []).append((hit[0], hit[1], hit[2]))
        return [
            self._facts(one, places.get(number, ()), signs[number], said)
            if signs[number] or number in places or said or one.odd
            else {}
            for number, (one, said) in enumerate(zip(pages, claims, strict=True))
        ]

    def _facts(
        self, page: Page, places: Sequence[_Hit], signs: int, claims: Sequence[Claim]
    ) -> Facts:
        view, text = page.view, page.view.text
        found: Facts = {}
        if places:
            found["region"] = _facts(view, self._regions(text, places))
        for bits, slot, read in _READERS:
            if signs & bits == bits:
                found[slot] = _facts(view, read(text))
        if claims:
            found["third_parties"] = tuple(self._relations(page, claims))
        if page.odd and (share := garbling(page.raw)) > _GARBLED:
            found["garbled"] = (Fact(round(share, 3), 0, len(page.raw)),)
        return {slot: parts for slot, parts in found.items() if parts}

    def _regions(self, text: str, places: Sequence[_Hit]) -> list[tuple[dict[str, str], int, int]]:
        """Return where it happened, surest first: one's own place before any other."""
        found: list[_Region] = []
        for number, start, end in places:
            before, after = text[max(0, start - 8) : start], text[end : end + 16]
            if _ELSEWHERE.search(after) or _NUMBERS_PLACE.search(before):
                continue
            _, province, city = self._places[number]
            region = {"province": province, "city": city}
            district = _DISTRICT.match(after)
            if district:
                region["district"] = district[1]
            last = end + (district.end() if district else 0)
            found.append(_Region(region, start, last, bool(_HOME.search(before))))
        merged = sorted(_merged(found), key=lambda place: not place.sure)
        return [(place.region, place.start, place.end) for place in merged]

    def _relations(self, page: Page, claims: Sequence[Claim]) -> Iterator[Fact]:
        seen = set()
        for claim in claims:
            words = (
                folded(page.raw[claim.start : claim.end])
                if page.odd
                else View(page.view.text[claim.start : claim.end])
            )
            for number, first, last in self._person.find_matches_as_indexes(words.text):
                word, sort = self._people[number]
                if word not in seen:
                    seen.add(word)
                    start, end = words.span(first, last)
                    told = {"relation": word, "sort": sort}
                    yield Fact(told, claim.start + start, claim.start + end)


def as_json(facts: Facts, field: str) -> dict[str, list[dict[str, Any]]]:
    """Return facts as they are stored: by slot a list of {value, start, end, field}."""
    return {
        slot: [
            {"value": fact.value, "start": fact.start, "end": fact.end, "field": field}
            for fact in parts
        ]
        for slot, parts in facts.items()
    }


def _facts(view: View, found: Iterable[tuple[Any, int, int]]) -> tuple[Fact, ...]:
    return tuple(Fact(what, *view.span(start, end)) for what, start, end in found)


def _merged(regions: Iterable[_Region]) -> list[_Region]:
    """Join 广东 and the 深圳 right behind it: the city says more."""
    found: list[_Region] = []
    for place in regions:
        last = found[-1] if found else None
        if last and place.extends(last):
            found[-1] = replace(place, start=last.start, sure=last.sure)
        else:
            found.append(place)
    return found


def _amounts(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    for match in _AMOUNT.finditer(text):
        yuan = value(match[1])
        if yuan is None or yuan <= 0:
            continue
        before = text[max(0, match.start() - 6) : match.start()]
        after = text[match.end() : match.end() + 4]
        role = (
            "fee"
            if _FEE.search(before + after)
            else "principal"
            if _PRINCIPAL.search(before)
            else "other"
        )
        yield {"yuan": yuan, "role": role}, match.start(), match.end()


def _late(text: str) -> Iterator[tuple[int, int, int]]:
    for match in _LATE.finditer(text):
        n = 0.5 if match[1] == "半" else value(match[1])
        if n is not None and 0 < n * _DAYS[match[3]] <= _MOST_DAYS:
            yield int(n * _DAYS[match[3]]), match.start(), match.end()


def _calls(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Yield how often they called; answered and attempted have different limits (3 and 6 a day)."""
    for match in _CALLS.finditer(text):
        n = value(match[2])
        around = text[max(0, match.start() - 10) : match.end() + 10]
        if n is None or not _CALL_WORDS.search(around):
            continue
        kind = "answered" if _ANSWERED.search(around) else "attempted"
        if _UNANSWERED.search(around):
            kind = "unanswered"
        span = "hour" if "小时" in match[1] else "half_day" if "午" in match[1] else "day"
        yield {"n": int(n), "per": span, "kind": kind}, match.start(), match.end()


def _times(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    for match in _CLOCK.finditer(text):
        hour, minute = value(match[2]), _minute(match[3])
        near = text[max(0, match.start() - 12) : match.end() + 14]
        if hour is None or hour > 24 or minute is None or not _ACT.search(near):  # noqa: PLR2004
            continue
        if match[2] == "几":
            continue
        clock = _clock(match[1] or "", int(hour))
        night = clock >= NIGHT_FROM or clock < NIGHT_TO
        yield {"at": f"{clock:02}:{minute:02}", "night": night}, match.start(), match.end()


def _clock(part: str, hour: int) -> int:
    """Return the hour of the day: 下午两点 is 14, 晚上十一点 23, 夜里十二点 0, 半夜两点 2."""
    evening = part in _EVENING or part.endswith("晚")
    if evening and hour == 12:  # noqa: PLR2004
        return 0
    first = 5 if evening else 1 if part in _AFTERNOON else 12
    return hour + 12 if first <= hour < 12 else hour % 24  # noqa: PLR2004


def _minute(written: str | None) -> int | None:
    if not written:
        return 0
    n = 30.0 if written == "半" else value(written.removeprefix("零"))
    return int(n) if n is not None and n < 60 else None  # noqa: PLR2004


def _collectors(text: str) -> Iterator[tuple[str, int, int]]:
    named = _COLLECTOR.finditer(text) if any(word in text for word in _FIRMS) else ()
    for match in named:
        name = _NO_NAME.sub("", match[1])
        if len(name) > 4:  # noqa: PLR2004 - 信用管理 alone names nobody
            yield name, match.end(1) - len(name), match.end(1)
    for match in _STAFF.finditer(text):
        yield match[0], match.start(), match.end()


def _visitors(text: str) -> Iterator[tuple[int, int, int]]:
    if not any(word in text for word in _MEN):
        return
    for match in _VISITORS.finditer(text):
        n = value(match[1])
        near = text[max(0, match.start() - 12) : match.end() + 12]
        if n is not None and 0 < n < 100 and _VISIT.search(near):  # noqa: PLR2004
            yield int(n), match.start(), match.end()


def _signs_in(texts: Sequence[str]) -> list[int]:
    """Return what each text has of _SIGNS, and _HOUR where a number stands before a point."""
    found = _SIGNS.together(texts)
    for number in _SIGNS.beside(texts, _DIGIT, _POINT):
        found[number] |= _HOUR
    return found


_DIGIT, _SUM, _DAY, _POINT, _FIRM, _CREW, _OVERDUE, _HOUR = (1 << bit for bit in range(8))
_SIGNS = Signs(
    (
        "0123456789零一二两三四五六七八九十百千万几半", "元块币万千百wk", "天日午时",
        "点:：", "管咨律清号", "男人汉小催", "逾拖晚过",
    )
)  # fmt: skip
_READERS: tuple[tuple[int, str, _Reader], ...] = (
    (_DIGIT | _SUM, "amounts", _amounts),
    (_DIGIT | _OVERDUE, "days_overdue", _late),
    (_DIGIT | _DAY, "calls", _calls),
    (_HOUR, "times", _times),
    (_FIRM, "collector", _collectors),
    (_DIGIT | _CREW, "visitors", _visitors),
)
"""What must stand in a text, at least, for a reader to find anything."""
