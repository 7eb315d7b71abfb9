"""Numbers as Chinese text writes them: Arabic digits of any width, numerals to 9,999, and digit by digit."""

from __future__ import annotations

# 两 counts months and weeks; 上 and 下 are the halves of a year.
_NUMERALS = str.maketrans("〇零一二三四五六七八九两上下", "00123456789212")
DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")  # of the width of Han characters


def number_in(numeral: str) -> int:
    """Arabic digits, Chinese numerals to 9,999 (二十一, 一千二百六十, 百), and digit by digit (二〇二四, 一零八).

    Raises ValueError for numerals that make no number (一百一百).
    """
    total, rest = 0, numeral
    for unit, size in (("千", 1000), ("百", 100)):
        head, found, after = rest.partition(unit)
        if found:
            total, rest = total + size * number_in(head or "一"), after.lstrip("零〇")
    if total and not rest:
        return total
    tens, ten, units = rest.replace("廿", "二十").translate(_NUMERALS).rpartition("十")
    return total + (int(tens or 1) * 10 + int(units or 0) if ten else int(units))
