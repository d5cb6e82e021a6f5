"""Numbers as people write them: 8,600, 1.2万, 三万二, 两百多, 十来."""

from __future__ import annotations

NUMBER = r"(?:[0-9][0-9,]*(?:\.[0-9]+)?|[零一二两三四五六七八九十百千万几]+)"
"""An expression for a number; ``value`` reads what it matches."""

_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "几": 3,
}  # a few: at least three
_LAST = {char: n for char, n in _DIGITS.items() if n > 0} | {str(n): n for n in range(1, 10)}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_MYRIAD = 10_000
_SCALES = {"百": 100, "千": 1_000, "k": 1_000, "万": _MYRIAD, "w": _MYRIAD}


def value(written: str) -> float | None:
    """Return the number, or None where it is none: 三万二 is 32,000, 一千二 is 1,200."""
    plain = written.replace(",", "").removesuffix("几") or written
    if plain[-1:] in _SCALES and plain[:-1].replace(".", "", 1).isdecimal() and plain[0].isascii():
        return float(plain[:-1]) * _SCALES[plain[-1]]
    if plain.replace(".", "", 1).isdecimal() and plain.isascii():
        return float(plain)
    if plain[:1].isascii() and plain[-2:-1] in _SCALES and plain[-1] in _LAST:  # 7万8
        rest = value(plain[:-1])
        return None if rest is None else rest + _LAST[plain[-1]] * _SCALES[plain[-2]] / 10
    return _han(plain)


def _han(written: str) -> float | None:
    """Read a number in Han characters; a last digit without a unit is of the next lower one."""
    if not written or any(c not in _DIGITS and c not in _UNITS and c != "万" for c in written):
        return None
    total = section = 0
    digit: int | None = None
    unit = 1
    for char in written:
        if char in _DIGITS:
            digit = _DIGITS[char]
            unit = 1 if char == "零" else unit
        elif char == "万":
            total = (total + section + (digit or 0)) * _MYRIAD
            section, digit, unit = 0, None, _MYRIAD
        else:
            section += (1 if digit is None else digit) * _UNITS[char]
            digit, unit = None, _UNITS[char]
    return float(total + section + (digit or 0) * max(1, unit // 10 if unit > 10 else 1))  # noqa: PLR2004
