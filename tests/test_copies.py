"""Official documents as databases and messengers keep copies of them: without the spaces of the page. All is invented."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

import making
from policykb.domain.issuers import Authority
from policykb.domain.wording import apart, split_number
from policykb.importing.official.draft import Draft, read_document
from policykb.importing.official.history import read_events
from policykb.importing.sources import read_lines

AUTHORITY = Authority.load(None)
TEXT = "为规范雨水收集,各地要做好设施的登记,按月报送有关情况,不得迟延。"


def read(text: str, name: str = "a.txt") -> Draft:
    return read_document(read_lines(text.encode(), name=name), AUTHORITY)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("河西市财政局河西市教育局", "河西市财政局、河西市教育局"),
        ("河西市财政局河西雨水管理中心", "河西市财政局、河西雨水管理中心"),
        ("河西市财政局中国人民银行河西市分行", "河西市财政局、中国人民银行河西市分行"),
        ("中国人民银行河西市分行河西市数据局、河西市教育局", "中国人民银行河西市分行、河西市数据局、河西市教育局"),
        ("省财政厅省教育厅", "省财政厅、省教育厅"),
        ("国家税务总局河西市税务局", "国家税务总局河西市税务局"),
        ("河西市财政局、国家税务总局河西市税务局", "河西市财政局、国家税务总局河西市税务局"),
        ("河西市雨水中心河东县分中心", "河西市雨水中心河东县分中心"),
        ("河西雨水管理中心河西市财政局", "河西雨水管理中心、河西市财政局"),
        (
            "中国人民银行河西市分行国家金融监督管理总局河西监管局河西市财政局",
            "中国人民银行河西市分行、国家金融监督管理总局河西监管局、河西市财政局",
        ),
        ("河西市人民政府办公室", "河西市人民政府办公室"),
    ],
)
def test_names_of_departments_that_ran_together_are_set_apart(written: str, expected: str) -> None:
    assert apart(written) == expected


@pytest.mark.parametrize(
    ("signed", "issuers"),
    [
        ("河西市雨水管理中心", ("河西市雨水管理中心",)),
        ("河西市财政局河西市教育局\n国家税务总局河西市税务局", ("河西市财政局", "河西市教育局", "国家税务总局河西市税务局")),
        ("河西市推进雨水收集“一池三湖”领导小组改革开放执行小组办公室", ("河西市推进雨水收集“一池三湖”领导小组改革开放执行小组办公室",)),
        ("河西市推进雨水收集\n高质量发展领导小组办公室", ("河西市推进雨水收集高质量发展领导小组办公室",)),
        ("河西市雨水领导小组办公室\n河西市财政局(代章)", ("河西市雨水领导小组办公室",)),
        ("河西市雨水领导小组办公室\n(河西市财政局代章)", ("河西市雨水领导小组办公室",)),
        ("河西市雨水领导小组办公室(代章)", ("河西市雨水领导小组办公室",)),
        ("河西市财政局（盖章）", ("河西市财政局",)),
        ("河西市财政局国家金融监督管理总局\n河西监管分局", ("河西市财政局", "国家金融监督管理总局河西监管分局")),
    ],
    ids=["centre", "ran together", "long", "over two lines", "lent seal", "lent in brackets", "only a lent one", "seal", "branch in the next line"],
)  # fmt: skip
def test_who_signs(signed: str, issuers: tuple[str, ...]) -> None:
    draft = read(f"关于雨水收集的通知\n各有关单位:\n{TEXT}\n{signed}\n2031年5月9日\n")
    assert (draft.value("issuers"), draft.value("date"), draft.body) == (issuers, date(2031, 5, 9), (TEXT,))


def test_two_lists_of_departments_that_overlap_are_united() -> None:
    head = "财政部 水利部文件\n财水〔2031〕3号\n关于雨水收集的通知"
    draft = read(f"{head}\n各有关单位：\n{TEXT}\n水利部\n应急管理部\n2031年5月9日\n")
    assert set(draft.value("issuers")) == {"财政部", "水利部", "应急管理部"}
    other = read(f"河西市财政局关于雨水收集的通知\n各有关单位：\n{TEXT}\n河西市水利局\n2031年5月9日\n")
    assert len(other.value("issuers")) == 1  # two that share no name are a doubt, and no union


def test_an_organ_that_is_obeyed_does_not_issue() -> None:
    draft = read(f"市政府贯彻国务院关于推进雨水中心建设意见的实施意见\n{TEXT}\n2031年5月9日\n")
    assert (draft.value("issuers"), draft.value("kind")) == (None, "意见")


def test_a_notice_in_characters_that_a_copy_made_traditional() -> None:
    draft = read(
        f"河府〔2031〕54號\n河西市人民政府關于貫徹落實雨水政策的實施意見\n各鎮人民政府(街道辦事處),市府直屬各單位:\n{TEXT}\n"
        "河西市人民政府\n2031年5月9日\n"
    )
    assert draft.value("title") == "河西市人民政府關于貫徹落實雨水政策的實施意見"
    assert (draft.value("kind"), draft.value("number")) == ("意见", "河府〔2031〕54號")
    assert (draft.value("issuers"), draft.value("date")) == (("河西市人民政府",), date(2031, 5, 9))
    assert draft.body == (TEXT,)


def test_who_signs_under_the_last_sentence_without_a_day() -> None:
    draft = read(f"关于雨水收集的通知\n{TEXT}\n河西市财政局\n河西市雨水中心\n")
    assert (draft.value("issuers"), draft.body) == (("河西市财政局", "河西市雨水中心"), (TEXT,))
    listed = read(f"关于雨水单位的公告\n{TEXT}\n一、甲类单位\n河西市财政局\n河西市雨水中心\n")
    assert listed.value("issuers") is None
    assert listed.body[-1] == "河西市雨水中心"


@pytest.mark.parametrize("line", ["发布日期:2031-05-0917:48来源:雨水科", "来源:河西市雨水中心发表时间:2031-05-0910:17"])
def test_the_day_of_a_page_that_ran_together_with_its_hour(line: str) -> None:
    draft = read(f"关于雨水收集的解读\n{line}\n{TEXT}\n")
    assert (draft.value("title"), draft.value("date")) == ("关于雨水收集的解读", date(2031, 5, 9))


def test_departments_that_ran_together_before_the_title_issue_it() -> None:
    title = "河西市财政局河西市教育局关于雨水收集的通报"
    draft = read(f"{title}\n{TEXT}\n2031年5月9日\n(此件公开发布)\n")
    assert (draft.value("title"), draft.value("issuers")) == (title, ("河西市财政局", "河西市教育局"))
    assert draft.value("date") == date(2031, 5, 9)  # nobody signs above it; that it is public stands below


@pytest.mark.parametrize(
    "recipients",
    [
        "雨水缴存人,各有关单位:",
        "河西市各有关单位、雨水缴存人:",
        "河东区住房和城乡建设局、河北开发区建设局,中心城区各参展企业:",
        "河西分中心、县(市)管理部:",
        "河西市雨水管理中心:",
        "广大缴存职工:",
        "中国人民银行上海总部,各分行、营业管理部;各银保监局;国家开发银行,各股份制商业银行;各信托公司:",
    ],
)
def test_whom_it_is_for_is_no_title(recipients: str) -> None:
    draft = read(f"{recipients}\n{TEXT}\n河西市财政局\n2031年5月9日\n")
    assert (draft.value("title"), draft.value("addressees")) == (None, recipients.rstrip(":"))
    assert draft.body == (TEXT,)


def test_whom_it_is_for_is_no_title_where_lines_are_wrapped() -> None:
    wide = "进一步保障雨水缴存人的基本需求，支持雨水的收集和使用，促进河西市雨水事业稳健发"
    lines = [f"为{wide}\n展。{wide}\n展。{wide[:20]}。" for _n in range(3)]
    head = "河西市雨水管理委员会\n关于调整雨水最高限额的意见\n各县(市)、区人民政府，市政府各部门、各直属机构，雨\n水缴存人："
    draft = read("\n".join([head, *lines, "河西市雨水管理委员会", "2031年5月9日", ""]))
    assert draft.value("title") == "河西市雨水管理委员会关于调整雨水最高限额的意见"


def test_a_line_of_a_list_that_ends_with_a_colon_stays_in_the_text() -> None:
    draft = read(
        "雨水收集办法\n有下列情形之一的，适用本办法：\n（一）收集雨水的；\n（二）排放雨水的。\n第二条　本办法自2031年起施行。\n"
    )
    assert draft.body[0] == "有下列情形之一的，适用本办法："


@pytest.mark.parametrize(
    ("written", "title", "number"),
    [
        ("关于雨水收集的通知河建规[2031]4号", "关于雨水收集的通知", "河建规〔2031〕4号"),
        ("关于雨水收集的通知（河府〔2031〕14号）", "关于雨水收集的通知", "河府〔2031〕14号"),
        ("河雨金〔2031〕5号 河西市雨水中心关于雨水收集的通知", "河西市雨水中心关于雨水收集的通知", "河雨金〔2031〕5号"),
        ("河雨委〔2031〕7号河西市雨水管理委员会\n关于雨水收集的批复", "河西市雨水管理委员会关于雨水收集的批复", "河雨委〔2031〕7号"),
    ],
)  # fmt: skip
def test_a_number_in_one_line_with_the_title(written: str, title: str, number: str) -> None:
    draft = read(f"{written}\n各有关单位:\n{TEXT}\n河西市雨水中心\n2031年5月9日\n")
    assert (draft.value("title"), draft.value("number")) == (title, number)


@pytest.mark.parametrize(
    ("head", "number"),
    [
        ("中华人民共和国主席令\n第十八号", "主席令第18号"),
        ("河西省人民政府令 第一百零七号", "河西省人民政府令第107号"),
        ("发文机关:河西省财政厅\n文 号:河财〔2031〕10号发布日期:2031-07-02 00:01", "河财〔2031〕10号"),
    ],
)
def test_numbers_as_they_are_written(head: str, number: str) -> None:
    assert read(f"{head}\n雨水收集办法\n{TEXT}\n2031年5月9日\n").value("number") == number


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (f"河西市财政局关于做好雨水收集工作的通知各县（区）财政局：{TEXT}", TEXT),
        (f"河西市财政局关于做好雨水收集工作的通知河财〔2031〕23号各县（区）财政局：{TEXT}", TEXT),
        ("河西市财政局关于做好雨水收集工作的通知为规范雨水收集，现就有关事项通知如下。", "为规范雨水收集，现就有关事项通知如下。"),
    ],
    ids=["addressees", "number too", "no addressees"],
)  # fmt: skip
def test_a_title_that_runs_into_the_first_sentence(line: str, rest: str) -> None:
    draft = read(f"{line}\n一、{TEXT}\n河西市财政局\n2031年5月9日\n")
    assert draft.value("title") == "河西市财政局关于做好雨水收集工作的通知"
    assert draft.body == (rest, f"一、{TEXT}")
    assert draft.value("number") == ("河财〔2031〕23号" if "23号" in line else None)


def test_a_sentence_about_a_document_is_no_title() -> None:
    first = "根据河西市财政局关于做好雨水收集工作的通知精神，各地要登记。"
    assert read(f"{first}\n一、{TEXT}\n2031年5月9日\n").body[0] == first


def test_a_number_inside_a_title_is_none_of_it() -> None:
    title = "关于废止河建规〔2031〕4号等文件的公告"
    assert split_number(title) == (title, "")


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("《关于雨水收集的通知》\n解读", "《关于雨水收集的通知》解读"),
        ("关于举办雨水节活动的\n通告", "关于举办雨水节活动的通告"),
        ("关于雨水收集的通知\n发布日期:2031-05-10 来源:雨水科\n关于雨水\n收集的通知", "关于雨水收集的通知"),
        ("关于雨水收集的通知(2031年6月1日起施行)", "关于雨水收集的通知"),
        ("【政策】关于雨水收集的通知", "关于雨水收集的通知"),
        ("Regulation政策法规\n关于雨水收集的通知", "关于雨水收集的通知"),
        ("河西发布最新通知!买雨水有补贴!\n2031-05-1008:41来源:河西发布\n关于雨水\n收集的通知", "关于雨水收集的通知"),
        ("YSGS-2031-03\n关于雨水收集的通知", "关于雨水收集的通知"),
        ("原文链接：https://example.org/lar/0123456789abcdef0123456789abcdef0123456789.html\n关于雨水收集的通知", "关于雨水收集的通知"),
        ("河西市财政局 河西市教育局\n河西市雨水中心\n关于雨水收集的通知", "河西市财政局 河西市教育局河西市雨水中心关于雨水收集的通知"),
    ],
    ids=["explained", "last word alone", "twice", "in force", "heading", "site", "call", "code", "link", "departments above"],
)  # fmt: skip
def test_the_title_and_nothing_else(lines: str, title: str) -> None:
    assert read(f"{lines}\n各有关单位:\n{TEXT}\n2031年5月9日\n").value("title") == title


def test_a_code_is_a_law() -> None:
    assert read(f"中华人民共和国雨水法典\n第一条　{TEXT}\n").value("kind") == "法律"


def test_the_year_of_a_version_is_not_in_the_name_of_a_law() -> None:
    page = making.page(f"<h1>雨水收集法（2031年）</h1><p>第一条　{TEXT}</p><p>第二条　{TEXT}</p>").decode()
    assert read(page, "a.html").value("title") == "雨水收集法"
    plan = making.page(f"<h1>雨水收集目录（2031年版）</h1><p>{TEXT}</p><p>{TEXT}</p>").decode()
    assert read(plan, "a.html").value("title") == "雨水收集目录（2031年版）"


@pytest.mark.parametrize(
    ("line", "by", "number"),
    [
        ("2031年9月1日 中华人民共和国国务院、中华人民共和国中央军事委员会令第128号发布", "国务院、中央军事委员会", "国务院、中央军事委员会令第128号"),
        ("（2031年9月1日河西省人民代表大会常务委员会第三次会议修正主席令第73号）", "河西省人民代表大会常务委员会", "主席令第73号"),
        ("2031年9月1日 河西市十二届人大常委会第二次会议通过", "河西市人民代表大会常务委员会", ""),
    ],
)  # fmt: skip
def test_who_passed_a_law(line: str, by: str, number: str) -> None:
    (event,) = read_events(line)
    assert (event.by, event.number) == (by, number)


def test_the_congress_of_a_place_that_is_not_named_gives_way_to_one_that_is() -> None:
    lines = "2031年3月1日 市十四届人大常委会第二次会议通过\n2031年4月1日 河西市人民代表大会常务委员会公告第12号公布"
    draft = read(f"雨水收集条例\n\n{lines}\n\n第一条　{TEXT}\n")
    assert draft.value("issuers") == ("河西市人民代表大会常务委员会",)


def with_chunk(tmp_path: Path, data: bytes, kind: str) -> bytes:
    """A Word file whose text is another file inside it, as converters of web pages make them."""
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    made = BytesIO()
    body = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rIdChunk"/>'
    relation = (
        '<Relationship Id="rIdChunk" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" '
        f'Target="chunk.{kind}"/>'
    )
    with ZipFile(path) as old, ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode() if name.endswith((".xml", ".rels")) else old.read(name)
            if isinstance(part, str):
                part = part.replace("<w:sectPr", f"{body}<w:sectPr", 1) if name == "word/document.xml" else part
                part = (
                    part.replace("</Relationships>", f"{relation}</Relationships>")
                    if "document.xml.rels" in name
                    else part
                )
                types = f'<Default Extension="{kind}" ContentType="message/rfc822"/></Types>'
                part = part.replace("</Types>", types) if name == "[Content_Types].xml" else part
            new.writestr(name, part)
        new.writestr(f"word/chunk.{kind}", data)
    return made.getvalue()


def test_a_word_file_whose_text_is_a_web_page_inside_it(tmp_path: Path) -> None:
    page = f"<html><body><p>雨水收集法</p><p>（2031年9月1日河西省人民代表大会常务委员会通过）</p><p>第一条　{TEXT}</p></body></html>"
    mail = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + page.encode()
        + b"\r\n--b--\r\n"
    )
    for data, kind in ((mail, "mht"), (page.encode(), "html")):
        draft = read_document(read_lines(with_chunk(tmp_path, data, kind), name="a.docx"), AUTHORITY)
        assert (draft.value("title"), draft.value("date")) == ("雨水收集法", date(2031, 9, 1))
        assert draft.body[-1] == f"第一条 {TEXT}"
