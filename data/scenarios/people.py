"""An invented person: where from, owing what since when; the facts that one text keeps to."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.model import SHANGHAI
from data.scenarios.cast import Cast, Company
from data.scenarios.chance import chance
from data.scenarios.grammar import table

_JOBS = (
    ("在厂里做普工", "打工的", "厂里", "车间主任"),
    ("跑外卖的", "送外卖", "站点", "站长"),
    ("开网约车", "跑车的", "车队", "队长"),
    ("开一家小吃店", "做小生意的", "店里", "房东"),
    ("在超市理货", "超市上班的", "超市", "店长"),
    ("幼儿园老师", "当老师的", "学校", "园长"),
    ("护士", "上夜班的护士", "科室", "护士长"),
    ("做装修的", "干装修的", "工地", "包工头"),
    ("公司文员", "坐办公室的", "公司", "主管"),
    ("在物流园分拣", "分拣工", "园区", "组长"),
    ("做美甲的", "开美甲店的", "店里", "老板"),
    ("保险销售", "跑业务的", "单位", "经理"),
    ("种果树的", "种地的", "村委", "村支书"),
    ("程序员，刚被优化", "待业的", "前单位", "人事"),
    ("餐馆后厨", "掌勺的", "饭店", "老板"),
    ("中专毕业在电子厂", "流水线上的", "厂里", "线长"),
)
_ELDERS = ("妈", "爸", "爷爷", "奶奶", "婆婆", "岳父", "外公")
_PLACES = ("家", "出租屋", "店", "档口", "老家屋", "楼道口")
_WAN = 10_000  # people say 1.2万
_SURNAMES = "王李张刘陈杨黄吴周徐何梁罗谢冯邓萧曾"


def person(rng: Random, cast: Cast, company: Company, at: datetime) -> dict[str, str]:
    """Draw a person who writes about ``company`` at ``at``: every fact the texts ask for."""
    job, job_short, workplace, boss = rng.choice(_JOBS)
    city, (districts, county) = rng.choice(list(_places().items()))
    collector = rng.choice(cast.collectors)
    return {
        "lender": company.called(rng),
        "product": rng.choice(company.products),
        "app": company.app,
        "nickname": cast.nickname,
        "rival": _another(rng, cast, company),
        "bank": rng.choice(cast.companies["banks"]),
        "tech": rng.choice(cast.companies["techs"]),
        "collector": collector,
        "collector_word": rng.choice(("催收员", "外包公司", collector, "打电话的人")),
        "city": city,
        "district": rng.choice(districts),
        "county": county,
        "job": job,
        "job_short": job_short,
        "workplace": rng.choice((workplace, workplace, "我单位")),
        "boss": boss,
        "spouse": rng.choice(("老婆", "老公")),
        "elder": rng.choice(_ELDERS),
        "place": rng.choice(_PLACES),
        "surname": rng.choice(_SURNAMES),
        **_money(rng),
        **_dates(rng, at),
        **numbers(rng),
    }


def _another(rng: Random, cast: Cast, company: Company) -> str:
    """Name a company that is not the one written about."""
    others = [rival for rival in cast.rivals if rival is not company]
    return rng.choice(others).called(rng) if others else "别家"


def city_facts(rng: Random, city: str) -> dict[str, str]:
    """Return the facts of a given city, to set a story there."""
    districts, county = _places()[city]
    return {"city": city, "district": rng.choice(districts), "county": county}


def _places() -> dict[str, tuple[list[str], str]]:
    if not _PLACES_READ:
        _PLACES_READ.update(table("places"))
    return _PLACES_READ


_PLACES_READ: dict[str, tuple[list[str], str]] = {}


def _money(rng: Random) -> dict[str, str]:
    amount = rng.choice((3000, 5000, 6800, 8000, 9600, 12000, 15000, 20000, 26000, 30000, 48000))
    periods = rng.choice((6, 9, 12, 18, 24))
    return {
        "amount": _yuan(rng, amount),
        "received": _yuan(rng, round(amount * rng.uniform(0.8, 0.93), -2)),
        "claimed": _yuan(rng, round(amount * rng.uniform(1.25, 1.7), -2)),
        "fee": str(rng.choice((128, 199, 260, 298, 360, 450, 599, 680, 890, 1200, 1580))),
        "rate": rng.choice(("28.9", "31", "33.6", "35.9", "36", "38.4", "41")),
        "periods": str(periods),
        "periods_few": str(rng.randint(2, periods - 3)),
        "days": str(rng.choice((3, 5, 8, 11, 14, 17, 21, 26, 33, 40, 47, 62, 75, 96))),
        "cost": f"{amount:.2f}",
    }


def _yuan(rng: Random, amount: float) -> str:
    whole = int(amount)
    if whole >= _WAN and chance(rng, 0.6):
        return f"{whole / _WAN:g}万"
    return rng.choice((f"{whole}元", f"{whole}块", f"{whole}"))


def _dates(rng: Random, at: datetime) -> dict[str, str]:
    local = at.astimezone(SHANGHAI)
    day = local - timedelta(days=rng.randint(1, 12))
    spoken = ("昨天", "前天", "前几天", "上周", "这个月初", f"{day.month}月{day.day}日")
    numeric = (f"{day.month}月{day.day}号", f"{day.month}.{day.day}")
    return {
        "date": rng.choice(spoken + numeric),
        "date_plain": f"{local.month}月{local.day}日",
        "month": str(rng.randint(1, 12)),
        "month_this": str(rng.randint(1, max(1, local.month - 1))),
        "paydate": str(rng.choice((5, 8, 10, 12, 15, 18, 20, 25))),
        "old_year": str(local.year - 2),
    }


def numbers(rng: Random) -> dict[str, str]:
    """Return a phone, an identity and a card number of valid form that nobody can have.

    The phone's last eight digits are zeros but one. The identity number's area, 440000, is the
    province itself, and its serial number 000 is given to nobody; the check digit is right. The
    card's account digits are zeros; its check digit is right too.
    """
    prefix = rng.choice(("138", "139", "150", "159", "186", "189"))
    born = f"19{rng.randint(70, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    return {
        "phone": f"{prefix}0000000{rng.randint(0, 9)}",
        "id_number": identity(f"440000{born}000"),
        "card": luhn(f"62{rng.randint(1000, 9999)}000000000000"),
    }


def identity(body: str) -> str:
    """Add the check digit of GB 11643 to the first 17 digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def luhn(body: str) -> str:
    """Add the check digit of ISO/IEC 7812 to a card number."""
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(body))]
    return body + str(-sum(n // 10 + n % 10 for n in doubled) % 10)
