"""Files of every format, and every kind of bad file, read as lines."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import making
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.spacing import join_lines
from policykb.errors import MissingExtraError, PolicyKBError, SourceError
from policykb.importing.addition import Additions
from policykb.importing.formats.decoding import decode
from policykb.importing.formats.source import Source
from policykb.importing.paragraphs import Line, paragraph_starts, without_space
from policykb.importing.sources import MAX_BYTES, read_lines
from properties import examples

CORPUS = Path(__file__).parents[1] / "corpus/2024"
CHINESE = "二〇三一年的政策：水、风、光。\n第二行有 12 个字和 CO2。\n"
LONG = "".join(f"第{n}，各地要把节约用水放在心上，落实到每一个村庄和每一座工厂。" for n in "一二三四五六七八")


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


# ---- Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312"]
)
@pytest.mark.parametrize("text", [CHINESE.replace("〇", "零"), LONG, "水权的\n", "2031年\n", "Plain English, only.\n"])
def test_encoding_is_detected(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_traditional_characters_in_gbk_and_big5() -> None:
    text = "國務院關於進一步節約用水的通知，請各機關認真執行。"
    assert decode(text.encode("gbk")) == text
    page = f'<html><head><meta charset="big5"></head><body>{text}</body></html>'
    assert decode(page.encode("big5")) == page


TRADITIONAL = str.maketrans("国务关于发进节约实与产业环资计划", "國務關於發進節約實與產業環資計劃")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "big5", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("traditional", [False, True])
def test_short_texts_in_every_encoding(encoding: str, traditional: bool) -> None:
    """Regression: Big5 that no page states was refused, or read as other characters."""
    bodies = (path.read_text(encoding="utf-8").rpartition("---\n")[2].strip() for path in CORPUS.glob("*.md"))
    texts = [body.translate(TRADITIONAL if traditional else {})[at : at + 30] for body in bodies for at in (0, 40, 80)]
    texts = ["".join(char for char in text if char.encode(encoding, "ignore")) for text in texts]
    assert len(texts) == 120
    assert [text for text in texts if len(text) > 12 and decode(text.encode(encoding)) != text] == []


@pytest.mark.parametrize("text", ["ئۇيغۇر تىلى", "བོད་སྐད།", "ᠮᠣᠩᠭᠣᠯ", "😀 emoji", "café"])
def test_utf8_of_any_script_is_text(text: str) -> None:
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 20,
        b"\x7fELF\x02\x01\x01" + bytes(200),
        b"\0\1\2\3" * 100,
        b"\xff" * 99,
        b"\x80\x81\x82\x01\x02",
    ],
    ids=["all bytes", "program", "numbers", "ff", "broken"],
)
def test_binary_is_not_text(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^x\.txt: is not text in UTF-8"):
        read_lines(data, name="x.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_with_a_broken_character_says_where(encoding: str) -> None:
    data = ("一行好字。\n" * 99).encode(encoding) + b"\xe4\xff\n" + LONG.encode(encoding)
    with pytest.raises(SourceError, match=rf"{encoding.upper()} with broken characters, the first in line 100"):
        decode(data)


# ---- Bad files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xef\xbb\xbf \r\n\n", "has no text"),
        ("\u3000\u200b\n".encode(), "has no text"),
        (b"%PDF-1.7\nnonsense", "damaged PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Word file"),
        (b"{\\rtf1\\ansi hello}", "RTF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "picture"),
        (b"\x1f\x8b\x08" + bytes(50), "compressed"),
        (b"PK\x03\x04" + b"x" * 100, "damaged Word file"),
        (making.archive({"a.txt": b"text"}), "a ZIP archive, not a Word file"),
        (making.archive({"xl/workbook.xml": b"<x/>"}), "an Excel file"),
        (making.archive({"OFD.xml": b"<x/>"}), "an OFD file"),
        (making.archive({"word/document.xml": b"<not xml"}), "cannot be read as docx"),
        (b"<html><head><title>x</title></head><body><script>var x;</script></body></html>", "has no text"),
        (b"<!DOCTYPE html>", "has no text"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),  # an archive holds when it was made
)
def test_bad_file_is_an_error_that_says_why(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read_lines(data, name="some file")
    assert str(caught.value).startswith("some file: ")


@pytest.mark.parametrize("name", ["a.pdf", "a.PDF", "a.docx"])
@pytest.mark.parametrize("data", [b"only text", b"<html><body>404</body></html>"])
def test_name_that_promises_another_format(name: str, data: bytes) -> None:
    with pytest.raises(SourceError, match="damaged or misnamed"):
        read_lines(data, name=name)


def test_content_decides_where_the_name_promises_nothing() -> None:
    assert read_lines(making.as_docx([("left", "一行")]), name="-").kind == "docx"
    assert read_lines(making.as_html([("left", "一行字")]), name="page.txt").kind == "html"
    assert read_lines(b"# a\n\ntext\n\n## b\n", name="notes").kind == "markdown"
    assert read_lines("<《办法》>的说明。".encode(), name="x").kind == "text"


def test_zip_bomb() -> None:
    bomb = making.archive({"word/document.xml": bytes(60_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(SourceError, match="would unpack to 57 MB"):
        read_lines(bomb, name="a.docx")
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"<x/>")
        for n in range(40):
            package.writestr(f"word/media/{n}", bytes(9_000_000), compresslevel=1)
    with pytest.raises(SourceError, match="would unpack to 3.. MB"):
        read_lines(many.getvalue(), name="a.docx")


def test_too_large_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(SourceError, match=r"^huge\.txt: is larger than 50 MB"):
        read_lines(huge)
    with pytest.raises(SourceError, match="larger than 50 MB"):
        read_lines(bytes(MAX_BYTES + 1), name="x")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", Path("a\0b")):
        with pytest.raises(SourceError, match="cannot be read"):
            read_lines(path)


def test_name_cannot_break_a_message() -> None:
    with pytest.raises(SourceError) as caught:
        read_lines(b"", name="../../etc/\x1b[31mred\nname")
    assert str(caught.value) == "?[31mred?name: is empty"
    assert read_lines(b"text", name="../../x/y\n.txt").name == "y?.txt"


def test_encrypted_pdf() -> None:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    from reportlab.lib.pdfencrypt import StandardEncryption

    out = io.BytesIO()
    file = canvas.Canvas(out, encrypt=StandardEncryption("secret"))
    file.drawString(9, 9, "text")
    file.save()
    with pytest.raises(SourceError, match="is encrypted: save a copy without a password"):
        read_lines(out.getvalue(), name="a.pdf")


def test_scanned_pdf() -> None:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    out = io.BytesIO()
    file = canvas.Canvas(out)
    for n in range(3):
        file.rect(50, 50, 400, 600, fill=1)
        if n == 2:
            file.drawString(9, 9, "3")
        file.showPage()
    file.save()
    with pytest.raises(SourceError, match="scanned PDF"):
        read_lines(out.getvalue(), name="a.pdf")


def test_page_without_text_is_noted_and_said(tmp_path: Path) -> None:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    out = io.BytesIO()
    file = canvas.Canvas(out)
    for n in range(3):
        for line in range(10 * (n != 1)):
            file.drawString(50, 700 - 20 * line, f"a line of readable text, number {line}")
        file.showPage()
    file.save()
    source = read_lines(out.getvalue(), name="a.pdf")
    assert source.notes == ("no text on page 2: a picture, or empty",)
    assert [line.page for line in source.lines] == [1] * 10 + [3] * 10
    (tmp_path / "corpus").mkdir()
    said: list[str] = []
    corpus, authority = Corpus(tmp_path / "corpus"), Authority.load(None)
    with pytest.raises(SourceError, match="no official document"):
        Additions(corpus, authority, say=said.append).add(out.getvalue(), name="a.pdf")
    assert said == ["a.pdf: no text on page 2: a picture, or empty"]


@pytest.mark.parametrize(
    ("module", "data"),
    [
        ("pypdfium2", b"%PDF-1.7\n"),
        ("docx", making.archive({"word/document.xml": b""})),
        ("trafilatura", b"<html><body>x</body></html>"),
    ],
    ids=["PDF", "Word", "page"],
)
def test_missing_library_names_the_pip_command(monkeypatch: pytest.MonkeyPatch, module: str, data: bytes) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'policykb\[import\]'"):
        read_lines(data, name="x")


def test_a_page_of_many_elements_is_read_without_being_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100,000 cells in one row trafilatura thinks for minutes."""
    import trafilatura

    monkeypatch.setattr(trafilatura, "bare_extraction", lambda *_page, **_options: pytest.fail("asked"))
    page = f"<html><body><p>关于做好工作的通知。</p><table><tr>{'<td>甲</td>' * 20_001}</tr></table></body></html>"
    first, row = read_lines(page.encode(), name="a.html").lines
    assert (first.text, len(row.cells)) == ("关于做好工作的通知。", 20_001)


