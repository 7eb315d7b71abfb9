"""Throws broken input at the parsers: whatever is not a `PolicyKBError`, or takes too long, is a defect.

How to run (a hundred thousand cases of each kind; figures and every failing input on standard output)::

    nice -n 19 python tests/robustness/fuzz.py --cases 100000 frontmatter dates query report
    nice -n 19 python tests/robustness/fuzz.py --cases 100000 html docx pdf

Without names all kinds are run, each for itself, with ``--seed`` (default 1). A case is a valid input that was cut,
doubled, shuffled and spiced, or noise out of the alphabet that the parser knows; half of both. Exit code 1
after a failure.
"""

from __future__ import annotations

import argparse
import io
import random
import shlex
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl

from policykb.errors import PolicyKBError

SLOW = 5.0  # seconds; no input of a few kilobytes may take longer
TODAY = date(2024, 12, 31)

SPICE = (
    "\x00", "\x1b[2J", "\u202e", "\u200b", "\ufeff", "\ud800", "\U0001f600", "\u2028", "\r", "\n", "\r\n", "\t", "　",
    "〔", "〕", "《", "》", "（", "）", "“", "”", "\"", "'", "：", ":", "、", "，", ",", "-", "--", "---\n", "...\n", "*", "?",
    "&a ", "*a", "!!python/object:os.system ", "<<: ", "[", "]", "{", "}", "|", ">", "#", "%", "@", "`", "9" * 40, "0",
    "²", "①", "〇", "十", "é", "e\u0301", "<script>", "</p>", "&#x110000;", "&amp", "=", "+", "~", "null", "true", ".inf",
)  # fmt: skip

