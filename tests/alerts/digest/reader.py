# ruff: noqa: E501  # a grammar: a sentence stays on one line
"""Reads a page's sentences back: an own grammar, written apart from the one that makes them.

Each line must be one of the known shapes (else it is not grammatical), and each number in it must
be what the figures say (else it is false). Plurals, measure words and rounding are part of a shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Figures = dict[str, Any]
_MARK = re.compile(r"〔\d+〕")
FEW = 10


def wrong(page: dict[str, Any], figures: Figures) -> list[str]:
    """Return what is false or not a sentence, as a list that should be empty."""
    reader = Reader(page["language"], figures)
    found = list(reader.lead(page["lead"]))
    found += reader.warned(page["warned"])
    for card in page["cards"]:
        found += reader.card(card)
    for section in page["sections"]:
        found += reader.section(section["key"], [_MARK.sub("", one) for one in section["lines"]])
    return found


def number(words: str) -> int:
    assert re.fullmatch(r"\d{1,3}(,\d{3})*", words), f"not a number as people write it: {words}"
    return int(words.replace(",", ""))


def rounded(k: int, n: int) -> int:
    """Round half up, by integers."""
    return (2 * 100 * k + n) // (2 * n) if n else 0


class Reader:
    def __init__(self, language: str, figures: Figures) -> None:
        self.zh = language == "zh"
        self.language, self.f = language, figures
        kind = figures["period"]["kind"]
        this = {
            "week": ("本周", "this week"),
            "day": ("当日", "this day"),
            "month": ("本月", "this month"),
        }
        last = {"week": ("上周", "last week"), "day": ("前一日", "the day before"),
                "month": ("上月", "last month")}  # fmt: skip
        self.this, self.last = this[kind][not self.zh], last[kind][not self.zh]

    def of(self, zh: str, en: str) -> str:
        return (zh if self.zh else en).replace("THIS", self.this).replace("LAST", self.last)

    def match(self, zh: str, en: str, words: str) -> re.Match[str] | None:
        return re.fullmatch(self.of(zh, en), words, re.IGNORECASE if not self.zh else 0)

    def plural(self, words: str, singular: str, n: int) -> Iterator[str]:
        """English: one is singular, all else plural."""
        if not self.zh and bool(re.search(rf"\b{singular}\b", words)) != (n == 1):
            yield f"plural: {words}"

    # ------------------------------------------------------------------------- the lead
    def lead(self, words: str) -> Iterator[str]:
        share, n = self.f["share"], self.f["mentions"]["value"]
        if not self.zh and words[0].islower():
            yield f"no capital: {words}"
        if n == 0:
            blind = bool(self.f["blind"])
            zh = "THIS没有收录到提及" + (
                "；有来源中断，没有提及不等于没有声音。" if blind else "。"
            )
            en = "no mentions were recorded THIS" + (
                "; sources were blind, so silence does not mean that nobody spoke."
                if blind
                else r"\."
            )
            if not self.match(zh, en, words):
                yield f"empty: {words}"
            return
        if n < FEW:
            m = self.match(
                r"提及仅 (?P<n>\d+) 条，负面占比 (?P<p>\d+)% 只供参考；(?P<rest>.+)。",
                r"only (?P<n>\d+) mentions?, so a negative share of (?P<p>\d+)% says little; (?P<rest>.+)\.",
                words,
            )
            if not m or int(m["n"]) != n or int(m["p"]) != rounded(share["k"], share["n"]):
                yield f"few: {words}"
            else:
                yield from self.plural(words.split(",", maxsplit=1)[0], "mention", n)
        elif share["before"] is None:
            m = self.match(
                r"THIS收录 (?P<n>[\d,]+) 条提及，负面占比 (?P<p>\d+)%，尚无LAST可比；(?P<rest>.+)。",
                r"(?P<n>[\d,]+) mentions were recorded THIS, (?P<p>\d+)% of them negative, "
                r"with no LAST to compare; (?P<rest>.+)\.",
                words,
            )
            if not m or number(m["n"]) != n or int(m["p"]) != rounded(share["k"], share["n"]):
                yield f"first: {words}"
        else:
            m = self.match(
                r"负面占比(?P<way>升至| |回落至) ?(?P<p>\d+)%(，与LAST（(?P<b>\d+)%）差别不大|（LAST (?P<c>\d+)%）)；(?P<rest>.+)。",
                r"the negative share (?P<way>is|rose to|fell to) (?P<p>\d+)%"
                r"(, little changed from LAST \((?P<b>\d+)%\)| \(LAST (?P<c>\d+)%\)); (?P<rest>.+)\.",
                words,
            )
            yield from self._moved(m, words)
        if m:
            yield from self._grave(m["rest"])

    def warned(self, words: str) -> Iterator[str]:
        gaps = self.f["blind"]
        if not gaps:
            if words:
                yield f"warned: {words}"
            return
        m = self.match(
            r"THIS (?P<n>\d+) 个来源有过中断，最长 (?P<d>.+)：声量数字偏低，见「盲区」。",
            r"(?P<n>\d+) sources? (was|were) blind at times THIS, for up to (?P<d>.+): "
            r"counts are too low, see Blind spots\.",
            words,
        )
        n = len({gap["source"]["slug"] for gap in gaps})
        longest = max(gap["minutes"] for gap in gaps)
        if not m or int(m["n"]) != n or not self.same_length(m["d"], longest):
            yield f"warned: {words}"
        else:
            yield from self.plural(words.partition(" blind")[0], "source", n)

    def _moved(self, m: re.Match[str] | None, words: str) -> Iterator[str]:
        share = self.f["share"]
        now, before = rounded(share["k"], share["n"]), share["before"]
        if not m or int(m["p"]) != now or int(m["b"] or m["c"]) != before:
            yield f"share: {words}"
            return
        way = {"升至": 1, "rose to": 1, "回落至": -1, "fell to": -1}.get(m["way"], 0)
        if way and way != (now > before) - (now < before):
            yield f"wrong way: {words}"
        if bool(way) != (m["b"] is None) or (way and not share["turn"]):
            yield f"not beyond chance: {words}"

    def _grave(self, words: str) -> Iterator[str]:
        grave = self.f["grave"]
        if not grave["n"]:
            if not self.match("没有黄色及以上事件", "no incident was yellow or above", words):
                yield f"calm: {words}"
            return
        m = self.match(
            r"有 (?P<n>\d+) 起黄色及以上事件，最重为(?P<level>\w+)，(均已关闭|(?P<open>\d+) 起未关闭)",
            r"(?P<n>\d+) incidents? (was|were) yellow or above, at worst (?P<level>\w+), "
            r"(all closed|(?P<open>\d+) still open)",
            words,
        )
        levels = {"黄色": 2, "橙色": 3, "红色": 4, "yellow": 2, "orange": 3, "red": 4}
        if not m or int(m["n"]) != grave["n"] or int(m["open"] or 0) != grave["open"]:
            yield f"grave: {words}"
        elif levels[m["level"]] != grave["level"]:
            yield f"level: {words}"
        else:
            yield from self.plural(words, "incident", grave["n"])

    # ------------------------------------------------------------------------- the cards
    def card(self, card: dict[str, Any]) -> Iterator[str]:
        key = card["key"]
        if key == "share":
            yield from self._share(card)
        elif key == "response":
            yield from self._response(card)
        else:
            counted = self.f[key]
            if number(card["value"]) != counted["value"]:
                yield f"{key}: {card['value']}"
            yield from self.change(card["change"], counted)
            yield from self._band(card["note"], counted["band"])

    def change(self, words: str, counted: dict[str, Any]) -> Iterator[str]:
        now, before = counted["value"], counted["before"]
        if before is None:
            if not self.match("尚无LAST可比", "no LAST to compare", words):
                yield f"first: {words}"
            return
        m = self.match(
            r"(与LAST（(?P<flat>[\d,]+)）差别不大|(?P<sign>[▲▼]) ((?P<p>[\d,]+)%（LAST (?P<b>[\d,]+)）"
            r"|(?P<more>多于|少于)LAST（(?P<c>[\d,]+)）(?P<few>，数量少，可能只是偶然)?))",
            r"(little changed from LAST \((?P<flat>[\d,]+)\)|(?P<sign>[▲▼]) ((?P<p>[\d,]+)% \(LAST (?P<b>[\d,]+)\)"
            r"|(?P<more>more|fewer) than LAST \((?P<c>[\d,]+)\)(?P<few>, small numbers, may be chance)?))",
            words,
        )
        if not m or number(m["flat"] or m["b"] or m["c"]) != before:
            yield f"change: {words}"
            return
        if m["flat"]:
            tiny = before >= FEW and abs(now - before) * 200 < before
            if counted["turn"] and not tiny:
                yield f"it did change: {words} {counted}"
            return
        way = 1 if m["sign"] == "▲" else -1
        if way != (now > before) - (now < before) or not counted["turn"]:
            yield f"wrong way: {words} {counted}"
        if m["more"] and (m["more"] in {"多于", "more"}) != (way > 0):
            yield f"sign and word differ: {words}"
        if bool(m["few"]) != (max(now, before) < FEW) or bool(m["p"]) != (before >= FEW):
            yield f"caution: {words} {counted}"
        if m["p"] and abs(number(m["p"]) * before - 100 * abs(now - before)) * 2 > before:
            yield f"percent: {words} {counted}"

    def _band(self, words: str, band: list[int] | None) -> Iterator[str]:
        if band is None:
            if not self.match("历史不足四期，不给常见范围",
                              "fewer than four earlier issues, so no usual range", words):  # fmt: skip
                yield f"band: {words}"
            return
        m = self.match(
            r"过去 (\d+) 期 ([\d,]+)–([\d,]+)", r"last (\d+) issues ([\d,]+)–([\d,]+)", words
        )
        if not m or [number(m[2]), number(m[3])] != band or int(m[1]) != self.f["history"]:
            yield f"band: {words}"

    def _share(self, card: dict[str, Any]) -> Iterator[str]:
        share = self.f["share"]
        if not share["n"]:
            if card["value"] != "–" or not self.match("没有提及", "no mentions", card["change"]):
                yield f"nothing: {card}"
            return
        if card["value"] != f"{rounded(share['k'], share['n'])}%":
            yield f"share: {card['value']}"
        yield from self.points(card["change"], share["percent"], share["before"], share["turn"])
        m = self.match(r"95% 区间 (\d+)%–(\d+)%(，过去 (\d+) 期 (\d+)%–(\d+)%)?",
                       r"95% interval (\d+)%–(\d+)%(, last (\d+) issues (\d+)%–(\d+)%)?",
                       card["note"])  # fmt: skip
        if (
            not m
            or not int(m[1]) <= share["percent"] <= int(m[2])
            or bool(m[3]) != bool(share["band"])
        ):
            yield f"interval: {card['note']}"
        elif m[3] and [int(m[5]), int(m[6])] != share["band"]:
            yield f"usual: {card['note']}"

    def points(self, words: str, now: int, before: int | None, turn: int) -> Iterator[str]:
        if before is None:
            if not self.match("尚无LAST可比", "no LAST to compare", words):
                yield f"first: {words}"
            return
        m = self.match(
            r"(与LAST（(?P<flat>\d+)%）差别不大|(?P<sign>[▲▼]) (?P<p>\d+) 个百分点（LAST (?P<b>\d+)%）)",
            r"(little changed from LAST \((?P<flat>\d+)%\)|(?P<sign>[▲▼]) (?P<p>\d+) points? \(LAST (?P<b>\d+)%\))",
            words,
        )
        if not m or int(m["flat"] or m["b"]) != before:
            yield f"points: {words}"
        elif m["flat"] is None:
            way = 1 if m["sign"] == "▲" else -1
            if now - before != way * int(m["p"]) or not turn:
                yield f"points: {words} {now} {before}"
            yield from self.plural(words, "point", int(m["p"]))
        elif turn and (now - before) * turn > 0:
            yield f"it did change: {words}"

    def minutes(self, words: str) -> int:
        units = {"天": 1440, "小时": 60, "分": 1, "d": 1440, "h": 60, "min": 1}
        found = re.findall(r"(\d+) (天|小时|分|d\b|h\b|min\b)", words)
        assert " ".join(f"{n} {u}" for n, u in found) == words, f"not a duration: {words}"
        return sum(int(n) * units[u] for n, u in found)

    def same_length(self, words: str, minutes: int) -> bool:
        """Two largest units: below a day exact, above it to the hour."""
        told = self.minutes(words)
        return told <= minutes < told + (60 if minutes >= 1440 else 1)

    def _response(self, card: dict[str, Any]) -> Iterator[str]:
        told = self.f["response"]
        if told["minutes"] is None:
            if card["value"] != "–" or card["change"]:
                yield f"response: {card}"
        else:
            if not self.same_length(card["value"], told["minutes"]):
                yield f"response: {card['value']} {told}"
            yield from self._faster(card["change"], told)
        m = self.match(r"((?P<n>\d+) 起事件)?、?((?P<w>\d+) 起事件没有响应)?(?P<no>没有需要首次响应的事件)?",
                       r"((?P<n>\d+) incidents?)?(, )?((?P<w>\d+) incidents? without a response)?"
                       r"(?P<no>no incident asked for a first response)?", card["note"])  # fmt: skip
        if not m or int(m["n"] or 0) != told["n"] or int(m["w"] or 0) != told["waiting"]:
            yield f"responses: {card['note']} {told}"
        elif bool(m["no"]) != (not told["n"] and not told["waiting"]):
            yield f"responses: {card['note']}"

    def _faster(self, words: str, told: dict[str, Any]) -> Iterator[str]:
        before, now = told["before"], told["minutes"]
        if before is None or before == now:
            ok = self.match("LAST没有响应可比", "no response LAST to compare", words) if before is None else (
                self.match("与LAST差别不大", "little changed from LAST", words)
            )  # fmt: skip
            if not ok:
                yield f"response: {words}"
            return
        m = self.match(
            r"比LAST(?P<way>快|慢) (?P<d>.+)", r"(?P<d>.+) (?P<way>faster|slower) than LAST", words
        )
        faster = bool(m) and m["way"] in {"快", "faster"}  # type: ignore[index]  # bool(m) above
        if not m or faster != (now < before) or not self.same_length(m["d"], abs(now - before)):
            yield f"response: {words} {told}"

    # ------------------------------------------------------------------------- the sections
    def section(self, key: str, lines: list[str]) -> Iterator[str]:
        if not lines:
            yield f"{key}: empty"
        for line in lines:
            if not line or re.search(r"[{}|]|\bnan\b", line.replace("a|b", "")):
                yield f"{key}: {line!r}"
        read: Callable[[list[str]], Iterator[str]] = getattr(self, f"_{key}")
        yield from read(lines)

    def one(self, lines: list[str], zh: str, en: str) -> Iterator[str]:
        if len(lines) != 1 or not self.match(zh, en, lines[0]):
            yield f"expected {self.of(zh, en)}: {lines}"

    def _levels(self, lines: list[str]) -> Iterator[str]:
        m = self.match(r"红色 (\d+) 天，橙色 (\d+) 天，黄色 (\d+) 天，其余 (\d+) 天没有黄色及以上事件。",
                       r"days at red: (\d+), orange: (\d+), yellow: (\d+); "
                       r"without an incident of yellow or above: (\d+)\.", lines[0])  # fmt: skip
        days = self.f["level_days"]
        if not m or [int(m[1]), int(m[2]), int(m[3])] != [
            days[x] for x in ("red", "orange", "yellow")
        ]:
            yield f"levels: {lines}"
        elif sum(int(one) for one in m.groups()) != len(self.f["days"]):
            yield f"days do not add up: {lines}"

    def _events(self, lines: list[str]) -> Iterator[str]:
        told, rest = self.f["events"], list(lines)
        if not told:
            yield from self.one(lines, "没有黄色及以上事件。", r"no incident was yellow or above\.")
            return
        for event in told:
            yield from self._event(rest.pop(0), rest.pop(0), event)
            if said := event["quote"]:
                name = re.escape(said["source"][self.language])
                words = re.escape(said["words"])
                if not self.match(rf"「{words}」（{name}）", rf"“{words}” \({name}\)", rest.pop(0)):
                    yield f"quote: {said} {lines}"
        more = self.f["more_events"]
        if bool(rest) != bool(more):
            yield f"more: {rest}"
        if rest:
            m = self.match(
                r"另有 (\d+) 起黄色及以上事件。",
                r"(\d+) more incidents? (was|were) yellow or above\.",
                rest[0],
            )
            if not m or int(m[1]) != more:
                yield f"more: {rest}"
            yield from self.plural(rest[0], "incident", more)

    def _event(self, head: str, line: str, event: dict[str, Any]) -> Iterator[str]:
        if not head.endswith(event["title"][self.language]) or head[0] not in "●▲◆":
            yield f"event: {head}"
        acted = (r"(?P<history>补录的旧事，未通知)|(?P<once>当即响应)|(?P<wait>至期末未响应)|(?P<d>[^，]+)后首次响应",
                 (r"(?P<history>an old matter read later, nobody was told)|(?P<once>answered at once)|"
                 r"(?P<wait>no response by the end)|first response after (?P<d>[^,]+)"))  # fmt: skip
        m = self.match(
            rf"(?P<month>\d+)月(?P<day>\d+)日 (?P<at>\d\d:\d\d) 始于(?P<source>.+?)，(?P<way>未?没?.+)，共 (?P<n>[\d,]+) 条"
            rf"(（本范围 (?P<here>[\d,]+) 条）)?；({acted[0]})(?P<stated>，已发布口径)?；(?P<state>\S+)。",
            rf"began (?P<day>\d+) \w+ (?P<at>\d\d:\d\d) at (?P<source>.+?), (?P<way>.+); (?P<n>[\d,]+) mentions?"
            rf"( \((?P<here>[\d,]+) in this scope\))?; ({acted[1]})(?P<stated>, a statement is out)?; (?P<state>[^;]+)\.",
            line,
        )
        if not m or number(m["n"]) != event["mentions"] or m["at"] != event["began_at"][11:16]:
            yield f"event: {line}"
            return
        if (
            int(m["day"]) != int(event["began_at"][8:10])
            or m["source"] != event["source"][self.language]
        ):
            yield f"began: {line}"
        if (number(m["here"]) if m["here"] else None) != event["here"]:
            yield f"here: {line}"
        if bool(m["stated"]) != event["stated"]:
            yield f"stated: {line}"
        yield from self._way(m["way"], event)
        if not self.zh:
            yield from self.plural(line.split(";")[1], "mention", event["mentions"])
        states = {"待查看": "open", "处理中": "acknowledged", "已关闭": "closed", "not yet looked at": "open",
                  "in hand": "acknowledged", "closed": "closed", "已平息，自动关闭": "quiet", "died down, closed by itself": "quiet"}  # fmt: skip
        if states.get(m["state"]) != event["state"]:
            yield f"state: {line}"
        minutes = event["minutes"]
        good = (
            bool(m["once"]) if minutes == 0
            else bool(m["history" if event["history"] else "wait"]) if minutes is None
            else m["d"] is not None and self.same_length(m["d"], minutes)
        )  # fmt: skip
        if not good:
            yield f"acted: {line} {event}"

    def _way(self, words: str, event: dict[str, Any]) -> Iterator[str]:
        """The sources after the first, each with how long after, and how many more."""
        if event["sources"] == 1:
            if not self.match("没有传到别处", "seen nowhere else", words):
                yield f"way: {words}"
            return
        m = self.match(
            r"传至(?P<list>.+?)(等，另有 (?P<more>\d+) 个来源)?",
            r"reached (?P<list>.+?)( and (?P<more>\d+) more sources?)?",
            words,
        )
        steps = re.findall(
            r"([^、]+?)（([^（）]+)后）" if self.zh else r"([^,]+?) \(([^()]+) later\)", words
        )
        if not m or len(steps) != len(event["spread"]):
            yield f"way: {words}"
            return
        for (told, length), step in zip(steps, event["spread"], strict=True):
            name = told.strip().removeprefix("传至").removeprefix("reached ")
            if name != step[self.language] or not self.same_length(length, step["after"]):
                yield f"step: {words} {step}"
        more = event["sources"] - 1 - len(steps)
        if int(m["more"] or 0) != more:
            yield f"more sources: {words}"
        if more:
            yield from self.plural(words.rpartition(" and ")[2], "source", more)

    def _moves(self, lines: list[str]) -> Iterator[str]:
        moves, rest = self.f["moves"], list(lines)
        for key, sign in (("rising", "▲ "), ("falling", "▼ "), ("top", "")):
            for row in moves[key]:
                yield from self._move(rest.pop(0), row, sign)
        if not self.f["history"]:
            zh, en = (
                "尚无LAST可比，不说升降。",
                r"there is no LAST to compare, so nothing is said to rise or fall\.",
            )
            if not moves["top"]:
                zh, en = "THIS没有指控。", r"no allegations THIS\."
            yield from self.one(rest, zh, en)
        elif moves["steady"]:
            m = self.match(r"其余 (\d+) 项指控没有超出偶然波动的升降。",
                           r"(\d+) other allegations? moved no more than chance explains\.", rest[0])  # fmt: skip
            if not m or int(m[1]) != moves["steady"]:
                yield f"steady: {rest}"
            yield from self.plural(rest[0], "allegation", moves["steady"])
        elif not lines or (
            rest and not self.match("THIS没有指控。", r"no allegations THIS\.", rest[0])
        ):
            yield f"moves: {rest}"

    def _move(self, line: str, row: dict[str, Any], sign: str) -> Iterator[str]:
        name = re.escape(row[self.language])
        past = (
            ("（LAST (?P<b>[\\d,]+) 条）", r" \(LAST (?P<b>[\d,]+)\)")
            if sign
            else ("(?P<b>)", "(?P<b>)")
        )
        m = self.match(rf"{sign}{name} (?P<n>[\d,]+) 条{past[0]}(，可能触及《.+?)?(?P<few>，数量少)?",
                       rf"{sign}{name}: (?P<n>[\d,]+){past[1]}(, may touch .+?)?(?P<few>, small numbers)?",
                       line)  # fmt: skip
        if not m or number(m["n"]) != row["n"]:
            yield f"move: {line}"
            return
        if sign and (
            number(m["b"]) != row["before"] or (row["n"] > row["before"]) != (sign == "▲ ")
        ):
            yield f"move: {line}"
        if sign and bool(m["few"]) != (max(row["n"], row["before"]) < FEW):
            yield f"caution: {line}"
        if bool(row["clause"]) != ("可能触及" in line or "may touch" in line):
            yield f"clause: {line}"

    def _drift(self, lines: list[str]) -> Iterator[str]:
        rows, n = self.f["drift"], self.f["history"] + 1
        if n < 6:  # a trend is not told from fewer
            yield from self.one(lines, "历史不足六期，不说长期走势。",
                                r"fewer than six issues, so nothing is said about slow change\.")  # fmt: skip
            return
        if not rows:
            m = self.match(r"近 (\d+) 期没有持续的升降。",
                           r"nothing has risen or fallen steadily over the last (\d+) issues\.", lines[0])  # fmt: skip
            if not m or int(m[1]) != n or len(lines) != 1:
                yield f"drift: {lines}"
            return
        if len(lines) != len(rows):
            yield f"drift: {lines}"
        for line, row in zip(lines, rows, strict=True):
            yield from self._drifting(line, row)

    def _drifting(self, line: str, row: dict[str, Any]) -> Iterator[str]:
        share = row["what"] == "share"
        unit = ("合计 {}%", "{}%") if share else ("共 {} 条", "{}")
        first, last = (r"(?P<a>[\d,]+)", r"(?P<b>[\d,]+)")
        name = (
            ("负面占比", "the negative share")
            if share
            else (re.escape(row["zh"]), re.escape(row["en"]))
        )
        m = self.match(
            rf"{name[0]} (?P<n>\d+) 期来持续(?P<way>上升|下降)：最早三期{unit[0].format(first)}，最近三期{unit[0].format(last)}。",
            rf"{name[1]} has (?P<way>risen|fallen) steadily over (?P<n>\d+) issues: {unit[1].format(first)} "
            rf"in the first three together, {unit[1].format(last)} in the last three\.",
            line,
        )
        if (
            not m
            or (number(m["a"]), number(m["b"])) != (row["first"], row["last"])
            or int(m["n"]) != row["periods"]
            or (m["way"] in {"上升", "risen"}) != (row["last"] > row["first"])
        ):
            yield f"drift: {line} {row}"

    def _places(self, lines: list[str]) -> Iterator[str]:
        places = self.f["places"]
        if not places["some"]:
            yield from self.one(
                lines, "没有写明地区的严重指控。", r"no severe allegation names a place\."
            )
            return
        m = self.match(
            r"([\d,]+) 条严重指控写明了地区：(.+)。",
            r"([\d,]+) severe allegations? names? a place: (.+)\.",
            lines[0],
        )
        each = "、" if self.zh else ", "
        if (
            not m
            or m[1] != f"{places['some']:,}"
            or m[2].split(each) != [self._place(one) for one in places["top"]]
        ):
            yield f"places: {lines}"
        else:
            yield from self.plural(lines[0], "allegation", places["some"])

    def _place(self, one: dict[str, Any]) -> str:
        said, first = f"{one[self.language]} {one['n']:,}", one["first"]
        if not first:
            return said
        inner = f"{first[self.language]} {first['n']:,}"
        return f"{said}（其中{inner}）" if self.zh else f"{said} ({inner} of them)"

    def _rivals(self, lines: list[str]) -> Iterator[str]:
        rivals, rest = self.f["rivals"], list(lines)
        if not rivals["compared"]:
            yield from self.one(lines, "单一产品不与同业比较。",
                                r"a single product is not compared with rivals\.")  # fmt: skip
            return
        if not rivals["each"]:
            yield from self.one(
                lines,
                "没有在 lenders.yaml 中列出同业。",
                r"no rivals are listed in lenders\.yaml\.",
            )
            return
        if not rivals["value"] and not rivals["before"]:
            yield from self.one(
                lines, "没有收录到同业的提及。", r"no mention of a rival was recorded\."
            )
            return
        first = rest.pop(0)
        m = self.match(r"同业共 (?P<n>[\d,]+) 条（(?P<each>.+?)），(?P<c>.+)。",
                       r"(?P<n>[\d,]+) mentions? of rivals \((?P<each>.+?)\), (?P<c>.+)\.", first)  # fmt: skip
        each = ("、" if self.zh else ", ").join(
            f"{one[self.language]} {one['n']:,}" for one in rivals["each"]
        )
        if not m or number(m["n"]) != rivals["value"] or m["each"] != each:
            yield f"rivals: {lines}"
            return
        yield from self.change(m["c"], rivals)
        yield from self.plural(first.partition(" of rivals")[0], "mention", rivals["value"])
        if rivals["value"]:
            yield from self._baseline(rest.pop(0), rivals)
        yield from self._voice(rest, rivals)

    def _baseline(self, line: str, rivals: dict[str, Any]) -> Iterator[str]:
        m = self.match(r"同业负面占比 (\d+)%(；同业声量过去各期 ([\d,]+)–([\d,]+) 条)?。",
                       r"negative share of rivals: (\d+)%(; their usual number of mentions: ([\d,]+)–([\d,]+))?\.",
                       line)  # fmt: skip
        if (
            not m
            or int(m[1]) != rivals["negative"]
            or bool(m[2]) != bool(rivals["band"])
            or (m[2] and [number(m[3]), number(m[4])] != rivals["band"])
        ):
            yield f"baseline: {line}"

    def _voice(self, lines: list[str], rivals: dict[str, Any]) -> Iterator[str]:
        m = self.match(r"声量占比 (?P<p>\d+)%，(?P<v>.+)。",
                       r"our share of voice is (?P<p>\d+)%, (?P<v>.+)\.", lines[0])  # fmt: skip
        if len(lines) != 1 or not m or int(m["p"]) != rivals["voice"]:
            yield f"voice: {lines}"
            return
        yield from self.points(
            m["v"], rivals["voice"], rivals["voice_before"], rivals["voice_turn"]
        )

    def _promises(self, lines: list[str]) -> Iterator[str]:
        told = [self.f["promises"][key] for key in ("kept", "broken", "running")]
        if not any(told):
            yield from self.one(
                lines, "THIS没有到期的响应承诺。", r"no response promise fell due THIS\."
            )
            return
        m = self.match(r"守约 (\d+) 次，失约 (\d+) 次，未到期 (\d+) 次。",
                       r"kept: (\d+), broken: (\d+), not yet due: (\d+)\.", lines[0])  # fmt: skip
        if not m or [int(one) for one in m.groups()] != told:
            yield f"promises: {lines}"
        late = self.f["promises"]["late"]
        if len(lines) != 1 + len(late):
            yield f"promises: {lines}"
        for line, one in zip(lines[1:], late, strict=True):
            yield from self._late(line, one)

    def _late(self, line: str, one: dict[str, Any]) -> Iterator[str]:
        title = re.escape(one["title"][self.language])
        m = self.match(rf"失约：{title}，应在 (?P<due>.+?)内响应，(至期末未响应|实为 (?P<took>.+))。",
                       rf"broken: {title}, due within (?P<due>.+?), (not answered by the end|answered after (?P<took>.+))\.",
                       line)  # fmt: skip
        if (
            not m
            or not self.same_length(m["due"], one["due"])
            or (one["took"] is None) != (m["took"] is None)
            or (m["took"] and not self.same_length(m["took"], one["took"]))
        ):
            yield f"late: {line} {one}"

    def _blind(self, lines: list[str]) -> Iterator[str]:
        gaps, n = self.f["blind"], self.f["sources"]
        if not gaps and n:
            m = self.match(r"读过的 (?P<n>\d+) 个来源没有中断。",
                           r"(none of the (?P<n>\d+) sources that were read was ever blind"
                           r"|the 1 source that was read was never blind)\.", lines[0])  # fmt: skip
            if not m or int(m["n"] or 1) != n:
                yield f"blind: {lines}"
            return
        if not gaps:
            yield from self.one(lines, "没有采集记录，无从判断是否有中断。",
                                r"there is no record of crawls, so nobody can tell\.")  # fmt: skip
            return
        for line, gap in zip(lines, gaps[:3], strict=False):
            m = self.match(r"(.+)：.+至.+（(?P<d>.+)），(被拒|版式变|出错|异常安静)；该时段数字偏低。",
                           r"(.+): .+ to .+ \((?P<d>.+)\), (blocked|pages changed|failing|unusually silent); "
                           r"its numbers are too low for that time\.", line)  # fmt: skip
            if (
                not m
                or m[1] != gap["source"][self.language]
                or not self.same_length(m["d"], gap["minutes"])
            ):
                yield f"blind: {line} {gap}"
        if len(lines) != min(3, len(gaps)) + (len(gaps) > 3):
            yield f"blind: {lines}"

    def _notices(self, lines: list[str]) -> Iterator[str]:
        told = self.f["notices"]
        if not told["n"]:
            yield from self.one(
                lines, "没有收录到监管文书。", r"no regulator's notice was recorded\."
            )
            return
        m = self.match(r"行业内 (\d+) 份监管文书，其中 (\d+) 份点名本机构。",
                       r"(\d+) notices? in the sector; naming us: (\d+)\.", lines[0])  # fmt: skip
        if not m or [int(m[1]), int(m[2])] != [told["n"], told["ours"]]:
            yield f"notices: {lines}"
        yield from self.plural(lines[0], "notice", told["n"])
        ours = sum("点名本机构）" in line or "(names us)" in line for line in lines[1:])
        if ours != sum(one["ours"] for one in told["first"]) or len(lines) - 1 != len(
            told["first"]
        ):
            yield f"notices: {lines}"
        for line, one in zip(lines[1:], told["first"], strict=False):
            alike = re.search(r"，同题 (\d+) 份|, (\d+) under this title", line)
            if (int(alike[1] or alike[2]) if alike else 1) != one["alike"] or line.count(
                "某分局"
            ) != 1:
                yield f"notice: {line} {one}"

    def _decide(self, lines: list[str]) -> Iterator[str]:
        asked = self.f["decide"]
        if not asked:
            yield from self.one(
                lines,
                "没有规则触发，THIS不需要决定。",
                r"no rule applies; nothing to decide THIS\.",
            )
            return
        if len(lines) != len(asked):
            yield f"decide: {lines}"
        rule = "（规则：" if self.zh else "(rule: "
        for line, one in zip(lines, asked, strict=True):
            if rule not in line or (
                "n" in one
                and one["n"] > 1
                and not re.search(rf"\b{one['n']}\b|\s{one['n']} ", line)
            ):
                yield f"decide: {line} {one}"
            if (
                one["rule"] in {"open", "rising", "blind", "drift_allegation"}
                and one[self.language] not in line
            ):
                yield f"decide: {line} {one}"