# ---- Lines


def test_lines_of_text_have_the_numbers_an_editor_shows() -> None:
    source = read_lines("一\r\n\r\n  二 \r三\n\f四\n\x07五\n".encode(), name="a.txt")
    assert [(line.text, line.number, line.page) for line in source.lines] == [
        ("一", 1, 1), ("二", 3, 1), ("三", 4, 1), ("四", 5, 2), ("五", 6, 2),
    ]  # fmt: skip
    assert [line.gap for line in source.lines] == [False, True, False, False, False]
    assert [line.indented for line in source.lines] == [False, True, False, False, False]


def test_page_numbers_and_running_heads_are_dropped_and_kept_apart() -> None:
    pages = [f"政策月报 {n}\n正文的第{n}段。\n2031\n又一行{n}。\n- {n} -" for n in range(1, 6)]
    source = read_lines("\f".join(pages).encode(), name="a.txt")
    assert texts(source) == [text for n in range(1, 6) for text in (f"正文的第{n}段。", "2031", f"又一行{n}。")]
    assert len(source.dropped) == 10


@pytest.mark.parametrize(
    "number", ["- 3 -", "— 3 —", "第 3 页", "第3页 共9页", "第 3 页，共 9 页", "3 / 9", "Page 3 of 9", "· 3 ·"]
)
def test_forms_of_page_numbers(number: str) -> None:
    source = read_lines(f"文字甲。\n{number}\f文字乙。\n{number}\f文字丙。\n4".encode(), name="a.txt")
    assert texts(source) == ["文字甲。", "文字乙。", "文字丙。"]


