"""A template shows the shared wording and a blank wherever the texts differ."""

from __future__ import annotations

from nlp.template import BLANK, template

WORDS = "本人在贵平台借款{sum}元，催收人员多次致电我的{who}，泄露我的个人信息，要求停止催收并道歉。"


def made(**parts: str) -> str:
    return WORDS.format(**parts)


def test_what_differs_is_a_blank() -> None:
    texts = [
        made(sum="一万二千", who="父母和单位"),
        made(sum="八千", who="同事"),
        made(sum="三万", who="岳母"),
    ]
    assert template(texts) == made(sum=BLANK, who=BLANK)


def test_one_stranger_does_not_spoil_it() -> None:
    texts = [made(sum=n, who="家人") for n in ("一百", "两千", "三万", "四百")]
    strange = texts[1].replace("泄露我的个人信息", "还在楼道里喊话")
    assert "泄露我的个人信息" in template([*texts, strange])


def test_additions_before_and_behind_are_blanks() -> None:
    texts = [f"我叫{name}。{made(sum='五千', who='父亲')}{tail}" for name, tail in
             (("甲某某", "盼复"), ("乙", "谢谢领导"), ("丙丙丙丙", ""))]  # fmt: skip
    shown = template(texts)
    assert shown.startswith(BLANK)
    assert made(sum="五千", who="父亲") in shown


def test_nothing_shared_is_no_template() -> None:
    assert template(["今天天气不错", "昨晚两个男的来敲门", "客服一直占线"]) == ""


def test_one_text_is_its_own_template() -> None:
    assert template([made(sum="一", who="二")]) == made(sum="一", who="二")
    assert template(["同一句话说三遍"] * 30) == "同一句话说三遍"
