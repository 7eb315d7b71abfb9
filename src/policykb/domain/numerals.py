"""Numbers as Chinese text writes them: Arabic digits of any width, numerals to 199, and digit by digit."""

from __future__ import annotations

# 两 counts months and weeks; 上 and 下 are the halves of a year.
_DIGITS = str.maketrans("〇一二三四五六七八九两上下", "0123456789212")


def number_in(numeral: str) -> int:
    """Arabic digits, Chinese numerals to 199 (二十一, 一百零七), and digit by digit (二〇二四)."""
    if numeral.startswith("一百"):
        rest = numeral[2:].lstrip("零〇")
        return 100 + (number_in(rest) if rest else 0)
    tens, ten, units = numeral.replace("廿", "二十").translate(_DIGITS).rpartition("十")
    return int(tens or 1) * 10 + int(units or 0) if ten else int(units)
