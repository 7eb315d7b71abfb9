"""Headings, names and notices as reviews and departments write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import making
from policykb.domain.issuers import Authority
from policykb.domain.wording import clean_name, clean_number, kind_of, names_in, status_of, unwrap
from policykb.importing.review.headings import common_title, read_heading
from policykb.mining.life import effective_date
from properties import examples

AUTHORITY = Authority.load(None)
NDRC, MEE, MIIT, NEA = "国家发展和改革委员会", "生态环境部", "工业和信息化部", "国家能源局"


@pytest.mark.parametrize(
    ("text", "names", "around"),
    [
        ("印发《甲》", ["甲"], "印发《》"),
        ("《甲》、《乙》和《丙》", ["甲", "乙", "丙"], "《》、《》和《》"),
        ("《关于印发〈甲〉的通知》", ["关于印发〈甲〉的通知"], "《》"),
        ("《关于征求<甲><乙>意见的通知》", ["关于征求<甲><乙>意见的通知"], "《》"),
        ("《〈甲公约〉修正案》", ["〈甲公约〉修正案"], "《》"),
        ("《关于修改《甲》的决定》", ["关于修改《甲》的决定"], "《》"),
        ("发布《甲方案（征求意见稿", ["甲方案（征求意见稿"], "发布《》"),
        ("发布《甲方案《乙办法》", ["甲方案", "乙办法"], "发布《》《》"),
        ("发布《甲方案、《乙办法》", ["甲方案", "乙办法"], "发布《》《》"),
        ("《关于征求〈甲意见的通知》", ["关于征求〈甲意见的通知"], "《》"),
        ("甲方案》的通知", [], "甲方案的通知"),
        ("《》", [], ""),
        ("", [], ""),
    ],
)
def test_names_in_brackets(text: str, names: list[str], around: str) -> None:
    assert names_in(text) == (names, around)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("甲 (试行)", "甲（试行）"),
        ("2024 年方案（2024—2025 年)", "2024年方案（2024—2025年）"),
        ("甲(征求意见稿", "甲（征求意见稿）"),
        ("《甲》", "甲"),
        ("关于<甲>的通知", "关于〈甲〉的通知"),
        ("指南 铝冶炼行业", "指南 铝冶炼行业"),
    ],
)
def test_name_as_printed(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("绿色建材产业高质量发展实施方案", "方案"),
        ("某某项目评估技术规程（试行）", "技术规程"),
        ("关于某事的指导意见", "意见"),
        ("专项行动计划", "计划"),
        ("企业温室气体排放核算与报告指南 铝冶炼行业", "指南"),
        ("能力建设指导目录（2024版）", "目录"),
        ("中华人民共和国能源法", "法律"),
        ("碳排放核算方法", None),
        ("某某管理办法", "办法"),
        ("某某方法学", "方法学"),
        ("2024年度报告", "报告"),
        ("中央经济工作会议", "会议"),
        ("2021年电力二氧化碳排放因子", None),
        ("", None),
    ],
)
def test_kind_by_the_end_of_the_name(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_regulations_are_those_of_the_state_council() -> None:
    assert kind_of("某某条例", ["国务院"]) == "行政法规"
    assert kind_of("某某条例", ["某省人民代表大会常务委员会"]) == "条例"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("甲（征求意见稿）", "征求意见稿"),
        ("公开征求甲的意见", "征求意见稿"),
        ("甲(试行)", "试行"),
        ("暂行条例", "正式"),
    ],
)
def test_status(text: str, status: str) -> None:
    assert status_of(text) == status


@pytest.mark.parametrize(
    ("name", "inner", "notice"),
    [
        ("关于印发《甲方案》的通知", ["甲方案"], "通知"),
        ("关于印发甲方案的通知", ["甲方案"], "通知"),
        ("关于甲方案（2024—2025年）的通知", ["甲方案（2024—2025年）"], "通知"),
        ("关于公开征求〈甲指南〉〈乙指南〉意见的通知", ["甲指南", "乙指南"], "通知"),
        ("关于公开征求甲标准意见的通知", ["甲标准"], "通知"),
        ("关于发布甲因子的公告", ["甲因子"], "公告"),
        ("甲因子的公告", ["甲因子"], "公告"),
        ("关于做好某项工作的通知", ["关于做好某项工作的通知"], None),
        ("关于支持某地若干政策措施的通知", ["关于支持某地若干政策措施的通知"], None),
        ("关于某某方案的意见", ["关于某某方案的意见"], None),
        ("甲方案", ["甲方案"], None),
    ],
)
def test_document_inside_a_notice(name: str, inner: list[str], notice: str | None) -> None:
    assert unwrap(name) == (inner, notice)


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["关于推进甲行业超低排放的意见", "关于推进乙行业超低排放的意见"], "关于推进甲、乙行业超低排放的意见"),
        (["甲行业专项行动计划", "乙行业专项行动计划", "丙行业专项行动计划"], "甲、乙、丙行业专项行动计划"),
        (["排放核算与报告指南 铝", "排放核查技术指南 铝"], "排放核算与报告、核查技术指南 铝"),
        (["2023年度工作方案", "2024年度工作方案"], "2023、2024年度工作方案"),
        (["节水办法", "光伏指南"], "节水办法、光伏指南"),
        (["节" * 40, "光" * 40], "节" * 40 + "等2项文件"),
        (["办法", "办法补充"], "办法、办法补充"),
    ],
)
def test_common_title(names: list[str], title: str) -> None:
    assert common_title(names) == title


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("国办发〔2024〕39号", "国办发〔2024〕39号"),
        ("国办发 [2024] 39 号", "国办发〔2024〕39号"),
        ("环公告（2024）第 5 号", "环公告〔2024〕第5号"),
        ("国务院令 第 775 号", "国务院令第775号"),
        ("某部令第一零八号", "某部令第108号"),
        ("某部令第一百一百号", "某部令第一百一百号"),
    ],
)
def test_number_as_printed(written: str, number: str) -> None:
    assert clean_number(written) == number


# (heading, departments, stated total, action, documents, title, kind, status)
HEADINGS = [
    ("生态环境部等15部门印发《甲方案》", [MEE], 15, "印发", ["甲方案"], "甲方案", "方案", "正式"),
    ("近日，经国务院同意，发改委、工信部联合印发了《甲计划》", [NDRC, MIIT], None, "印发", ["甲计划"], "甲计划",
     "计划", "正式"),
    ("生态环境部就《甲标准（征求意见稿）》公开征求意见", [MEE], None, "公开征求意见", ["甲标准（征求意见稿）"],
     "甲标准（征求意见稿）", "标准", "征求意见稿"),
    ("国家能源局关于公开征求《甲规则》意见的公告", [NEA], None, "公开征求意见", ["甲规则"],
     "甲规则（征求意见稿）", "规则",
     "征求意见稿"),
    ("国家发展改革委等6部门印发国家发展改革委等部门关于支持某地若干政策措施的通知", [NDRC], 6, "印发",
     ["关于支持某地若干政策措施的通知"], "关于支持某地若干政策措施的通知", "通知", "正式"),
    ("发改委、能源局关于甲行动方案（2024—2025年）的通知", [NDRC, NEA], None, None, ["甲行动方案（2024—2025年）"],
     "甲行动方案（2024—2025年）", "方案", "正式"),
    ("《国务院关于某事的意见》", ["国务院"], None, None, ["国务院关于某事的意见"], "关于某事的意见", "意见", "正式"),
    ("中共中央 国务院印发《甲规划》", ["中共中央", "国务院"], None, "印发", ["甲规划"], "甲规划", "规划", "正式"),
    ("国务院公布《甲条例》（国务院令第775号）", ["国务院"], None, "发布", ["甲条例"], "甲条例", "行政法规", "正式"),
    ("某市生态环境局印发《甲办法（试行)》", ["某市生态环境局"], None, "印发", ["甲办法（试行）"],
     "甲办法（试行）", "办法",
     "试行"),
    ("为落实《乙意见》，生态环境部印发《甲方案》", [MEE], None, "印发", ["甲方案"], "甲方案", "方案", "正式"),
    ("生态环境部发布2021年某因子的公告", [MEE], None, "发布", ["2021年某因子"], "2021年某因子", "公告", "正式"),
    ("中央经济工作会议在北京举行", [], None, "举行", ["中央经济工作会议"], "中央经济工作会议", "会议", None),
    ("国务院召开全国某某工作会议", ["国务院"], None, "举行", ["全国某某工作会议"], "全国某某工作会议", "会议", None),
]  # fmt: skip


@pytest.mark.parametrize("row", HEADINGS, ids=lambda row: row[0][:20])
def test_heading(row: tuple[str, list[str], int | None, str | None, list[str], str, str, str | None]) -> None:
    text, issuers, count, action, documents, title, kind, status = row
    read = read_heading(text, AUTHORITY)
    assert read is not None
    assert (list(read.signatories.issuers), read.signatories.count) == (issuers, count)
    assert (read.action, list(read.documents), read.title) == (action, documents, title)
    assert (read.kind, read.status) == (kind, status)


def test_number_in_a_heading() -> None:
    read = read_heading("生态环境部印发《甲方案》（环气候〔2024〕 12 号）", AUTHORITY)
    assert read is not None
    assert (read.number, read.documents) == ("环气候〔2024〕12号", ("甲方案",))


def test_law_without_a_department_is_the_standing_committees_and_says_so() -> None:
    read = read_heading("《中华人民共和国某某法》颁布", AUTHORITY)
    assert read is not None
    assert read.signatories.issuers == ("全国人民代表大会常务委员会",)
    assert len(read.notes) == 1


@pytest.mark.parametrize("text", ["", "收盘价再创新高", "成交量与价格", "2024年一季度", "本季度碳价走势平稳", "《》"])
def test_no_heading(text: str) -> None:
    assert read_heading(text, AUTHORITY) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本办法自2024年5月1日起施行。", date(2024, 5, 1)),
        ("该条例将于 2024 年 5 月 1 日起实施，从六个方面作出规定。", date(2024, 5, 1)),
        ("《甲方案》自2024年5月1日起正式施行，《乙办法》同时废止。", date(2024, 5, 1)),
        ("自2024年1月1日起执行，有效期至2028年12月31日。", date(2024, 1, 1)),
        ("本通知自印发之日起施行。", date(2024, 3, 4)),
        ("《乙办法》自2020年1月1日起施行。", None),
        ("已于2024年2月2日印发。", None),
        ("到2024年5月1日完成。", None),
        ("", None),
    ],
)
def test_date_of_effect(text: str, expected: date | None) -> None:
    assert effective_date(text, ["甲方案"], date(2024, 3, 4)) == expected


PIECES = st.sampled_from(
    [
        "《",
        "》",
        "<",
        ">",
        "〈",
        "（",
        ")",
        "关于",
        "印发",
        "的通知",
        "意见",
        "征求",
        "生态环境部",
        "等5部门",
        "、",
        "，",
        "方案",
    ]
    + ["国办发〔2024〕39号", "会议", "举行", "在北京", " ", "\0", "甲", "法", "2024年1月1日"]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join))
def test_any_heading_is_read_or_refused(text: str) -> None:
    read = read_heading(text, AUTHORITY)
    if read:
        assert read.title.strip()
        assert all(name.strip() for name in read.documents)
        assert "\0" not in read.title
    names_in(text)
    unwrap(text)
    effective_date(text, [text], date(2024, 1, 1))


PIECES = st.sampled_from(
    [
        "《",
        "》",
        "〈",
        "〉",
        "<",
        ">",
        "《》",
        "方案",
        "会议",
        "召开",
        "印发",
        "国务院",
        "关于",
        "的通知",
        "征求",
        "意见",
    ]
    + ["（", "）", "国办发〔2031〕1号", "\0", "\x1b", "\x7f", "\x85", "\n", "\t", " ", "、", "，", "等三部门"]
)


@example("《》方案")
@example("《甲规划》论证会议召开")
@example("国务院《甲规划》组召开《乙规划》论证会议")
@given(st.lists(PIECES | st.text(max_size=2), max_size=12).map("".join))
@examples(400)
def test_no_control_character_comes_out(text: str) -> None:
    read = read_heading(text, AUTHORITY)
    if read is None:
        return
    assert not making.control_characters(read)


def test_a_meeting_keeps_the_names_in_its_name() -> None:
    read = read_heading("国务院召开《甲规划》论证会议", AUTHORITY)
    assert read is not None
    assert (read.title, read.signatories.issuers, read.kind) == ("〈甲规划〉论证会议", ("国务院",), "会议")
    read = read_heading("《甲规划》论证会议召开", AUTHORITY)
    assert read is not None
    assert read.title == "〈甲规划〉论证会议"
