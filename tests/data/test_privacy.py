"""No number of a person survives the door, and nothing else is touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.privacy import mask, pseudonym


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的电话13812345678，", "我的电话138****5678，"),
        ("138 1234 5678", "138 **** 5678"),
        ("5 138 1234 5678", "5 138 **** 5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * 5 6 7 8"),
        ("138.1234.5678或139-1234-5678", "138.****.5678或139-****-5678"),
        ("138\u200b1234\u200b5678", "138\u200b****\u200b5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("①③⑧①②③④⑤⑥⑦⑧", "①③⑧****⑤⑥⑦⑧"),
        ("幺三八一二三四五六七八", "幺三八****五六七八"),
        ("138一二三四5678", "138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
        ("13812345678转13912345678", "138****5678转139****5678"),
        ("021-62345678", "021-******78"),
        ("（0755）2345 6789", "（0755）**** **89"),
        ("座机 8812 3456", "座机 **** **56"),
        ("身份证110101199003071234", "身份证11****************"),
        ("11010119900307123X", "11****************"),
        ("110101 19900307 1234", "11**** ******** ****"),
        ("110101900307123", "11*************"),
        ("身份证号：999999999999999999", "身份证号：99****************"),
        ("6222 0212 3456 7890 123", "**** **** **** ***0 123"),
        ("6222021234567890123", "***************0123"),
        ("abc@example.com", "a**@example.com"),
        ("a@b.cn", "*@b.cn"),
        ("微信：abc_def12", "微信：ab*******"),
        ("加V abcd1234", "加V ab******"),
        ("QQ 123456789", "QQ 12*******"),
        ("投诉编号17399900001", "投诉编号173****0001"),  # cannot be told from a phone
    ],
)
def test_hides(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "客服400-820-8820、4008208820和95599",
        "2025-11-25 10:30:05 借款13,800.00元，分36期",
        "年化35.99%，每期1388.56元，13.5 14.2 15.1 16.02",
        "2019-2020 2021-2022 两年",
        "订单号202511251030123456",
        "订单号 6222021234567890",
        "合同编号HT-2024-0001-6655443322110099",
        "统一社会信用代码91310000123456789X",
        "《民法典》第一千零三十三条，二〇二一年一月一日起施行",
        "金规〔2025〕9号，GB/T 45251-2025 第5.3条",
        "微信支付、QQ音乐、微信公众号",
        "尾号5678的卡",
        "",
    ],
)
def test_keeps(text: str) -> None:
    assert mask(text) == text


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.builds(
    "{}{:04d}{}{:02d}{:02d}{:03d}{}".format,
    st.sampled_from(["11", "31", "44", "51", "62"]),
    st.integers(0, 9999),
    st.integers(1930, 2024),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 999),
    st.sampled_from("0123456789X"),
)
cards = st.from_regex(r"62[0-9]{14,17}", fullmatch=True)
joiners = st.sampled_from(["", " ", ".", "-", "·", "　", "\u200b", "  "])
around = st.text(st.sampled_from("他说，我的电话是卡号：在。转和"), max_size=6)


def disguised(number: str, joiner: str, cuts: list[int]) -> str:
    places = sorted({cut % len(number) for cut in cuts} - {0})
    parts = [number[a:b] for a, b in zip([0, *places], [*places, None], strict=True)]
    return joiner.join(parts)


def wide(number: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in number)


@given(
    st.one_of(mobiles, identities, cards),
    joiners,
    st.lists(st.integers(0, 30), max_size=8),
    st.booleans(),
    around,
    around,
)
def test_no_number_survives_a_disguise(
    number: str, joiner: str, cuts: list[int], full_width: bool, before: str, after: str
) -> None:
    shown = disguised(wide(number) if full_width else number, joiner, cuts)
    masked = mask(before + shown + after)
    left = re.sub(r"[^0-9X]", "", masked.translate({0xFF10 + i: str(i) for i in range(10)}))
    assert number not in left
    assert len(left) <= len(number) - 4
    assert len(masked) == len(before + shown + after)


@given(
    st.text(
        st.sampled_from("0123456789 .-X微信qQ@a.com我借了元，138一三\u200b１３８+（）"), max_size=60
    )
)
def test_length_stays_and_twice_is_once(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once


@given(
    st.lists(
        st.one_of(
            st.integers(1, 999_999).map("借款{}元，".format),
            st.dates().map("{}还款。".format),
            st.times().map("{}来电，".format),
            st.floats(0, 100).map("年化{:.2f}%，".format),
            st.integers(1, 999).map("第{}条。".format),
            st.sampled_from(["客服95599不管，", "打400-123-4567没人接，", "他们一直催。"]),
        ),
        max_size=12,
    ).map("".join)
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask(text) == text


def test_pseudonym_is_keyed_and_stable() -> None:
    one = pseudonym("湖边的猫", b"key")
    assert one == pseudonym(" 湖边的猫 ", b"key")
    assert one != pseudonym("湖边的猫", b"other")
    assert re.fullmatch(r"[0-9a-f]{20}", one)
    assert pseudonym("", b"key") == pseudonym("  ", b"key") == ""