def test_page_numbers_of_a_text_that_lost_its_pages() -> None:
    source = read_lines("甲。\n1\n乙。\n2\n丙。\n3\n丁。\n— 4 —\n戊。".encode(), name="a.txt")
    assert texts(source) == ["甲。", "乙。", "丙。", "丁。", "戊。"]
    assert [line.text for line in source.dropped] == ["1", "2", "3", "— 4 —"]
    alone = read_lines("甲。\n1\n乙。\n3\n丙。".encode(), name="a.txt")
    assert texts(alone) == ["甲。", "1", "乙。", "3", "丙。"]


def test_markdown() -> None:
    text = """---
title: 某题
---
# 一级 \\#1 ##

**2031-01-10**
> 引文

题二
----
| 日期 | 名称 |
|:--|---|
| 1 | 甲\\|乙 |
| | |
|
- 项
* * *
"""
    source = read_lines(text.encode(), name="a.md")
    assert [(line.text, line.level, line.cells) for line in source.lines] == [
        ("一级 #1", 1, ()),
        ("2031-01-10", 0, ()),
        ("引文", 0, ()),
        ("题二", 2, ()),
        ("日期\t名称", 0, ("日期", "名称")),
        ("1\t甲|乙", 0, ("1", "甲|乙")),
        ("- 项", 0, ()),
    ]
    assert source.meta == {"title": "某题"}


