"""Natural persons in penalty notices: of their names only the surname is kept.

Regulators publish decisions on managers next to those on their companies. What we watch is the
company; a person's full name is not needed for that (个人信息保护法, articles 6 and 27), and the
notice stays findable by its address and its page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from crawlers.penalties import Penalty

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程"
    "魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾"
    "龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊兰殷施洪翁葛安颜倪牛温芦俞章鲁季邢路岳齐梅庄辛管祝左涂"
    "谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翟隋植甘景薄单包司柏宁柯阮桂"
    "闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬"
)
_COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕"
_NAME = rf"(?:(?:{_COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_NOT_NAMES = re.compile(
    "(?:公司|银行|支行|分行|联社|中心|集团|信托|保险|基金|证券|消金|分部|某某?)$"
)
_AFTER = r"(?=$|[、，,；;。（(\s及和与])"
_PARTY = re.compile(rf"(?:^|(?<=[、，,；;。）)\s及和与：:]))({_NAME}){_AFTER}")
_PUNISHED = re.compile(rf"(?<=对)({_NAME})(?=[（(]|给予|处以?|警告|罚款|禁止|终身|取消|作出)")


def without_names(penalties: Sequence[Penalty]) -> list[Penalty]:
    """Return the rows of a notice with the given names of natural persons starred.

    A name found in one row is hidden in all of them; lengths stay as they are.
    """
    names = {name for row in penalties for name in _names(row)}
    return [
        replace(row, party=_hide(row.party, names), violation=_hide(row.violation, names),
                penalty=_hide(row.penalty, names))
        for row in penalties
    ]  # fmt: skip


def _names(row: Penalty) -> list[str]:
    found = [*_PARTY.findall(row.party), *_PUNISHED.findall(row.penalty)]
    return [name for name in found if not _NOT_NAMES.search(name)]


def _hide(words: str, names: set[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        words = words.replace(name, name[0] + "*" * (len(name) - 1))
    return words
