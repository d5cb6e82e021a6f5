"""Times as Chinese pages write them: epoch numbers, missing years, "3分钟前", and the rest.

``base`` is always the moment the page was fetched: "昨天" on a page from a cache means the day
before it was fetched, not before it is read. Formats: those seen in public code and pages of the
sources in data/facts/sources.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from data.model import SHANGHAI

_CLOCK = (
    r"(?:\s*(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(?P<h>\d{1,2})"
    r"(?:[:：](?P<mi>\d{2})(?:[:：](?P<s>\d{2}))?(?:\s*(?P<ampm>[AaPp])\.?[Mm])?"
    r"|\s*[时点]\s*(?:(?P<mi2>\d{1,2})\s*分?\s*(?:(?P<s2>\d{1,2})\s*秒)?)?))?"
)
_AFTERNOON = {"下午", "傍晚", "晚上"}
_NOON = 12
_SECONDS = {"秒": 1, "分": 60, "小时": 3600, "天": 86400, "日": 86400, "周": 604800}
_SECONDS |= {"星期": 604800, "月": 30 * 86400, "年": 365 * 86400}
_MS_DIGITS = 13
_DAYS_BACK = {"今": 0, "昨": 1, "前": 2}
_ENGLISH = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def parse(text: str | float | None, base: datetime) -> datetime | None:
    """Return the moment that ``text`` names, in UTC, or None when it names none.

    A time without a zone is Shanghai's. A date without a year is the newest one that is not
    later than a day after ``base``. A day without a clock is its midnight.
    """
    words = " ".join(str(text if text is not None else "").split())
    here = base.astimezone(SHANGHAI)
    for pattern, reader in _FORMS:
        if found := pattern.search(words):
            try:
                moment = reader(found, here)
            except (ValueError, OverflowError):
                return None  # the 31st of June: the form is right, the day does not exist
            return moment.astimezone(UTC) if moment else None
    return None


def _epoch(found: re.Match[str], _: datetime) -> datetime:
    digits = found[0]
    milliseconds = len(digits) == _MS_DIGITS
    return datetime.fromtimestamp(int(digits) / (1000 if milliseconds else 1), UTC)


def _iso(found: re.Match[str], _: datetime) -> datetime:
    return datetime.fromisoformat(found[0])


def _compact(found: re.Match[str], _: datetime) -> datetime:
    """Read 20261120 and GDELT's 20261120T062201Z."""
    clock = found["clock"] or "000000"
    zone = UTC if found["zulu"] else SHANGHAI
    return datetime.strptime(found["day"] + clock, "%Y%m%d%H%M%S").replace(tzinfo=zone)


def _weibo(found: re.Match[str], _: datetime) -> datetime:
    """Read "Fri Nov 20 14:22:01 +0800 2026" without asking the machine's locale."""
    offset = timedelta(hours=int(found["oh"]), minutes=int(found["om"]))
    zone = timezone(-offset if found["sign"] == "-" else offset)
    month = _MONTHS.index(found["mon"]) + 1
    hour, minute, second = (int(found[part]) for part in ("h", "mi", "s"))
    return datetime(int(found["y"]), month, int(found["d"]), hour, minute, second, tzinfo=zone)


def _mail(found: re.Match[str], _: datetime) -> datetime:
    moment = parsedate_to_datetime(found.string)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # RFC 5322: -0000 is UTC


def _just_now(_: re.Match[str], base: datetime) -> datetime:
    return base


def _ago(found: re.Match[str], base: datetime) -> datetime:
    count = 0.5 if found["n"] == "半" else float(found["n"])
    return base - timedelta(seconds=count * _SECONDS[found["unit"]])


def _day_word(found: re.Match[str], base: datetime) -> datetime:
    day = base - timedelta(days=_DAYS_BACK[found["word"]])
    return _at(day.year, day.month, day.day, found)


def _full(found: re.Match[str], _: datetime) -> datetime:
    return _at(int(found["y"]), int(found["mo"]), int(found["d"]), found)


def _no_year(found: re.Match[str], base: datetime) -> datetime | None:
    """Take the newest year that exists and is not in the future: the 29th of February is old."""
    month, day = int(found["mo"]), int(found["d"])
    for year in range(base.year + 1, base.year - 8, -1):
        try:
            moment = _at(year, month, day, found)
        except ValueError:
            continue
        if moment <= base + timedelta(days=1):
            return moment
    return None


def _at(year: int, month: int, day: int, clock: re.Match[str]) -> datetime:
    hour = int(clock["h"] or 0)
    minute, second = (int(clock[part] or clock[f"{part}2"] or 0) for part in ("mi", "s"))
    late = clock["half"] in _AFTERNOON or clock["ampm"] in {"P", "p"}
    if late and hour < _NOON:
        hour += _NOON
    elif hour == _NOON and (clock["half"] == "凌晨" or clock["ampm"] in {"A", "a"}):
        hour = 0
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


_Reader = Callable[[re.Match[str], datetime], datetime | None]
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(r"^\d{13}$"), _epoch),
    (re.compile(r"^[1-9]\d{8,9}$"), _epoch),
    (re.compile(r"^(?P<day>20\d{6})(?:T?(?P<clock>\d{6})(?P<zulu>Z?))?$"), _compact),
    (re.compile(r"^20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)$"), _iso),
    (
        re.compile(
            rf"^(?:{'|'.join(_ENGLISH)}) (?P<mon>{'|'.join(_MONTHS)}) (?P<d>\d\d?) "
            r"(?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d) (?P<sign>[+-])(?P<oh>\d\d)(?P<om>\d\d) "
            r"(?P<y>20\d\d)$"
        ),
        _weibo,
    ),
    (re.compile(rf"^(?:{'|'.join(_ENGLISH)}), \d"), _mail),
    (re.compile("刚刚|刚才"), _just_now),
    (
        re.compile(
            r"(?P<n>\d{1,9}|半)\s*个?\s*(?P<unit>秒|分|小时|天|日|周|星期|月|年)(?:钟)?\s*(?:以|之)?前"
        ),
        _ago,
    ),
    (re.compile(rf"(?P<word>[今昨前])[天日]{_CLOCK}"), _day_word),
    (
        re.compile(
            r"(?<!\d)(?P<y>20\d\d)\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?!\d)"
            rf"\s*日?\s*T?{_CLOCK}"
        ),
        _full,
    ),
    (
        re.compile(rf"(?<![\d-])(?P<mo>\d{{1,2}})\s*[月-]\s*(?P<d>\d{{1,2}})(?!\d)\s*日?{_CLOCK}"),
        _no_year,
    ),
)
