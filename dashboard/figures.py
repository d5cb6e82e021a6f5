"""Numbers, times and durations as people read them: one place, both languages, Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dashboard.words import Words
from data.model import SHANGHAI

_TEN_THOUSAND = 10_000
_MINUTE = 60
_HOUR = 3_600
_DAY = 86_400


def number(t: Words, value: float) -> str:
    """Write a count: 1,234, then 1.2 万 or 12k."""
    if abs(value) < _TEN_THOUSAND:
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if t.language == "zh":
        return f"{_short(value / 1e8)} 亿" if abs(value) >= 1e8 else f"{_short(value / 1e4)} 万"  # noqa: PLR2004
    return f"{_short(value / 1e6)}M" if abs(value) >= 1e6 else f"{_short(value / 1e3)}k"  # noqa: PLR2004


def total(t: Words, n: int, *, over: bool, among: int | None) -> str:
    """Say how many there are: ``over`` are more, ``among`` so many of the newest ones only."""
    if among is not None:
        return t("feed.among", n=number(t, n), all=number(t, among))
    return t("feed.total_over" if over else "feed.total", n=number(t, n))


def signed(t: Words, value: float) -> str:
    """Write a change with its sign; no change is ±0."""
    return "±0" if value == 0 else f"{'+' if value > 0 else '−'}{number(t, abs(value))}"


def share(part: float, whole: float) -> str:
    """Write a share as whole percent; nothing of nothing is a dash."""
    return f"{100 * part / whole:.0f}%" if whole else "–"


def clock(moment: datetime) -> str:
    """Write the time of day: 14:02."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def day(t: Words, moment: datetime) -> str:
    """Write the day: 3月1日 or 1 Mar."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日" if t.language == "zh" else f"{local.day} {local:%b}"


def short_day(t: Words, day: date) -> str:
    """Write a day where there is little room: 3/1 or 1 Mar."""
    return f"{day.month}/{day.day}" if t.language == "zh" else f"{day.day} {day:%b}"


def when(t: Words, moment: datetime, now: datetime) -> str:
    """Write a moment as shortly as it stays clear: 14:02, 昨天 14:02, 3月1日 14:02, with year."""
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    if local.date() == today:
        return clock(moment)
    if local.date() == today - timedelta(days=1):
        return t("time.yesterday", clock=clock(moment))
    if abs((today - local.date()).days) < 300:  # noqa: PLR2004  # within a year the month says it
        return f"{day(t, moment)} {clock(moment)}"
    return (
        f"{local.year}年{day(t, moment)}"
        if t.language == "zh"
        else f"{day(t, moment)} {local.year}"
    )


def ago(t: Words, moment: datetime, now: datetime) -> str:
    """Write how long ago: 3 分钟前 / 3 min ago."""
    seconds = (now - moment).total_seconds()
    if seconds < _MINUTE:
        return t("time.just_now")
    return t("time.ago", length=length(t, timedelta(seconds=seconds)))


def since(t: Words, moment: datetime, now: datetime) -> str:
    """Write the moment and its age: 14:02（3 分钟前）."""
    return t("time.with_age", when=when(t, moment, now), ago=ago(t, moment, now))


def length(t: Words, span: timedelta) -> str:
    """Write a duration in one unit, or in hours and minutes below half a day."""
    seconds = abs(span.total_seconds())
    if seconds < _HOUR:
        return t("time.minutes", n=max(1, round(seconds / _MINUTE)))
    if seconds < _DAY / 2:
        hours, minutes = divmod(round(seconds / _MINUTE), 60)
        return t("time.hours_minutes", h=hours, m=minutes) if minutes else t("time.hours", n=hours)
    if seconds < 2 * _DAY:
        return t("time.hours", n=round(seconds / _HOUR))
    return t("time.days", n=round(seconds / _DAY))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:.0f}"  # noqa: PLR2004