def test_docx_with_headings_tables_frames_and_changes() -> None:
    docx = pytest.importorskip("docx")
    from docx.oxml import parse_xml

    file = docx.Document()
    file.add_heading("第一章", 1)
    file.add_paragraph("甲\n乙\t丙")
    table = file.add_table(2, 2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells], ["日期", "名\u200b称", "1月", "甲\n乙"], strict=True
    ):
        cell.text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    frame = file.add_table(1, 1)
    frame.cell(0, 0).text = "框中的字"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    file.element.body.insert(0, parse_xml(
        f"<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>控件里的字</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    ))  # fmt: skip
    changed = file.add_paragraph("旧")
    changed._p.append(parse_xml(f'<w:ins {space} w:id="1" w:author="a"><w:r><w:t>新增</w:t></w:r></w:ins>'))
    changed._p.append(parse_xml(f'<w:del {space} w:id="2" w:author="a"><w:r><w:delText>删去</w:delText></w:r></w:del>'))
    out = io.BytesIO()
    file.save(out)
    lines = read_lines(out.getvalue(), name="a.docx").lines
    assert [(line.text.replace("\n", "/"), line.level, len(line.cells)) for line in lines] == [
        ("控件里的字", 0, 0), ("第一章", 1, 0), ("甲", 0, 0), ("乙\t丙", 0, 0),
        ("日期/1月\t名称", 0, 2), ("\t甲/乙", 0, 2), ("框中的字", 0, 0), ("旧新增", 0, 0),
    ]  # fmt: skip
    assert lines[4].cells[1] == "名称"  # as the text: without what nobody sees


def test_web_page_keeps_all_of_the_article_and_nothing_around_it() -> None:
    article = "".join(f"<h2>2031年{n}月1日</h2><p>短。</p><p>{LONG}</p><p>短。</p>" for n in range(1, 9))
    source = read_lines(making.page(f"<h1>大标题</h1><div>{article}<!-- 注释 --></div>", charset="gbk"), name="a.html")
    assert texts(source).count("短。") == 16
    assert [line.level for line in source.lines[:4]] == [2, 0, 0, 0]
    around = "".join(line.text for line in source.dropped)
    for other in ("首页", "当前位置", "版权所有", "一图读懂"):
        assert other in around
        assert other not in "".join(texts(source))
    assert "大标题" in around + "".join(texts(source))
    assert "注释" not in around + "".join(texts(source))
    assert source.meta["title"] == "文件_某网站"


def test_table_of_a_web_page() -> None:
    rows = "<tr><th>日期</th><th>名称</th><th>要点</th></tr>"
    rows += f"<tr><td rowspan=2>1月</td><td>甲</td><td><p>{LONG}</p><p>乙</p></td></tr><tr><td>丙</td><td>丁</td></tr>"
    rows += "<tr><td>2月</td><td colspan=2>戊</td></tr>"
    source = read_lines(making.page(f"<table>{rows}</table>"), name="a.html")
    assert [line.cells for line in source.lines] == [
        ("日期", "名称", "要点"), ("1月", "甲", f"{LONG}\n乙"), ("", "丙", "丁"), ("2月", "戊", ""),
    ]  # fmt: skip


def test_a_cell_that_reaches_into_the_end_of_the_next_row() -> None:
    rows = f"<tr><td>甲</td><td>{LONG}</td><td rowspan=2>注</td></tr><tr><td>乙</td><td>丙</td></tr>"
    source = read_lines(making.page(f"<table>{rows}<tr><td>丁</td><td>戊</td><td>己</td></tr></table>"), name="a.html")
    assert [line.cells for line in source.lines] == [("甲", LONG, "注"), ("乙", "丙", ""), ("丁", "戊", "己")]


def test_page_saved_as_one_file() -> None:
    import quopri

    body = quopri.encodestring(making.as_html([("left", LONG)])).decode()
    saved = (
        'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n--b--\r\n"
    )
    source = read_lines(saved.encode(), name="a.mhtml")
    assert (source.kind, texts(source)) == ("html", [LONG])


def test_pdf_has_lines_pages_and_indents() -> None:
    data = making.as_pdf([("center", "标题"), ("indent", LONG)], head="内刊", per_page=3)
    source = read_lines(data, name="a.pdf")
    assert without_space("".join(texts(source))) == "标题" + without_space(LONG)
    assert {line.page for line in source.lines} == {1, 2, 3, 4}
    assert [line.indented for line in source.lines] == [True, True] + [False] * (len(source.lines) - 2)
    assert {line.text for line in source.dropped} == {"内刊", "— 1 —", "— 2 —", "— 3 —", "— 4 —"}


# ---- Joining


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["水泥、焦", "化行业"], "水泥、焦化行业"),
        (["carbon", "market"], "carbon market"),
        (["使用 CCER", "抵销 5%。"], "使用CCER抵销5%。"),
        (["2024 年 1月 10 日"], "2024年1月10日"),
        (["指南 铝冶炼行业"], "指南 铝冶炼行业"),
        (["指南", "铝冶炼行业"], "指南铝冶炼行业"),
        (["0.5 t CO2/MWh", "以上"], "0.5 t CO2/MWh以上"),
        (["97-", "106 元/", "吨"], "97-106元/吨"),
        (["“ 双碳 ” 目标", "《 办法 》 与"], "“双碳”目标《办法》与"),
        (["　　全角　空格 "], "全角 空格"),
        (["- 一项", "1. 二项"], "- 一项1.二项"),
        (["1. 二项"], "1. 二项"),
        (["", " ", "甲"], "甲"),
        ([], ""),
    ],
)  # fmt: skip
def test_lines_are_joined_as_chinese_is(lines: list[str], joined: str) -> None:
    assert join_lines(lines) == joined


