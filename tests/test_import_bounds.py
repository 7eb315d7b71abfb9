"""What hostile files cost an import: each format, and each reader, does work in proportion, or refuses."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import making
from policykb.domain.issuers import Authority
from policykb.domain.wording import kind_of
from policykb.errors import SourceError
from policykb.importing.formats.source import Source
from policykb.importing.official.draft import read_document
from policykb.importing.review.review import parse_review, to_policies
from policykb.importing.same_document import plan
from policykb.importing.sources import read_lines

AUTHORITY = Authority.load(None)
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def calls(work: Callable[[], Any]) -> int:
    """How many functions, of Python and of C, are called; comparisons inside one do not count."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def word_file(body: str) -> bytes:
    """A Word file with this XML as its body."""
    import zipfile

    import docx

    plain, out = io.BytesIO(), io.BytesIO()
    docx.Document().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            document = f"<w:document {WORD}><w:body>{body}</w:body></w:document>".encode()
            target.writestr(name, document if name == "word/document.xml" else source.read(name))
    return out.getvalue()


def nested(depth: int, text: str = "字") -> str:
    """A Word table within a table and so on, a line of text in each."""
    inner = nested(depth - 1, text) if depth > 1 else ""
    return f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{text}{depth}</w:t></w:r></w:p>{inner}</w:tc></w:tr></w:tbl>"


# ---- Each thing is read once


@pytest.mark.parametrize("depth", [1, 2, 3, 25])
def test_a_table_within_a_table_is_read_once(depth: int) -> None:
    source = read_lines(word_file(nested(depth)), name="a.docx")
    assert [line.text for line in source.lines] == [f"字{n}" for n in range(depth, 0, -1)]


def test_rows_and_cells_in_controls_are_read() -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    wrapped = f"<w:sdt><w:sdtContent>{cell.format('乙')}</w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{cell.format('甲')}{wrapped}</w:tr></w:sdtContent></w:sdt>"
    assert read_lines(word_file(f"<w:tbl>{row}</w:tbl>"), name="a.docx").lines[0].cells == ("甲", "乙")


# ---- Refused


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: word_file("<w:p/>" * 1_600_000), "has more than 500,000 lines"),
        (lambda: making.page(f"<p {' '.join(f'a{n}=1' for n in range(20_000))}>字</p>"), "more than 1,000 attributes"),
        (
            lambda: making.page("<p " + "".join(f"a{n}='<>'" for n in range(20_000)) + ">字</p>"),
            "more than 1,000 attri",
        ),
        (lambda: making.page(f"<table>{'<tr><td colspan=9999>字</tr>' * 20_000}</table>"), "more than 1,000,000 cells"),
        (lambda: making.page(f"<table><tr>{'<td colspan=9999>字' * 20_000}</table>"), "more than 1,000,000 cells"),
    ],
    ids=["empty paragraphs", "attributes", "attributes without spaces", "wide rows", "one wide row"],
)
def test_what_no_document_has_is_refused(data: Callable[[], bytes], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_lines(data(), name="file")


def test_a_picture_in_a_tag_is_no_attribute_too_many() -> None:
    page = making.page(f'<p>字</p><img alt="a b" src="data:image/png;base64,{"ab c" * 100_000}">')
    assert [line.text for line in read_lines(page, name="a.html").lines] == ["字"]


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_only_regular_files_are_opened(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "notice.txt"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        monkeypatch.chdir(tmp_path)  # the name of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    else:
        path = Path("/dev/zero")
    with pytest.raises(SourceError, match="it is a pipe, a socket or a device"):
        read_lines(path)


# ---- Work grows with the size

TEXTS: dict[str, Callable[[int], bytes]] = {
    "text": lambda n: "2031年1月10日\n生态环境部印发《甲方案》\n要点：甲。\n".encode() * n,
    "one sentence": lambda n: "《乙办法》自2031年1月1日起施行，".encode() * n,
    "dates": lambda n: "2031年1月10日\n".encode() * n,
    "headings": lambda n: "## 一、政策文件\n".encode() * n,
    "marked words": lambda n: "# 题\n\n## 题\n".encode() + b"**a " * n,
    "front matter": lambda n: b"---\n" + "".join(f"标题{k}: 甲\n" for k in range(n)).encode() + "---\n字\n".encode(),
    "fields": lambda n: "发布日期：2031-01-10 发布机构：生态环境部\n".encode() * n,
    "table": lambda n: "| 2031-01-10 | 生态环境部 | 《甲方案》 |\n|---|---|---|\n".encode() * n,
    "brackets": lambda n: "《〈".encode() * n,
    "pages": lambda n: "\f".join(f"政策月报\n正文{k}。\n- {k} -" for k in range(n)).encode(),
    "page": lambda n: making.page("<p>2031年1月10日</p><p>生态环境部印发《甲方案》</p><p>甲。</p>" * n),
    "page, table": lambda n: making.page(f"<table>{'<tr><td>2031-01-10<td>《甲方案》<td>甲</tr>' * n}</table>"),
    "page, spans": lambda n: making.page(f"<table>{'<tr><td rowspan=3 colspan=9><td>《甲方案》</tr>' * n}</table>"),
    "page, nested": lambda n: making.page(("<div>" * 50 + "字" + "</div>" * 50) * n),
    "page, nested tables": lambda n: making.page(("<table><tr><td>" * 9 + "字" + "</table>" * 9) * n),
    "page, attributes": lambda n: making.page(f"<p {' '.join(f'a{k}=1' for k in range(n))}>字</p>"),
    "word": lambda n: word_file("<w:p><w:r><w:t>2031年1月10日</w:t></w:r></w:p>" * n),
    "word, empty": lambda n: word_file("<w:p><w:r><w:t>字</w:t></w:r></w:p>" + "<w:p/>" * n),
    "word, nested": lambda n: word_file(nested(n)),
    "pdf": lambda n: making.as_pdf([("left", f"第{k}项内容。") for k in range(n)]),
}


def as_review(source: Source) -> None:
    policies = to_policies(parse_review(source, AUTHORITY))
    plan(policies, policies)


@pytest.mark.parametrize("shape", TEXTS)
def test_work_grows_with_the_size(shape: str) -> None:
    name = "a.md" if shape in ("headings", "marked words", "front matter", "table") else "a"
    small, large = TEXTS[shape](15), TEXTS[shape](60)
    assert_in_proportion(lambda data: read_lines(data, name=name), small, large)
    sources = read_lines(small, name=name), read_lines(large, name=name)
    assert_in_proportion(as_review, *sources)
    assert_in_proportion(lambda source: read_document(source, AUTHORITY), *sources)


def assert_in_proportion(work: Callable[[Any], Any], small: Any, large: Any) -> None:
    """Of four times the size, the work is four times as much; what is loaded or remembered once does not count."""
    work(large)
    few, many = calls(lambda: work(small)), calls(lambda: work(large))
    assert many < 5 * few + 2000, (few, many)


@pytest.mark.parametrize("name", ["（ " * 40 + "））", "( \t" * 300 + "))", "（" * 1000])
def test_brackets_at_the_end_of_a_name_are_no_labyrinth(name: str) -> None:
    assert kind_of(name) is None