FRONT = (
    "---\ntitle: 关于做好配额分配的通知\ndate: 2024-06-04\nissuers: [生态环境部, 国家发展和改革委员会]\ntags:\n  - 碳市场\n---\n\n正文。\n",
    "---\n标题: '办法'\n发布日期: 2024年6月4日\n发文机关: 国务院、生态环境部\nissuer_count: 3\n---\n- 一\n- 二\n",
    '---\r\ntitle: "会议"\r\ndate: 2024-12-11T10:00:00Z\r\nissuers: []\r\nkind: 会议\r\nx: {a: [1, 2.5, null, true]}\r\n---\r\n',
    "\ufeff---\ntitle: |\n  两行\n  标题\ndate: 2024.6.4\nissuers: >-\n  国务院\ndocuments: [一, 二]\n# 说明\n...\n正文",
)
DATES = (
    "2024", "2024-06", "2024-06-04", "2024/6/4", "2024.6", "20240604", "2024Q2", "2024H1", "2024年6月4日", "二〇二四年六月",
    "2024年二季度", "2024上半年", "上季度", "去年下半年", "近三个月", "最近90天", "今年以来", "十四五", "2024-03..2024-08",
    "2024年6月至8月", "2024年12月11日至12日", "第三季度", "前两周", "2024-13", "9999-12-31", "0001-01-01",
)  # fmt: skip
QUERIES = (
    "碳足迹 认证", '"碳排放权交易" (水泥 OR 钢铁) -征求意见稿', "issuer:生态环境部 tag:碳市场 date:2024Q2 标题:配额", "碳* ?标识",
    "NOT (a AND b) | c", "部门：发改委 日期：近三个月", "“配额”结转", "((((a))))", "-(-(-a))", "co2 CO₂ ＣＯ２",
)  # fmt: skip
REPORTS = (
    "一、一季度政策\n1月10日，工业和信息化部等十部门印发《绿色建材产业高质量发展实施方案》，提出到2026年……\n2月4日，国务院公布《条例》。\n",
    "2024年碳市场回顾\n\n（一）6月4日\n生态环境部、国家发展改革委等15部门联合发布《关于建立碳足迹管理体系的实施方案》。\n全年成交量 1.89 亿吨，",
    "| 日期 | 部门 | 文件 |\n|---|---|---|\n| 2024-05-23 | 国务院 | 2024—2025年节能降碳行动方案 |\n",
    "国家发展改革委 国家能源局\n关于印发《方案》的通知\n发改能源〔2024〕1号\n各省、自治区：\n\n　　现印发给你们。\n\n2024年6月24日\n",
)  # fmt: skip
LAWS = (
    "根据《中华人民共和国碳排放法》（2020年修订）和《关于印发〈甲方案〉的通知》（国办发〔2024〕39号），制定本办法。\n",
    "第三十条　本条例自2024年5月1日起施行，有效期五年。《乙办法》（环规〔2010〕1号）、《丙规定》同时废止。\n",
    "一、将《丁条例》第三条修改为：“…”\n二、废止下列文件：\n1．《戊通知》（2001年1月2日发布）\n2．《己通知》\n",
    "各省：\n　　现将《庚（征求意见稿）》印发给你们，请贯彻落实《辛意见》。由GB/T 1—2020代替GB/T 1—2009。\n",
)  # fmt: skip
MARKETS = (
    "2024年全国碳市场交易数据分析\n\n一季度\n一季度，全国碳市场碳排放配额总成交量874.03万吨，总成交额6.75亿元，其中挂牌协议成交量319.21万吨。\n",
    "二、市场运行\n4月24日收盘价100.59元/吨，首次突破百元，较上季度末上涨11.0%。大宗协议交易成交量占比为70.65%。\n",
    "全年成交量1.89亿吨，成交额181.14亿元，数据来源：上海环境能源交易所。四季度成交量是三季度的2.5倍。\n",
)
FEEDS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>甲</title><link>http://a.example/</link><item>'
    "<title>丁办法</title><link>http://a.example/1.html</link><guid>1</guid><pubDate>Mon, 06 May 2024 00:00:00 GMT</pubDate>"
    "<description><![CDATA[<p>一</p>]]></description></item></channel></rss>",
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>乙</title><entry><id>urn:1</id><title>戊</title><link href="/2.html"/>'
    "<updated>2024-05-06T00:00:00Z</updated></entry></feed>",
    '{"version": "https://jsonfeed.org/version/1.1", "title": "丙", "items": [{"id": "1", "url": "http://a.example/3"}]}',
)  # fmt: skip
ADDRESSES = (
    "q=碳足迹&from=2024-06&issuer=生态环境部&issuer=国务院&tag=碳市场&page=2", "during=2024Q2&sort=newest&match=any&as-of=2024-01-01",
    "q=%22a%22+-b&pick=a1b2c3.d4e5f6&drop=0a0b0c&style=x&format=docx&at=3&validity=现行有效", "to=&q=`x`;$(y)'&kind=通知&group=tag",
)  # fmt: skip
PAGE = (
    '<html><head><meta charset="gb2312"><meta name="ArticleTitle" content="通知"><title>通知</title></head><body>'
    "<div><p>生态环境部</p><table><tr><td colspan=2>一</td><td>二</td></tr></table><p>2024年6月4日，印发《办法》。</p></div></body></html>"
)


def spoiled(rng: random.Random, seeds: tuple[str, ...]) -> str:
    """A seed after a few cuts, repetitions, swaps and spices; or noise out of the seeds' own characters."""
    if rng.random() < 0.3:
        alphabet = "".join(seeds)
        size = int(rng.expovariate(1 / 40))
        return "".join(rng.choice(SPICE) if rng.random() < 0.25 else rng.choice(alphabet) for _ in range(size))
    text = rng.choice(seeds)
    for _ in range(rng.randint(1, 6)):
        i, j = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        match rng.randrange(6):
            case 0:
                text = text[:i] + text[j:]
            case 1:
                text = text[:i] + rng.choice(SPICE) * rng.choice((1, 1, 1, 2, 30)) + text[i:]
            case 2:
                text = text[:j] + text[i:j] * rng.choice((1, 2, 20)) + text[j:]
            case 3:
                text = text[:i] + text[i:j][::-1] + text[j:]
            case 4:
                other = rng.choice(seeds)
                text = text[:i] + other[rng.randint(0, len(other)) :] + text[j:]
            case _:
                text = text[:i] + chr(rng.choice((rng.randrange(0x80), rng.randrange(0x3000, 0x9FFF)))) + text[j:]
    return text[:20_000]