@given(st.lists(st.text("甲乙ab12 -/.，。“”《》（）\u3000", max_size=12), max_size=8))
def test_joining_loses_and_adds_nothing(lines: list[str]) -> None:
    joined = join_lines(lines)
    assert without_space(joined) == without_space("".join(lines))
    assert join_lines([joined]) == joined


@given(st.lists(st.text("甲乙丙丁戊己庚辛", min_size=35, max_size=300), min_size=2, max_size=6))
@examples(50)
def test_wrapped_paragraphs_come_back_by_their_indent(bodies: list[str]) -> None:
    lines = [
        Line(text, 1, indented=not i) for body in bodies for i, text in enumerate(making.wrap(body + "，尾。", 60, 4))
    ]
    assert paragraph_starts(lines) == [line.indented for line in lines]


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 22)), min_size=3, max_size=8))
@examples(50)
def test_wrapped_paragraphs_come_back_by_their_last_line(shapes: list[tuple[int, int]]) -> None:
    """As they come out of most PDF files: a paragraph ends with a short line that ends a sentence."""
    lines, starts = [], []
    for full, rest in shapes:
        wrapped = making.wrap("水" * (28 + 30 * full + rest) + "。", 60, 4)
        lines += [Line(line, 1) for line in wrapped]
        starts += [True] + [False] * (len(wrapped) - 1)
    assert paragraph_starts(lines) == starts


# ---- Anything at all

HEADS = st.sampled_from(
    [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"<!doctype html><meta charset=gb2312>", b"\xff\xfe", b"\xfe\xff",
     b"\xef\xbb\xbf", b"# \xe4\xb8\x80\n\n## x\n", b"---\n", b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n"]
)  # fmt: skip
NAMES = st.sampled_from(["", "a", "a.txt", "a.md", "a.html", "a.htm", "a.pdf", "a.docx", "x\n", "../a", "."])


@given(HEADS, st.binary(max_size=300) | st.text(max_size=150).map(lambda text: text.encode("utf-8", "ignore")), NAMES)
@examples(200)
def test_only_our_errors_come_out(head: bytes, rest: bytes, name: str) -> None:
    try:
        source = read_lines(head + rest, name=name)
    except PolicyKBError:
        return
    assert source.lines
    assert all(line.text == line.text.strip() != "" for line in source.lines if not line.cells)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn"]), max_size=200))
@examples(200)
def test_no_character_of_a_text_is_lost(text: str) -> None:
    try:
        source = read_lines(("甲" + text).encode(), name="a.txt")
    except PolicyKBError:
        return
    if source.kind == "text":
        whole = "".join(line.text for line in sorted((*source.lines, *source.dropped), key=lambda line: line.number))
        assert without_space(whole) == without_space("甲" + text)
