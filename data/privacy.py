"""Personal numbers and handles are hidden here, before anything is written.

``mask`` replaces characters by ``*`` and never changes a length, so that spans stay valid. It reads
a copy in which every kind of digit is 0-9, because numbers come full-width, in Chinese digits, and
with spaces, dots or dashes between them. A number masked needlessly is a nuisance, one that is not
is a leak: 16 to 19 digits count as a bank card unless a word before them says that they number an
order, a contract or the like.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_JOINERS = " \t\u3000.．。·•・_-–—－~～*/|" + _INVISIBLE
_GAP = f"[{re.escape(_JOINERS)}]{{0,3}}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{9,}}(?:{_GAP}[Xx](?![A-Za-z]))?")
_GROUP = re.compile(r"\d+(?:[Xx](?![A-Za-z]))?|[Xx]")
_CHINESE = dict(
    zip("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789", strict=True)
)

_SPOKEN_RUN = re.compile(rf"[\d{''.join(_CHINESE)}]{{11}}")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d|[\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f10a＋]")

_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = re.compile(rf"{_PROVINCE}\d{{4}}(?:19|20)\d\d{_DAY}\d{{3}}[\dXx]")
_IDENTITY_15 = re.compile(rf"{_PROVINCE}\d{{6}}{_DAY}\d{{3}}")
_ANY_IDENTITY = re.compile(r"\d{15}|\d{17}[\dXx]")
_MOBILE = re.compile(r"(\+?(?:00)?86|0)?1[3-9]\d{9}")
_CARD = re.compile(r"[3-69]\d{15,18}")
_ANY_CARD = re.compile(r"\d{12,21}")

_WORDS = r"[^\d，。；！？,;!?\n]{0,8}$"
_ORDER_CUE = re.compile(
    rf"(?:订单|单号|编号|合同|流水|运单|交易|案号|文号|借据|凭证|工单|票号|序号|备案|代码){_WORDS}"
)
_IDENTITY_CUE = re.compile(rf"(?:身份证|证件号?){_WORDS}")
_CARD_CUE = re.compile(rf"(?:银行卡|储蓄卡|信用卡|卡号|[账帐][号户]){_WORDS}")
_PHONE_SHAPES = {(3, 4, 4), (4, 3, 4), (4, 4, 3), (3, 3, 5), (3, 8), (7, 4), (3, 5, 3), (5, 6)}

_LANDLINE = re.compile(
    rf"(?<!\d)[(（]?(0(?:10|2\d|[3-9]\d\d))[)）]?{_GAP}([2-9](?:{_GAP}\d){{6,7}})(?!\d)"
)
_LOCAL = re.compile(
    rf"(?:座机|固话|电话|来电|致电|号码|手机号?)[是为:：\s]{{0,3}}([2-9]\d{{2,3}}{_GAP}\d{{4}})(?!\d)"
)
_EMAIL = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9_.%+-]*)\s?(?:[@＠]|[(\[（]at[)\]）])\s?"
    r"(?=[A-Za-z0-9-]+\s?[.．。]\s?[A-Za-z])"
)
_CHAT = r"(?:微信|[薇威维徽]信|[Vv]信|扣扣|企鹅|加[Vv]|(?<![A-Za-z])(?i:wechat|weixin|vx|wx|qq))"
_HANDLE = re.compile(
    rf"{_CHAT}\s?(?:号码|账号|号|群|ID|id)?(?:\s?([:：是为])\s?|[ \-—]{{0,2}})"
    r"([A-Za-z][A-Za-z0-9_-]{5,19}|[1-9][0-9]{4,11})(?![A-Za-z0-9_@＠])"
)


class _Number(NamedTuple):
    """Digits that make one number: their characters and where each stands."""

    digits: str
    places: Sequence[int]


def mask(text: str) -> str:
    """Hide phone, identity and card numbers, e-mail addresses and chat handles in ``text``.

    Phones keep their first three and last four digits (landlines the area code and the last two),
    identity numbers the first two, cards the last four, addresses the first character, handles the
    first two. 400 and 95xxx numbers belong to companies and stay, as do amounts, dates, clause and
    order numbers. The result has the same length; masking it again changes nothing.
    """
    while (masked := _once(text)) != text:
        text = masked
    return text


def pseudonym(handle: str, key: bytes) -> str:
    """Return 20 hex digits that stand for a public handle, always the same for the same ``key``.

    HMAC-SHA256 (RFC 2104) of the NFKC form, cut to 80 bits; an empty handle stays empty.
    """
    name = unicodedata.normalize("NFKC", handle).strip()
    if not name:
        return ""
    return hmac.new(key, name.encode("utf-8"), hashlib.sha256).hexdigest()[:20]


def _once(text: str) -> str:
    plain = text.translate(_digits()) if _OTHER_DIGIT.search(text) else text
    hidden = set(_handles(plain))
    for run in _RUN.finditer(plain):
        hidden.update(_in_run(plain, run))
    hidden.update(_landlines(plain))
    hidden.update(_spoken_mobiles(text))
    if not hidden:
        return text
    return "".join("*" if place in hidden else char for place, char in enumerate(text))


@cache
def _digits() -> dict[int, str]:
    """Every digit of Unicode, circled and full-width ones too, as 0-9; the plus sign as well."""
    table = {0xFF0B: "+"}
    for code in range(0x80, 0x20000):
        value = unicodedata.digit(chr(code), None)
        if value is not None:
            table[code] = str(value)
    return table


@cache
def _spoken() -> dict[int, str]:
    return _digits() | {ord(char): digit for char, digit in _CHINESE.items()}


def _in_run(plain: str, run: re.Match[str]) -> Iterator[int]:
    """Find the numbers in digits that stand close: whole groups first, then neighbours joined."""
    before = plain[max(0, run.start() - 16) : run.start()]
    groups = [
        _Number(match[0], range(match.start(), match.end()))
        for match in _GROUP.finditer(plain, run.start(), run.end())
    ]
    if run.start() and plain[run.start() - 1] == "+":
        before = before[:-1]
    loose: list[_Number] = []
    for group in groups:
        hidden = _personal(group, before)
        if hidden:
            yield from _joined(plain, loose, before)
            yield from hidden
            loose = []
        else:
            loose.append(group)
    yield from _joined(plain, loose, before)


def _joined(plain: str, groups: Sequence[_Number], before: str) -> Iterator[int]:
    """Try neighbouring groups as one number, the longest first, from left to right."""
    first = 0
    while first < len(groups) - 1:
        for last in range(len(groups), first + 1, -1):
            some = groups[first:last]
            if _disguised(plain, some, whole=len(some) == len(groups)):
                hidden = _personal(_merge(some), before)
                if hidden:
                    yield from hidden
                    first = last - 1
                    break
        first += 1


def _merge(groups: Sequence[_Number]) -> _Number:
    places = [place for group in groups for place in group.places]
    return _Number("".join(group.digits for group in groups), places)


def _disguised(plain: str, groups: Sequence[_Number], *, whole: bool) -> bool:
    """Tell numbers that were pulled apart from numbers that merely stand in a row."""
    shape = tuple(len(group.digits) for group in groups)
    if shape in _PHONE_SHAPES or (shape[0] == 2 and shape[1:] in _PHONE_SHAPES):  # noqa: PLR2004
        return True
    if not whole and max(shape) > 1 and set(shape[:-1]) != {4}:
        return False
    between = {
        plain[left.places[-1] + 1 : right.places[0]].strip(_INVISIBLE)
        for left, right in pairwise(groups)
    }
    return len({joint.strip() or " " for joint in between}) == 1 or max(shape) == 1


def _personal(number: _Number, before: str) -> list[int]:
    """Return the places to hide, none if the number is nobody's."""
    digits, places = number
    if match := _MOBILE.fullmatch(digits):
        skip = len(match[1] or "") + 3
        return list(places[skip:-4])
    if _IDENTITY.fullmatch(digits) or _IDENTITY_15.fullmatch(digits):
        return list(places[2:])
    ordinary = _ORDER_CUE.search(before)
    if _ANY_IDENTITY.fullmatch(digits) and (
        _IDENTITY_CUE.search(before) or (digits[-1] in "Xx" and not ordinary)
    ):
        return list(places[2:])
    if (_CARD.fullmatch(digits) and not ordinary) or (
        _CARD_CUE.search(before) and _ANY_CARD.fullmatch(digits)
    ):
        return list(places[:-4])
    return []


def _landlines(plain: str) -> Iterator[int]:
    for match in _LANDLINE.finditer(plain):
        yield from _some_digits(plain, match.span(2))
    for match in _LOCAL.finditer(plain):
        yield from _some_digits(plain, match.span(1))


def _some_digits(plain: str, span: tuple[int, int]) -> list[int]:
    return [place for place in range(*span) if plain[place].isdigit()][:-2]


def _spoken_mobiles(text: str) -> Iterator[int]:
    """Find mobile numbers written in Chinese digits, wholly or in part."""
    if _SPOKEN_RUN.search(text):
        spoken = text.translate(_spoken())
        for match in re.finditer(r"(?<!\d)1[3-9]\d{9}(?!\d)", spoken):
            yield from range(match.start() + 3, match.end() - 4)


def _handles(plain: str) -> Iterator[int]:
    if "@" in plain or "＠" in plain or "at" in plain:
        for match in _EMAIL.finditer(plain):
            keep = 1 if len(match[1]) > 1 else 0
            yield from range(match.start(1) + keep, match.end(1))
    for match in _HANDLE.finditer(plain):
        if match[1] or any(char.isdigit() or char == "_" for char in match[2]):
            yield from range(match.start(2) + 2, match.end(2))