def spoiled_bytes(rng: random.Random, data: bytes) -> bytes:
    """Bytes after a few flips, cuts and insertions."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if not out:
            break
        i = rng.randrange(len(out))
        match rng.randrange(4):
            case 0:
                out[i] ^= 1 << rng.randrange(8)
            case 1:
                del out[i : i + rng.randint(1, 1 + len(out) // 4)]
            case 2:
                out[i:i] = rng.randbytes(rng.randint(1, 12))
            case _:
                out[i : i + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"<!--", b"]]>", b"endo"))
    return bytes(out)


def front_matter(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.corpus import entry_format as document

    text = spoiled(rng, FRONT)
    changes = {rng.choice(("tags", "title", "新", "date")): rng.choice((["碳市场"], "2024-01-02", None, 7))}

    def run() -> None:
        reading = document.examine(text, id="x")
        if reading.policy is not None:
            with suppress(PolicyKBError):
                again = document.parse(document.dump(reading.policy), id="x")
                assert again == reading.policy, "dump and parse do not agree"
        with suppress(PolicyKBError):
            document.parse(document.edit(text, changes), id="x")

    return (text, changes), run


def dates(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.domain.daterange import DateRange
    from policykb.domain.dates_in_text import find_dates, parse_day

    text = spoiled(rng, DATES)

    def run() -> None:
        with suppress(PolicyKBError):
            period = DateRange.parse(text, today=TODAY)
            assert period.start is None or period.end is None or period.start < period.end
            str(period), period.label()
        with suppress(PolicyKBError):
            parse_day(text)
        for start, end, _ in find_dates(text):
            assert 0 <= start < end <= len(text)

    return text, run


def query(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.search.query_language import parse

    text = spoiled(rng, QUERIES)
    return text, lambda: parse(text)


def _read(data: bytes, name: str) -> None:
    from policykb.importing.official.draft import read_document
    from policykb.importing.review.review import parse_review, to_policies
    from policykb.importing.sources import read_lines

    lines = read_lines(data, name=name)
    with suppress(PolicyKBError):
        to_policies(parse_review(lines, authority()))
    read_document(lines, authority())


def report(rng: random.Random) -> tuple[object, Callable[[], object]]:
    data = spoiled(rng, REPORTS).encode("utf-8", "surrogatepass")
    return data, lambda: _read(data, rng.choice(("a.txt", "a.md")))


def relations(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.domain.policy import Policy
    from policykb.mining.indexed import indexed, relation_terms
    from policykb.mining.mining import mine

    text = spoiled(rng, LAWS).encode("utf-8", "replace").decode()
    title = spoiled(rng, LAWS)[:80].encode("utf-8", "replace").decode() or "x"

    def run() -> None:
        policy = Policy(id="x", title=title, date=TODAY, issuers=("国务院",), body=text)
        for one in mine(policy).relations:
            assert one.title or one.number, one
            assert one.offset < 0 or text[one.offset :].startswith(one.quote[:1]), one
            list(relation_terms(one))
        indexed(policy)

    return (title, text), run


def figures(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.importing.figures.report import market_figures
    from policykb.importing.review.review import parse_review
    from policykb.importing.sources import read_lines
    from policykb.market.files import read_figures
    from policykb.market.writing import dump_figures

    data = spoiled(rng, MARKETS).encode("utf-8", "surrogatepass")

    def run() -> None:
        found = market_figures(parse_review(read_lines(data, name="a.txt"), authority()), "a")
        if found:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "a.toml")
                path.write_text(dump_figures(found.report, found.doubtful), encoding="utf-8")
                assert read_figures(path).figures == found.report.figures, (
                    read_figures(path).figures,
                    found.report.figures,
                )

    return data, run


def feed(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.collecting.feed import read_feed
    from policykb.importing.fetching import Fetched, is_url

    data = spoiled(rng, FEEDS).encode("utf-8", "surrogatepass")
    data = data if rng.random() < 0.6 else spoiled_bytes(rng, data)

    def run() -> None:
        read = read_feed(Fetched("http://a.example/feed", data, {"content-type": rng.choice(("", "text/xml", "x"))}))
        assert all(is_url(one.url) and one.key for one in read.items)

    return data, run


def address(rng: random.Random) -> tuple[object, Callable[[], object]]:
    from policykb.web.address import Address
    from policykb.web.basket import Basket

    text = spoiled(rng, ADDRESSES).encode("utf-8", "replace").decode()

    def run() -> None:
        found = Address.read(parse_qsl(text))
        Basket.of(found)
        assert shlex.split(found.command())[:2] == ["policykb", "search"]
        again = Address.read(parse_qsl(found.href().partition("?")[2]))
        assert again == found, "an address does not lead to the page that gave it"
        found.selection(TODAY), found.number("page", 1)

    return text, run


def html(rng: random.Random) -> tuple[object, Callable[[], object]]:
    data = spoiled(rng, (PAGE,)).encode("utf-8", "surrogatepass")
    data = data if rng.random() < 0.6 else spoiled_bytes(rng, data)
    return data, lambda: _read(data, "a.html")


def docx(rng: random.Random) -> tuple[object, Callable[[], object]]:
    parts = dict(docx_parts())
    if rng.random() < 0.7:  # a sound archive of a broken part, otherwise checksums hide the parts from the parser
        name = rng.choice(sorted(parts))
        try:
            parts[name] = spoiled(rng, (parts[name].decode(),)).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            parts[name] = spoiled_bytes(rng, parts[name])
        if rng.random() < 0.1:
            del parts[name]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    data = out.getvalue() if rng.random() < 0.8 else spoiled_bytes(rng, out.getvalue())
    return data, lambda: _read(data, "a.docx")


def pdf(rng: random.Random) -> tuple[object, Callable[[], object]]:
    data = spoiled_bytes(rng, pdf_seed())
    return data, lambda: _read(data, "a.pdf")


_made: dict[str, object] = {}


def authority():  # type: ignore[no-untyped-def]
    from policykb.domain.issuers import Authority

    return _made.setdefault("authority", None) or _made.update(authority=Authority.load(None)) or _made["authority"]


def docx_parts() -> dict[str, bytes]:
    if "docx" not in _made:
        import docx as library

        file = library.Document()
        file.add_heading("关于印发《办法》的通知", 1)
        file.add_paragraph("2024年6月4日，生态环境部印发。")
        table = file.add_table(2, 2)
        table.rows[0].cells[0].text = "日期"
        out = io.BytesIO()
        file.save(out)
        with zipfile.ZipFile(out) as package:
            _made["docx"] = {name: package.read(name) for name in package.namelist() if "thumbnail" not in name}
    return _made["docx"]  # type: ignore[return-value]


def pdf_seed() -> bytes:
    if "pdf" not in _made:
        text = b"BT /F1 12 Tf 72 720 Td (2024-06-04 notice of the ministry) Tj 0 -20 Td (second line) Tj ET"
        objects = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
        out = b"%PDF-1.4\n"
        places = []
        for number, content in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj%s endobj\n" % (number, content)
        start = len(out)
        out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
        _made["pdf"] = out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return _made["pdf"]  # type: ignore[return-value]


KINDS = {
    "frontmatter": front_matter, "dates": dates, "query": query, "address": address, "relations": relations, "report": report,
    "figures": figures, "feed": feed, "html": html, "docx": docx, "pdf": pdf,
}  # fmt: skip


def fuzz(kind: str, cases: int, seed: int) -> list[tuple[object, str]]:
    """The failures among so many cases: the input, and the traceback or the seconds it took; one of each place."""
    rng = random.Random(f"{kind} {seed}")
    failures: dict[str, tuple[object, str]] = {}
    for _ in range(cases):
        given, run = KINDS[kind](rng)
        began = time.process_time()
        try:
            with suppress(PolicyKBError):
                run()
        except Exception as error:  # the point of it
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} {frame.filename}:{frame.lineno}"
            failures.setdefault(place, (given, traceback.format_exc(limit=-4)))
        if (spent := time.process_time() - began) > SLOW:
            failures.setdefault("slow", (given, f"took {spent:.1f} s"))
    return list(failures.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = False
    for kind in options.kinds or KINDS:
        began = time.monotonic()
        failures = fuzz(kind, options.cases, options.seed)
        print(
            f"{kind}: {options.cases:,} cases, {time.monotonic() - began:.0f} s, {len(failures)} failures", flush=True
        )
        for given, what in failures:
            failed = True
            print(f"--- {given!r:.3000}\n{what}", flush=True)
    return failed


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
