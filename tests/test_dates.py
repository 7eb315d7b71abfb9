"""policykb.dates: the grammar as tables, its laws as properties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policykb.domain.daterange import DateRange
from policykb.domain.dates_in_text import find_dates, parse_day
from policykb.errors import DateError
from properties import examples

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
TODAY = date(2024, 5, 15)  # a Wednesday, in a leap year, in the second quarter

# Expression, first day, last day; today is TODAY.
PERIODS: list[tuple[str, str | None, str | None]] = [
    # days
    ("2024-06-04", "2024-06-04", "2024-06-04"),
    ("2024-6-4", "2024-06-04", "2024-06-04"),
    ("2024/6/4", "2024-06-04", "2024-06-04"),
    ("2024.6.4", "2024-06-04", "2024-06-04"),
    ("2024.12.31", "2024-12-31", "2024-12-31"),
    ("20240604", "2024-06-04", "2024-06-04"),
    ("2024年6月4日", "2024-06-04", "2024-06-04"),
    ("2024年6月4号", "2024-06-04", "2024-06-04"),
    ("2024年06月04日", "2024-06-04", "2024-06-04"),
    (" 2024 年\u30006 月 4 日\n", "2024-06-04", "2024-06-04"),
    ("２０２４－０６－０４", "2024-06-04", "2024-06-04"),
    ("２０２４年６月４日", "2024-06-04", "2024-06-04"),
    ("2024‐06‑04", "2024-06-04", "2024-06-04"),
    ("二〇二四年六月四日", "2024-06-04", "2024-06-04"),
    ("二零二四年六月四日", "2024-06-04", "2024-06-04"),
    ("二○二四年⼗⼆⽉三十一⽇", "2024-12-31", "2024-12-31"),
    ("二〇二四年〇六月〇四日", "2024-06-04", "2024-06-04"),
    ("二〇二四年六月二十日", "2024-06-20", "2024-06-20"),
    ("二〇二四年六月二十四日", "2024-06-24", "2024-06-24"),
    ("二〇二四年六月廿四日", "2024-06-24", "2024-06-24"),
    ("二〇二四年六月廿日", "2024-06-20", "2024-06-20"),
    ("一九九七年七月一日", "1997-07-01", "1997-07-01"),
    ("6月4日", "2024-06-04", "2024-06-04"),
    ("去年6月4日", "2023-06-04", "2023-06-04"),
    ("2024-02-29", "2024-02-29", "2024-02-29"),
    ("1900-01-01", "1900-01-01", "1900-01-01"),
    ("2100-12-31", "2100-12-31", "2100-12-31"),
    # months
    ("2024-06", "2024-06-01", "2024-06-30"),
    ("2024-6", "2024-06-01", "2024-06-30"),
    ("2024/6", "2024-06-01", "2024-06-30"),
    ("2024.6", "2024-06-01", "2024-06-30"),
    ("202406", "2024-06-01", "2024-06-30"),
    ("2024年6月", "2024-06-01", "2024-06-30"),
    ("2024年6月份", "2024-06-01", "2024-06-30"),
    ("2024-02", "2024-02-01", "2024-02-29"),
    ("2023-02", "2023-02-01", "2023-02-28"),
    ("2024-12", "2024-12-01", "2024-12-31"),
    ("2024-01", "2024-01-01", "2024-01-31"),
    ("二〇二四年六月", "2024-06-01", "2024-06-30"),
    ("2024年十月", "2024-10-01", "2024-10-31"),
    ("2024年十二月", "2024-12-01", "2024-12-31"),
    ("2024年一十二月", "2024-12-01", "2024-12-31"),
    ("6月", "2024-06-01", "2024-06-30"),
    ("六月份", "2024-06-01", "2024-06-30"),
    ("去年6月", "2023-06-01", "2023-06-30"),
    ("上年12月", "2023-12-01", "2023-12-31"),
    ("前年6月", "2022-06-01", "2022-06-30"),
    # quarters
    ("2024Q1", "2024-01-01", "2024-03-31"),
    ("2024Q2", "2024-04-01", "2024-06-30"),
    ("2024Q3", "2024-07-01", "2024-09-30"),
    ("2024Q4", "2024-10-01", "2024-12-31"),
    ("2024-Q2", "2024-04-01", "2024-06-30"),
    ("2024/Q2", "2024-04-01", "2024-06-30"),
    ("2024.Q2", "2024-04-01", "2024-06-30"),
    ("2024q2", "2024-04-01", "2024-06-30"),
    ("2024 Q2", "2024-04-01", "2024-06-30"),
    ("２０２４Ｑ２", "2024-04-01", "2024-06-30"),
    ("2024年二季度", "2024-04-01", "2024-06-30"),
    ("2024年第二季度", "2024-04-01", "2024-06-30"),
    ("2024年第2季度", "2024-04-01", "2024-06-30"),
    ("2024年2季度", "2024-04-01", "2024-06-30"),
    ("2024年度第四季度", "2024-10-01", "2024-12-31"),
    ("二季度", "2024-04-01", "2024-06-30"),
    ("第三季度", "2024-07-01", "2024-09-30"),
    ("Q2", "2024-04-01", "2024-06-30"),
    ("去年四季度", "2023-10-01", "2023-12-31"),
    ("今年二季度", "2024-04-01", "2024-06-30"),
    ("明年一季度", "2025-01-01", "2025-03-31"),
    # half-years
    ("2024H1", "2024-01-01", "2024-06-30"),
    ("2024h2", "2024-07-01", "2024-12-31"),
    ("2024上半年", "2024-01-01", "2024-06-30"),
    ("2024年上半年", "2024-01-01", "2024-06-30"),
    ("2024年下半年", "2024-07-01", "2024-12-31"),
    ("上半年", "2024-01-01", "2024-06-30"),
    ("今年上半年", "2024-01-01", "2024-06-30"),
    ("去年下半年", "2023-07-01", "2023-12-31"),
    ("H2", "2024-07-01", "2024-12-31"),
    # years
    ("2024", "2024-01-01", "2024-12-31"),
    ("2024年", "2024-01-01", "2024-12-31"),
    ("2024年度", "2024-01-01", "2024-12-31"),
    ("二〇二四年", "2024-01-01", "2024-12-31"),
    ("1900", "1900-01-01", "1900-12-31"),
    ("2100", "2100-01-01", "2100-12-31"),
    ("今年", "2024-01-01", "2024-12-31"),
    ("本年度", "2024-01-01", "2024-12-31"),
    ("去年", "2023-01-01", "2023-12-31"),
    ("上年", "2023-01-01", "2023-12-31"),
    ("前年", "2022-01-01", "2022-12-31"),
    ("明年", "2025-01-01", "2025-12-31"),
    # near days and units
    ("今天", "2024-05-15", "2024-05-15"),
    ("today", "2024-05-15", "2024-05-15"),
    ("昨天", "2024-05-14", "2024-05-14"),
    ("昨日", "2024-05-14", "2024-05-14"),
    ("Yesterday", "2024-05-14", "2024-05-14"),
    ("前天", "2024-05-13", "2024-05-13"),
    ("明天", "2024-05-16", "2024-05-16"),
    ("本周", "2024-05-13", "2024-05-19"),
    ("上周", "2024-05-06", "2024-05-12"),
    ("下周", "2024-05-20", "2024-05-26"),
    ("上个星期", "2024-05-06", "2024-05-12"),
    ("last week", "2024-05-06", "2024-05-12"),
    ("本月", "2024-05-01", "2024-05-31"),
    ("这个月", "2024-05-01", "2024-05-31"),
    ("this month", "2024-05-01", "2024-05-31"),
    ("上月", "2024-04-01", "2024-04-30"),
    ("上个月", "2024-04-01", "2024-04-30"),
    ("Last  Month", "2024-04-01", "2024-04-30"),
    ("下个月", "2024-06-01", "2024-06-30"),
    ("next month", "2024-06-01", "2024-06-30"),
    ("本季度", "2024-04-01", "2024-06-30"),
    ("上季度", "2024-01-01", "2024-03-31"),
    ("上个季度", "2024-01-01", "2024-03-31"),
    ("上一季度", "2024-01-01", "2024-03-31"),
    ("下一季度", "2024-07-01", "2024-09-30"),
    ("last quarter", "2024-01-01", "2024-03-31"),
    ("last year", "2023-01-01", "2023-12-31"),
    ("this year", "2024-01-01", "2024-12-31"),
    # spans
    ("近三个月", "2024-02-16", "2024-05-15"),
    ("近3个月", "2024-02-16", "2024-05-15"),
    ("近三月", "2024-02-16", "2024-05-15"),
    ("最近三个月", "2024-02-16", "2024-05-15"),
    ("过去三个月", "2024-02-16", "2024-05-15"),
    ("近两个月", "2024-03-16", "2024-05-15"),
    ("近十二个月", "2023-05-16", "2024-05-15"),
    ("近一年", "2023-05-16", "2024-05-15"),
    ("近半年", "2023-11-16", "2024-05-15"),
    ("近十年", "2014-05-16", "2024-05-15"),
    ("近90天", "2024-02-16", "2024-05-15"),
    ("最近90天", "2024-02-16", "2024-05-15"),
    ("近１天", "2024-05-15", "2024-05-15"),
    ("近2日", "2024-05-14", "2024-05-15"),
    ("近两周", "2024-05-02", "2024-05-15"),
    ("近1个星期", "2024-05-09", "2024-05-15"),
    ("半年来", "2023-11-16", "2024-05-15"),
    ("近半年来", "2023-11-16", "2024-05-15"),
    ("三个月来", "2024-02-16", "2024-05-15"),
    ("10年来", "2014-05-16", "2024-05-15"),
    # days away
    ("三个月前", "2024-02-15", "2024-02-15"),
    ("10天前", "2024-05-05", "2024-05-05"),
    ("两周前", "2024-05-01", "2024-05-01"),
    ("10年前", "2014-05-15", "2014-05-15"),
    ("半年前", "2023-11-15", "2023-11-15"),
    # as they are written in reports
    ("2024年1-6月", "2024-01-01", "2024-06-30"),
    ("去年11-12月", "2023-11-01", "2023-12-31"),
    ("1-6月", "2024-01-01", "2024-06-30"),
    ("前三季度", "2024-01-01", "2024-09-30"),
    ("2023年前三季度", "2023-01-01", "2023-09-30"),
    ("24年前三季度", "2024-01-01", "2024-09-30"),
    ("前2个季度", "2024-01-01", "2024-06-30"),
    ("24年6月", "2024-06-01", "2024-06-30"),
    ("24年6月4日", "2024-06-04", "2024-06-04"),
    ("24年", "2024-01-01", "2024-12-31"),
    ("24Q2", "2024-04-01", "2024-06-30"),
    ("24H1", "2024-01-01", "2024-06-30"),
    ("2024全年", "2024-01-01", "2024-12-31"),
    ("2023年全年", "2023-01-01", "2023-12-31"),
    ("全年", "2024-01-01", "2024-12-31"),
    ("年内", "2024-01-01", "2024-12-31"),
    ("2024年底", "2024-12-01", "2024-12-31"),
    ("去年底", "2023-12-01", "2023-12-31"),
    ("年底", "2024-12-01", "2024-12-31"),
    # since
    ("今年以来", "2024-01-01", "2024-05-15"),
    ("年初以来", "2024-01-01", "2024-05-15"),
    ("ytd", "2024-01-01", "2024-05-15"),
    ("YTD", "2024-01-01", "2024-05-15"),
    ("本月以来", "2024-05-01", "2024-05-15"),
    ("2024年以来", "2024-01-01", "2024-05-15"),
    ("2023年6月以来", "2023-06-01", "2024-05-15"),
    ("自2023年6月4日以来", "2023-06-04", "2024-05-15"),
    ("十四五以来", "2021-01-01", "2024-05-15"),
    ("今天以来", "2024-05-15", "2024-05-15"),
    # five-year plans
    ("十四五", "2021-01-01", "2025-12-31"),
    ("十四五期间", "2021-01-01", "2025-12-31"),
    ("“十四五”", "2021-01-01", "2025-12-31"),
    ("“十四五”时期", "2021-01-01", "2025-12-31"),
    ('"十四五"规划期间', "2021-01-01", "2025-12-31"),
    ("「十四五」", "2021-01-01", "2025-12-31"),
    ("第十四个五年规划", "2021-01-01", "2025-12-31"),
    ("十五五", "2026-01-01", "2030-12-31"),
    ("十六五", "2031-01-01", "2035-12-31"),
    ("十三五", "2016-01-01", "2020-12-31"),
    ("十二五", "2011-01-01", "2015-12-31"),
    ("十一五", "2006-01-01", "2010-12-31"),
    ("十五", "2001-01-01", "2005-12-31"),
    ("九五", "1996-01-01", "2000-12-31"),
    ("三五", "1966-01-01", "1970-12-31"),
    ("二五", "1958-01-01", "1962-12-31"),
    ("一五", "1953-01-01", "1957-12-31"),
    ("二十五", "2051-01-01", "2055-12-31"),
    ("二十九五", "2096-01-01", "2100-12-31"),
]
RANGES: list[tuple[str, str | None, str | None]] = [
    ("2024年1至6月", "2024-01-01", "2024-06-30"),
    ("2024年1—6月份", "2024-01-01", "2024-06-30"),
    ("一至三月", "2024-01-01", "2024-03-31"),
    ("2024.1-2024.6", "2024-01-01", "2024-06-30"),
    ("2024/01-2024/06", "2024-01-01", "2024-06-30"),
    ("2024.01—2024.06", "2024-01-01", "2024-06-30"),
    ("2023.11.5-2024.2.3", "2023-11-05", "2024-02-03"),
    ("2024Q1-Q2", "2024-01-01", "2024-06-30"),
    ("2023Q4-2024Q1", "2023-10-01", "2024-03-31"),
    ("24Q1-Q2", "2024-01-01", "2024-06-30"),
    ("24Q1-24Q3", "2024-01-01", "2024-09-30"),
    ("三个月前至今", "2024-02-15", "2024-05-15"),
    ("2024-03..2024-08", "2024-03-01", "2024-08-31"),
    ("2024-03 .. 2024-08", "2024-03-01", "2024-08-31"),
    ("2024-03~2024-08", "2024-03-01", "2024-08-31"),
    ("2024-03～2024-08", "2024-03-01", "2024-08-31"),
    ("2024.3.5—2024.8.6", "2024-03-05", "2024-08-06"),
    ("2024.3.5——2024.8.6", "2024-03-05", "2024-08-06"),
    ("2024/3/5–2024/8/6", "2024-03-05", "2024-08-06"),
    ("2024年3月到2024年8月", "2024-03-01", "2024-08-31"),
    ("2024Q1..2024Q3", "2024-01-01", "2024-09-30"),
    ("2024..2024-06", "2024-01-01", "2024-06-30"),
    ("2024-06..2024-06-04", "2024-06-01", "2024-06-04"),
    ("2024-06-04..2024-06-04", "2024-06-04", "2024-06-04"),
    ("上月..今天", "2024-04-01", "2024-05-15"),
    ("2024-03..", "2024-03-01", None),
    ("..2024-08", None, "2024-08-31"),
    ("2024-03~", "2024-03-01", None),
    ("2023年6月至今", "2023-06-01", "2024-05-15"),
    ("十四五至十五五", "2021-01-01", "2030-12-31"),
    ("2024-2025", "2024-01-01", "2025-12-31"),
    ("2024—2025年", "2024-01-01", "2025-12-31"),
    ("2024-2025年", "2024-01-01", "2025-12-31"),
    ("2024-2025年度", "2024-01-01", "2025-12-31"),
    ("2024年-2025年", "2024-01-01", "2025-12-31"),
    ("2024至2025", "2024-01-01", "2025-12-31"),
    ("去年-今年", "2023-01-01", "2024-12-31"),
    ("20240304-20240506", "2024-03-04", "2024-05-06"),
    ("2023年6月4日-2023年8月5日", "2023-06-04", "2023-08-05"),
    # the right side of a sign in running text is in the year of the left, of ".." it is not
    ("2023年6月至8月", "2023-06-01", "2023-08-31"),
    ("2023年6月4日-8月5日", "2023-06-04", "2023-08-05"),
    ("2023-06至8月", "2023-06-01", "2023-08-31"),
    ("2023Q1~Q3", "2023-01-01", "2023-09-30"),
    ("2023年一季度-三季度", "2023-01-01", "2023-09-30"),
    ("2023年2月至下半年", "2023-02-01", "2023-12-31"),
    ("2023年2月至H1", "2023-02-01", "2023-06-30"),
    ("去年10月至12月", "2023-10-01", "2023-12-31"),
    ("2023年6月..8月", "2023-06-01", "2024-08-31"),
    ("2023年至6月", "2023-01-01", "2024-06-30"),
    ("3月至4月", "2024-03-01", "2024-04-30"),
]

# Where the answer hangs on the day it is asked: today, expression, first day, last day.
AT_THE_EDGES = [
    ("2024-02-20", "上季度", "2023-10-01", "2023-12-31"),
    ("2024-12-31", "下季度", "2025-01-01", "2025-03-31"),
    ("2024-01-31", "上月", "2023-12-01", "2023-12-31"),
    ("2024-12-01", "next month", "2025-01-01", "2025-01-31"),
    ("2024-01-01", "昨天", "2023-12-31", "2023-12-31"),
    ("2024-01-01", "今年以来", "2024-01-01", "2024-01-01"),
    ("2024-05-13", "本周", "2024-05-13", "2024-05-19"),
    ("2024-05-19", "本周", "2024-05-13", "2024-05-19"),
    ("2024-05-19", "上周", "2024-05-06", "2024-05-12"),
    # whole months at the end of a month, and no day too many where the earlier month is shorter
    ("2024-06-30", "近三个月", "2024-04-01", "2024-06-30"),
    ("2024-06-29", "近三个月", "2024-03-30", "2024-06-29"),
    ("2024-05-31", "近三个月", "2024-03-01", "2024-05-31"),
    ("2024-05-30", "近三个月", "2024-03-01", "2024-05-30"),
    ("2024-05-29", "近三个月", "2024-03-01", "2024-05-29"),
    ("2024-05-28", "近三个月", "2024-02-29", "2024-05-28"),
    ("2024-03-01", "近一个月", "2024-02-02", "2024-03-01"),
    ("2024-02-29", "近一个月", "2024-02-01", "2024-02-29"),
    ("2024-02-29", "近一年", "2023-03-01", "2024-02-29"),
    ("2024-02-28", "近一年", "2023-03-01", "2024-02-28"),
    ("2023-02-28", "近一年", "2022-03-01", "2023-02-28"),
    ("2024-12-31", "近一年", "2024-01-01", "2024-12-31"),
    ("2024-12-30", "近一年", "2023-12-31", "2024-12-30"),
    ("2024-01-15", "近十三个月", "2022-12-16", "2024-01-15"),
    ("2100-12-31", "今天", "2100-12-31", "2100-12-31"),
    ("1900-01-01", "今天", "1900-01-01", "1900-01-01"),
]

# Expression, part of the message.
ERRORS = [
    ("", "cannot read '': the text is empty; write for example 2024-06-04, 2024年6月, 2024Q2, "),
    (" \u3000\n", "the text is empty"),
    ("abc", "'abc' is not a date or a period"),
    ("abc", "2024年6月, 2024Q2, 上半年"),
    ("2024-13", "there is no month 13"),
    ("2024-123-01", "not a date"),
    ("近12345天", "not a date"),
    ("2024———2025", "a range has one sign"),
    ("2024-0", "there is no month 0"),
    ("2024年十三月", "there is no month 13"),
    ("2024-13-01", "cannot read '2024-13-01': there is no month 13"),
    ("20241301", "there is no month 13"),
    ("2024-02-30", "2024-02 has 29 days"),
    ("2023-02-29", "there is no day 29: 2023-02 has 28 days"),
    ("2024-06-00", "there is no day 0"),
    ("2024-12-32", "2024-12 has 31 days"),
    ("2100-12-32", "2100-12 has 31 days"),
    ("2024Q5", "there is no quarter 5"),
    ("2024Q0", "there is no quarter 0"),
    ("五季度", "there is no quarter 5"),
    ("2024H3", "there is no half-year 3"),
    ("H0", "there is no half-year 0"),
    ("1899", "the year 1899 is outside 1900-2100"),
    ("2101-01-01", "the year 2101 is outside 1900-2100"),
    ("0000-01-01", "the year 0 is outside"),
    ("9999-12-31", "the year 9999 is outside"),
    ("近0天", "there is no span of 0"),
    ("近200年", "outside the years 1900-2100"),
    ("近9999年", "outside the years 1900-2100"),
    ("30五", "there is no five-year plan 30"),
    ("0五", "there is no five-year plan 0"),
    ("2024-08..2024-06", "begins on 2024-08-01, after its last day 2024-06-30"),
    ("2024-06-04..2024-06-03", "begins on 2024-06-04, after its last day 2024-06-03"),
    ("2025年以来", "2025-01-01 is after today, 2024-05-15"),
    ("明天以来", "2024-05-16 is after today"),
    ("2024..2025..2026", ": a range has one sign, between a start and an end; write"),
    ("2024至2025~2026", "a range has one sign"),
    ("至", "a range has one sign"),
    ("..abc", "'abc' is not a date"),
    ("abc..2024", "'abc' is not a date"),
    ("2024 06", "cannot read '2024 06': a space stands between two digits; write"),
    ("2 024", "a space stands between two digits"),
    ("2" * 101, "longer than 100 characters"),
    ("2" * 100, "'" + "2" * 40 + "…'"),
    ("2024年初", "not a date"),
    ("2024年初", "not a date"),
    ("2024-06/04", "not a date"),
    ("2024年-6月", "not a date"),
    ("2024年6月4", "not a date"),
    ("2024年一二月", "not a date"),
    ("近三四个月", "not a date"),
    ("2024年六月十4日", "not a date"),
    ("2024以来以来", "not a date"),
    ("24-06-04", "not a date"),
    ("2024--04", "not a date"),
    ("2024-06-2025", "'2024-06-2025' is not a date"),
    ("12024-2025", "'12024-2025' is not a date"),
    ("120240304-20240506", "'120240304-20240506' is not a date"),
    ("2024-06-", "not a date"),
    ("2024060", "not a date"),
    ("2024年123月", "not a date"),
    ("2024.6...8", "not a date"),
    ("٢٠٢٤", "not a date"),
    ("2024年①月", "not a date"),
    ("2024²", "not a date"),
    ("\ud800", "not a date"),
    ("2024-06-04\x00", "not a date"),
    ("٢٠٢٤-٠٦", "not a date"),
]

ranges = st.builds(
    lambda first, length: DateRange(first, min(first + length * ONE_DAY, LAST + ONE_DAY)),
    st.dates(FIRST, LAST),
    st.integers(1, 1500),
)
half_open = st.one_of(
    ranges,
    st.dates(FIRST, LAST).map(lambda day: DateRange(day, None)),
    st.dates(FIRST + ONE_DAY, LAST + ONE_DAY).map(lambda day: DateRange(None, day)),
    st.just(DateRange()),
)
days = st.dates(FIRST, LAST)
FRAGMENTS = (
    "0 1 2 4 6 31 2024 1900 2101 9999 ２０ 〇 二 十 廿 半 两 年 月 日 号 周 天 季度 半年 个 第 五 上 下 本 "
    "去 今 前 近 最近 以来 自 期间 “ ” Q H q h - / . .. ~ — 至 到 ytd last month ① ² ٣ ½"
)
fragments = st.lists(st.sampled_from([*FRAGMENTS.split(), " ", "\n", "\ud800"]), max_size=12).map("".join)


def check(expression: str, today: date, first: str | None, last: str | None) -> None:
    period = DateRange.parse(expression, today=today)
    assert (period.first, period.last) == (
        date.fromisoformat(first) if first else None,
        date.fromisoformat(last) if last else None,
    )


@pytest.mark.parametrize("expression", ["最近", "近期", "近来"])
def test_what_does_not_say_how_long_is_an_error_that_says_what_could_be_meant(expression: str) -> None:
    with pytest.raises(DateError, match=f"'{expression}' does not say how long: 近30天, 近三个月, 近一年"):
        DateRange.parse(expression, today=TODAY)


@pytest.mark.parametrize("expression", ["2024年6-1月", "2024年1-13月", "前五季度", "底", "0-6月"])
def test_parts_of_a_year_that_there_are_not(expression: str) -> None:
    with pytest.raises(DateError):
        DateRange.parse(expression, today=TODAY)


@pytest.mark.parametrize(("expression", "first", "last"), PERIODS + RANGES)
def test_expressions(expression: str, first: str | None, last: str | None) -> None:
    check(expression, TODAY, first, last)


@pytest.mark.parametrize(("today", "expression", "first", "last"), AT_THE_EDGES)
def test_what_depends_on_today(today: str, expression: str, first: str, last: str) -> None:
    check(expression, date.fromisoformat(today), first, last)


@pytest.mark.parametrize(("expression", "message"), ERRORS)
def test_errors_say_what_is_wrong(expression: str, message: str) -> None:
    with pytest.raises(DateError) as caught:
        DateRange.parse(expression, today=TODAY)
    assert message in str(caught.value)
    assert "write for example 2024-06-04" in str(caught.value)


def test_only_the_start_of_a_long_text_is_quoted() -> None:
    for count, quoted in ((40, "'" + "x" * 40 + "'"), (41, "'" + "x" * 40 + "…'"), (100, "x" * 40 + "…'")):
        with pytest.raises(DateError, match="is not a date") as caught:
            DateRange.parse("x" * count, today=TODAY)
        assert str(caught.value).startswith(f"cannot read {quoted}: " if count < 100 else "cannot read 'xx")
        assert quoted in str(caught.value)
        assert "x" * 41 not in str(caught.value)


def test_the_ends_of_the_calendar_are_errors_at_worst() -> None:
    for today in (date.min, date.max, FIRST, LAST):
        for expression, *_ in PERIODS + RANGES:
            try:
                period = DateRange.parse(expression, today=today)
            except DateError as error:
                assert str(error).startswith("cannot read ")
            else:
                assert (period.first or FIRST) >= FIRST
                assert (period.last or LAST) <= LAST


def test_relative_expressions_stop_at_the_calendar() -> None:
    for today in (date.min, date.max):
        for expression in ("今天", "昨天", "明天", "上周", "下月", "去年", "明年", "近10年", "ytd"):
            with pytest.raises(DateError, match="outside"):
                DateRange.parse(expression, today=today)


@given(st.one_of(st.text(max_size=120), fragments), st.dates())
@example("十" * 100, TODAY)
@example("2024" * 25, TODAY)
@example(" " * 100, TODAY)
@example("至" * 100, TODAY)
@examples(200)
def test_nothing_but_date_errors(text: str, today: date) -> None:
    for read in (
        lambda: DateRange.parse(text, today=today),
        lambda: DateRange.between(text, text, today=today),
        lambda: parse_day(text),
    ):
        try:
            read()
        except DateError as error:
            assert str(error).isprintable()
    for start, end, day in find_dates(text):
        assert parse_day("".join(text[start:end].split())) == day


# --- DateRange -------------------------------------------------------------------------------------


@given(half_open, days)
def test_a_range_holds_exactly_its_days(period: DateRange, day: date) -> None:
    first, last = period.first or date.min, period.last or date.max
    edges = [edge for edge in (period.first, period.last) if edge is not None]
    for near in (day, *edges, *(edge - ONE_DAY for edge in edges), *(edge + ONE_DAY for edge in edges)):
        assert (near in period) == (first <= near <= last)


@given(ranges)
@examples(50)
def test_days_are_all_days(period: DateRange) -> None:
    assert period.start is not None
    assert period.end is not None
    expected, day = [], period.start
    while day < period.end:
        expected.append(day)
        day += ONE_DAY
    assert list(period.days()) == expected
    assert (expected[0], expected[-1]) == (period.first, period.last)


def test_days_of_an_unbounded_range() -> None:
    for period, missing in (
        (DateRange(), "no start"),
        (DateRange(TODAY, None), "no end"),
        (DateRange(None, TODAY), "no start"),
    ):
        with pytest.raises(DateError, match=missing):
            period.days()


def test_everything() -> None:
    assert date.min in DateRange()
    assert date.max in DateRange()
    assert str(DateRange()) == ".."
    assert not DateRange()
    assert DateRange(TODAY, None)
    assert DateRange(None, TODAY)
    assert DateRange.parse("..", today=TODAY) == DateRange()


@given(half_open, half_open)
def test_intersection(one: DateRange, other: DateRange) -> None:
    both = one & other
    assert both == other & one
    edges = {day for period in (one, other) for day in (period.first, period.last) if day is not None}
    for day in {FIRST, LAST} | edges | {day + n * ONE_DAY for day in edges for n in (-1, 1)}:
        assert (both is not None and day in both) == (day in one and day in other)


def test_intersection_of_neighbours() -> None:
    may, june = (DateRange.parse(text, today=TODAY) for text in ("2024-05", "2024-06"))
    assert may & june is None
    assert str(june & DateRange.parse("2024-06-30..2024-07", today=TODAY)) == "2024-06-30"
    assert june & DateRange() == june


@given(half_open, days)
def test_str_is_read_back(period: DateRange, today: date) -> None:
    assert DateRange.parse(str(period), today=today) == period


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (DateRange(date(2024, 6, 1), date(2024, 7, 1)), "2024-06-01..2024-06-30"),
        (DateRange(date(2024, 6, 4), date(2024, 6, 5)), "2024-06-04"),
        (DateRange(date(2024, 6, 4), date(2024, 6, 6)), "2024-06-04..2024-06-05"),
        (DateRange(date(2024, 6, 1)), "2024-06-01.."),
        (DateRange(None, date(2024, 7, 1)), "..2024-06-30"),
    ],
)
def test_str(period: DateRange, text: str) -> None:
    assert str(period) == text


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (date(2024, 6, 4), date(2024, 6, 4), "begins on 2024-06-04, after its last day 2024-06-03"),
        (date(2024, 6, 4), date(2024, 6, 1), "begins on 2024-06-04, after its last day 2024-05-31"),
        (FIRST - ONE_DAY, None, "outside the years 1900-2100"),
        (None, FIRST, "outside the years 1900-2100"),
        (LAST + ONE_DAY, None, "outside the years 1900-2100"),
        (None, LAST + 2 * ONE_DAY, "outside the years 1900-2100"),
        (date.min, date.max, "outside the years 1900-2100"),
    ],
)
def test_a_range_checks_itself(start: date | None, end: date | None, message: str) -> None:
    with pytest.raises(DateError, match=message):
        DateRange(start, end)


def test_the_widest_ranges() -> None:
    assert DateRange(FIRST, LAST + ONE_DAY).last == LAST
    assert DateRange(LAST).first == LAST
    assert DateRange(None, FIRST + ONE_DAY).last == FIRST


def test_a_range_is_a_value() -> None:
    period = DateRange(TODAY)
    assert {period, DateRange(TODAY)} == {period}
    with pytest.raises(AttributeError):
        period.start = None  # type: ignore[misc]
    assert not hasattr(period, "__dict__")


@pytest.mark.parametrize(
    "label",
    [f"2024-{month:02}" for month in range(1, 13)]
    + [f"2023Q{quarter}" for quarter in range(1, 5)]
    + ["2024H1", "2024H2", "2024", "2100", "2024-06-04", "2024-06-01", "2024-12-31"],
)
def test_label_of_a_named_period(label: str) -> None:
    assert DateRange.parse(label, today=TODAY).label() == label


@pytest.mark.parametrize(
    "text",
    ["..", "2024..", "..2024", "2023..2024", "2024-02..2024-04", "2024-04..2024-09", "2024-02..2025-01"]
    + ["2024-06-02..2024-06-30", "2024-06-01..2024-06-29", "2024-06-02..2024-07-01", "2024-01..2024-02"]
    + ["2024-01..2024-05", "2024-02-01..2024-03-30", "2023-06..2024-06", "2024-03-02..2024-06-01", "本周"],
)
def test_other_periods_have_no_label(text: str) -> None:
    assert DateRange.parse(text, today=TODAY).label() is None


# --- months, previous and next ---------------------------------------------------------------------

labelled = st.builds(
    lambda day, unit: unit(day),
    st.dates(date(1901, 1, 1), date(2099, 12, 31)),
    st.sampled_from([DateRange.month, DateRange.quarter, DateRange.year, lambda day: DateRange(day, day + ONE_DAY)]),
)


@given(labelled)
def test_next_and_previous_undo_each_other_and_keep_the_kind_of_period(period: DateRange) -> None:
    after, before = period.next(), period.previous()
    assert after.previous() == period == before.next()
    assert (before.end, after.start) == (period.start, period.end)
    kinds = {len(one.label() or "") for one in (before, period, after)}
    assert len(kinds) == 1
    assert kinds < {4, 6, 7, 10}


@given(ranges)
@example(DateRange(date(2000, 12, 1), date(2001, 3, 2)))
def test_neighbours_of_any_period_are_as_long_and_touch_it(period: DateRange) -> None:
    try:
        after, before = period.next(), period.previous()
    except DateError:
        assert str(period.start) < "1901" or str(period.end) > "2099" or len(list(period.days())) > 365
        return
    assert (before.end, after.start) == (period.start, period.end)
    if not period.start.day == period.end.day == 1:
        assert len(list(before.days())) == len(list(period.days())) == len(list(after.days()))
        # 90 days may happen to be three whole months, and from there months are counted
        assert after.start.day == after.end.day == 1 or after.previous() == period
        assert before.start.day == before.end.day == 1 or before.next() == period


@given(ranges)
@examples(50)
def test_months_are_those_of_the_days(period: DateRange) -> None:
    assert period.months() == list(dict.fromkeys(map(DateRange.month, period.days())))
    assert all(month.label() == f"{month.first:%Y-%m}" for month in period.months())


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("2024-01", "2023-12", "2024-02"),
        ("2024Q2", "2024Q1", "2024Q3"),
        ("2024Q1", "2023Q4", "2024Q2"),
        ("2024H2", "2024H1", "2025H1"),
        ("2024", "2023", "2025"),
        ("2024-03-01", "2024-02-29", "2024-03-02"),
        ("2024-02..2024-03", "2023-12..2024-01", "2024-04..2024-05"),
        ("2024-06-03..2024-06-09", "2024-05-27..2024-06-02", "2024-06-10..2024-06-16"),
    ],
)
def test_previous_and_next(label: str, before: str, after: str) -> None:
    period, left, right = (DateRange.parse(text, today=TODAY) for text in (label, before, after))
    assert (period.previous(), period.next()) == (left, right)


def test_what_has_no_neighbours() -> None:
    for period in (DateRange(), DateRange(TODAY, None), DateRange(None, TODAY)):
        assert period.months() == []
        with pytest.raises(DateError, match="no length"):
            period.next()
    with pytest.raises(DateError, match="1900-2100"):
        DateRange.parse("2100", today=TODAY).next()
    with pytest.raises(DateError, match="1900-2100"):
        DateRange.parse("1900-01-01", today=TODAY).previous()


@given(days)
def test_the_units_of_a_day(day: date) -> None:
    month, quarter, year = DateRange.month(day), DateRange.quarter(day), DateRange.year(day)
    assert day in month
    assert month & quarter == month
    assert quarter & year == quarter
    assert (len(quarter.months()), len(year.months())) == (3, 12)


# --- between ---------------------------------------------------------------------------------------

sides = st.sampled_from([expression for expression, *_ in PERIODS] + ["abc", "2024-13", "2024Q5", "2024年初"])


@given(sides, sides, days)
@examples(300)
def test_between_is_a_range_with_two_dots(start: str, end: str, today: date) -> None:
    def outcome(read: Callable[[], DateRange]) -> str:
        try:
            return str(read())
        except DateError as error:
            return str(error)

    given_apart = outcome(lambda: DateRange.between(start, end, today=today))
    assert given_apart == outcome(lambda: DateRange.parse(f"{start}..{end}", today=today))


def test_between() -> None:
    assert str(DateRange.between("2024-03", "2024-08", today=TODAY)) == "2024-03-01..2024-08-31"
    assert str(DateRange.between("2024", None, today=TODAY)) == "2024-01-01.."
    assert str(DateRange.between(None, "上月", today=TODAY)) == "..2024-04-30"
    assert DateRange.between(None, None, today=TODAY) == DateRange()
    assert str(DateRange.between("2023年6月", "8月", today=TODAY)) == "2023-06-01..2024-08-31"


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2024-08", "2024-06", "'2024-08..2024-06': the period begins on 2024-08-01, after .* 2024-06-30"),
        ("", "2024", "the text is empty"),
        ("2024", " ", "the text is empty"),
        ("2024..2025", None, "'2024..2025' is not a date"),
        (None, "2024-13", "cannot read '..2024-13': there is no month 13"),
        ("2024-13", None, "cannot read '2024-13..': there is no month 13"),
        ("x" * 101, None, "longer than 100"),
    ],
)
def test_between_errors(start: str | None, end: str | None, message: str) -> None:
    with pytest.raises(DateError, match=message):
        DateRange.between(start, end, today=TODAY)


# --- parse_day -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2024-06-04", "2024/6/4", "2024.6.4", "20240604", "2024年6月4日", "二〇二四年六月四日"]
    + ["２０２４．６．４", " 2024 年 6 月 4 日 ", "2024 - 06 - 04", "二零二四年六月四号"],
)
def test_parse_day(text: str) -> None:
    assert parse_day(text) == date(2024, 6, 4)


@pytest.mark.parametrize("text", ["2024", "2024-06", "202406", "2024年6月", "6月4日", "今天", "2024Q2", ".."])
def test_parse_day_takes_days_only(text: str) -> None:
    with pytest.raises(
        DateError, match=r"not one calendar day; write for example 2024-06-04, 20240604 or 2024年6月4日$"
    ):
        parse_day(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-02-30", "cannot read '2024-02-30': there is no day 30: 2024-02 has 29 days"),
        ("1899-12-31", "the year 1899"),
        ("2024-13-01", "month 13"),
        ("", "empty"),
        ("2024 06 04", "between two digits"),
        ("2024-06-04" * 11, "longer than 100"),
    ],
)
def test_parse_day_errors(text: str, message: str) -> None:
    with pytest.raises(DateError, match=message):
        parse_day(text)


# --- find_dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("自2024年5月1日起施行", ["2024年5月1日"]),
        ("自 2024 年 5 月 1 日起施行", ["2024 年 5 月 1 日"]),
        ("自 2024年\n  5月1日起", ["2024年\n  5月1日"]),
        ("二〇二四年五月一日，2024-05-01。", ["二〇二四年五月一日", "2024-05-01"]),
        ("2024-02-30，2024-05-01，2024-13-01", ["2024-05-01"]),
        ("2024-05-01以前，二〇二四年五月一日以后", ["2024-05-01", "二〇二四年五月一日"]),
        ("２０２４．５．１（2024/5/1）", ["２０２４．５．１", "2024/5/1"]),
        ("2024. 5. 1", ["2024. 5. 1"]),
        ("./t20240501_123.html", ["20240501"]),
        ("2024.05.01-2024.05.01", ["2024.05.01", "2024.05.01"]),
        ("2024-05-01-2024-05-01", ["2024-05-01", "2024-05-01"]),
        ("20240501-20240501", ["20240501", "20240501"]),
        ("2024-05-01T10:00", ["2024-05-01"]),
        ("1.2024年5月1日", ["2024年5月1日"]),
        # footnote marks and list numbers are not digits of the date
        ("①2024年5月1日，2024-05-01②，2024-05-01²", ["2024年5月1日", "2024-05-01", "2024-05-01"]),
        # characters that NFKC would make longer do not move the span
        ("㎡…㏠ﷺ2024年5月1日㎡", ["2024年5月1日"]),
        ("二零二四年五⽉一⽇", ["二零二四年五⽉一⽇"]),
    ],
)
def test_find_dates(text: str, found: list[str]) -> None:
    dates = find_dates(text)
    assert [text[start:end] for start, end, _ in dates] == found
    assert {day for _, _, day in dates} == {date(2024, 5, 1)}


@pytest.mark.parametrize(
    "text",
    ["", "2024年5月", "5月1日", "2024年13月1日", "2024-02-30", "1899-12-31", "2024-05/01", "2024年5月1"]
    + ["2024--01", "2024-05-", "2024年月1日", "2024年5月日"]
    + ["12024-05-01", "2024-05-011", "120240501", "202405011", "12024年5月1日", "一二〇二四年五月一日"]
    + ["2024.5.1.3", "2024-05-01-12", "0.20240501", "20240501.5", "1,20240501", "20240501,000"]
    + ["民国一百一百年1月1日", "民国十十年1月1日", "民国500年1月1日"]
    + ["2024年    5月1日", "2024-  05-01", "国办发〔2024〕5号", "٢٠٢٤-٠٥-٠١"],
)
def test_find_dates_leaves_out(text: str) -> None:
    assert find_dates(text) == []


Style = Callable[[date], str]
STYLES: list[Style] = [
    lambda d: d.isoformat(),
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d.year} 年 {d.month} 月 {d.day} 日",
    lambda d: f"{numeral_by_digit(d.year)}年{numeral(d.month)}月{numeral(d.day)}日",
]


def numeral_by_digit(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def numeral(number: int) -> str:
    tens, units = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + ("一二三四五六七八九"[units - 1] if units else "")


prose = st.text(st.sampled_from("，。的自起①²㎡…（）《》通知 \n"), max_size=8)


@given(st.lists(st.tuples(prose, st.sampled_from(STYLES), days), max_size=5), prose)
@examples(150)
def test_every_date_is_found_where_it_stands(parts: list[tuple[str, Style, date]], tail: str) -> None:
    text, expected = "", []
    for before, style, day in parts:
        written = style(day)
        text += before + "；"
        expected.append((len(text), len(text) + len(written), day))
        text += written + "；"
    assert find_dates(text + tail) == expected


@given(days, st.sampled_from(STYLES), days)
@examples(150)
def test_every_style_is_read_by_all_three(day: date, style: Style, today: date) -> None:
    written = style(day)
    assert parse_day(written) == day
    assert DateRange.parse(written, today=today) == DateRange(day, day + ONE_DAY)


# --- laws of the relative expressions --------------------------------------------------------------

todays = st.dates(date(1950, 1, 1), date(2090, 12, 31))


@given(todays, st.integers(1, 400))
def test_a_span_of_days_has_that_many_days(today: date, count: int) -> None:
    for text, length in ((f"近{count}天", count), (f"最近{count}周", 7 * count)):
        span = list(DateRange.parse(text, today=today).days())
        assert (len(span), span[-1]) == (length, today)


@given(todays, st.integers(1, 60))
def test_spans_of_months_never_overlap_nor_grow(today: date, count: int) -> None:
    span = DateRange.parse(f"近{count}个月", today=today)
    assert span.start is not None
    assert span.last == today
    tomorrow = today + ONE_DAY
    months = (tomorrow.year - span.start.year) * 12 + tomorrow.month - span.start.month
    if span.start.day == tomorrow.day:
        assert months == count
    else:  # the earlier month is too short for that day
        assert (span.start.day, months) == (1, count - 1)
        assert (span.start - ONE_DAY).day < tomorrow.day


@given(todays)
def test_units_follow_one_another(today: date) -> None:
    for unit in ("周", "个月", "季度"):
        last, this, following = (DateRange.parse(away + unit, today=today) for away in ("上", "本", "下"))
        assert today in this
        assert (last.end, this.end) == (this.start, following.start)
    monday = DateRange.parse("本周", today=today).first
    assert monday is not None
    assert monday.weekday() == 0


def test_a_long_text_is_searched_in_linear_time() -> None:
    for piece in ("2024年 ", "2024-1-", "二〇", "1" * 50, "年月日", "2024 年 5 月 "):
        assert find_dates(piece * 4000) == []
