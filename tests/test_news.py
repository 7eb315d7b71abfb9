"""``news``: what is new, what has changed, what is due; ``due``; saved searches."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document

from conftest import Run, write_entry
from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase

Command = Callable[..., Run]
DUE = "重点排放单位应在2024年12月31日前完成清缴。"


def policy(id: str, **fields: Any) -> Policy:
    given = {
        "title": f"关于{id}的通知",
        "date": date(2024, 1, 1),
        "issuers": ("生态环境部",),
        "status": "正式",
    } | fields
    return Policy(id, **given)


@pytest.fixture
def root(make_kb: Callable[..., KnowledgeBase]) -> Path:
    return make_kb(
        policy("甲", body=DUE, tags=("碳市场",)),
        policy("乙", date=date(2024, 5, 1)),
        policy("丙", effective=date(2024, 6, 15)),
        policy("丁", added=date(2024, 6, 3)),
        policy("戊", date=None),
        policy("己", date=date(2024, 9, 1)),
    ).root


def told(run: Command, root: Path, *options: str, today: str = "2024-06-10") -> dict[str, Any]:
    """The news as JSON."""
    done = run("news", "--format", "json", "--today", today, *options, kb=root)
    assert done.code in (0, 3), done.err
    return json.loads(done.out)


def names(found: dict[str, Any], part: str) -> list[str]:
    return [one["id"] for one in found[part]]


# ---- since a day


def test_what_has_come_since_a_day_is_new(run: Command, root: Path) -> None:
    found = told(run, root, "--since", "2024-05-01")
    assert names(found, "new") == ["丁", "乙"]
    assert names(told(run, root, "--since", "2024-05-02"), "new") == ["丁"]
    assert names(told(run, root, "--since", "2024-06-04"), "new") == []
    assert found["changed"] == found["gone"] == []


def test_what_was_published_later_is_new(run: Command, root: Path) -> None:
    write_entry(root, policy("庚", published=date(2024, 6, 2)))
    assert names(told(run, root, "--since", "2024-06-01"), "new") == ["丁", "庚"]


def test_a_state_that_differs_between_the_days_is_told_with_its_reason(run: Command, root: Path) -> None:
    (moved,) = told(run, root, "--since", "2024-06-10", today="2024-06-20")["moved"]
    assert (moved["id"], moved["before"], moved["after"]) == ("丙", "尚未施行", "现行有效")
    assert (moved["since"], moved["because"]) == ("2024-06-15", ["in force from 2024-06-15"])
    assert told(run, root, "--since", "2024-06-15", today="2024-06-20")["moved"] == []


def test_a_state_that_changes_soon_is_told_before(run: Command, root: Path) -> None:
    (coming,) = told(run, root, "--since", "2024-06-10")["coming"]
    assert (coming["id"], coming["after"], coming["since"]) == ("丙", "现行有效", "2024-06-15")
    assert told(run, root, "--since", "2024-06-10", "--due", "4d")["coming"] == []
    write_entry(root, policy("庚", expires=date(2024, 6, 30)))
    assert names(told(run, root, "--since", "2024-06-10"), "coming") == ["丙", "庚"]


def test_a_basis_that_is_repealed_is_told_of_what_rests_on_it(run: Command, root: Path) -> None:
    write_entry(root, policy("办法", title="样例管理办法", kind="办法"))
    write_entry(root, policy("细则", title="样例实施细则", body="根据《样例管理办法》，制定本细则。"))
    repealing = policy(
        "废止", title="关于废止样例管理办法的公告", date=date(2024, 6, 5), body="《样例管理办法》自2024年6月5日起废止。"
    )
    write_entry(root, repealing)
    found = told(run, root, "--since", "2024-06-01")
    assert names(found, "moved") == ["办法"]
    (basis,) = found["bases"]
    assert (basis["id"], basis["basis"], basis["state"], basis["since"]) == (
        "细则",
        "样例管理办法",
        "已废止",
        "2024-06-05",
    )


def test_a_draft_that_became_final_is_told(run: Command, shipped: Path) -> None:
    found = told(run, shipped, "--since", "2024-10-01", today="2024-11-05")
    assert [(one["before"], one["after"]) for one in found["moved"]] == [("征求意见", "已定稿")]
    # nobody knew of the final before it was there
    assert told(run, shipped, "--since", "2024-09-20", today="2024-10-01")["coming"] == []


def test_what_is_due_is_told_thirty_days_before(run: Command, root: Path) -> None:
    assert told(run, root, "--since", "2024-11-30", today="2024-11-30")["due"] == []
    (due,) = told(run, root, "--since", "2024-12-01", today="2024-12-01")["due"]
    assert (due["id"], due["days"], due["who"]) == ("甲", 30, "重点排放单位")


# ---- since the last run


def change(root: Path, id: str, **fields: Any) -> None:
    corpus = Corpus(root / "corpus")
    corpus.update(corpus.resolve(id), fields)


def test_the_first_run_has_nothing_to_compare_with(run: Command, root: Path) -> None:
    done = run("news", "--today", "2024-02-01", kb=root)
    assert "the first run" in done.err
    assert done.out == "nothing new since 2024-02-01\n"
    assert "the first run" not in run("news", "--today", "2024-02-02", kb=root).err


def test_what_differs_from_the_last_run_is_told_field_by_field(run: Command, root: Path) -> None:
    told(run, root)
    write_entry(root, policy("庚", date=date(2020, 1, 1)))
    change(root, "乙", status="试行", tags=["碳足迹"])
    (root / "corpus" / "己.md").unlink()
    path = root / "corpus" / "丁.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n正文。\n", encoding="utf-8")
    found = told(run, root, "--dry-run")
    assert names(found, "new") == ["庚"]  # however old it is
    assert [(one["id"], [tuple(field.values()) for field in one["fields"]]) for one in found["changed"]] == [
        ("乙", [("tags", None, ["碳足迹"]), ("status", "正式", "试行")]),
        ("丁", [("body", None, None)]),
    ]
    assert found["gone"] == [{"id": "己", "title": "关于己的通知"}]
    assert told(run, root) == found  # the dry run left what the last run saw
    assert {key: value for key, value in told(run, root).items() if value and key in ("new", "changed", "gone")} == {}


def test_a_checkout_or_a_rebuild_is_no_news(run: Command, root: Path) -> None:
    told(run, root)
    for path in (root / "corpus").glob("*.md"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    shutil.rmtree(root / "index")
    assert run("index", "--rebuild", kb=root).code == 0
    assert run("news", "--today", "2024-06-10", "--due", "0d", "--exit-code", kb=root).code == 0


def test_an_entry_under_another_name_has_changed(run: Command, root: Path) -> None:
    told(run, root)
    assert run("rename", "乙", "关于新乙的通知", kb=root).code == 0
    found = told(run, root)
    assert [one["title"] for one in found["changed"]] == ["关于新乙的通知"]
    assert found["new"] == found["gone"] == []


def test_a_state_differs_from_what_the_last_run_saw(run: Command, root: Path) -> None:
    told(run, root)
    change(root, "乙", ended=[{"date": date(2024, 6, 1)}])  # what was so before that run, and nobody knew
    found = told(run, root)
    assert [(one["id"], one["after"], one["since"]) for one in found["moved"]] == [("乙", "已废止", "2024-06-01")]
    assert told(run, root)["moved"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "day": "2024-01-01", "entries": {}}',
        '{"format": 1, "day": "2024-01-01", "entries": {"a": 1}}',
        '{"format": 1, "day": "2024-01-01", "entries": {"a": {"title": "x", "date": [1]}}}',
        '{"format": 1, "day": "2024-01-01", "entries": {"甲": {"title": "x", "state": {"a": 1}}}}',
    ],
)
def test_a_broken_snapshot_is_named(run: Command, root: Path, text: str) -> None:
    path = root / "corpus" / ".news" / "all.json"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    done = run("news", kb=root)
    assert (done.code, done.out) == (1, "")
    assert f"{path}: is no snapshot of news; remove it" in done.err
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_snapshot_is_not_written_through_a_link(run: Command, root: Path, tmp_path: Path) -> None:
    """A stranger's knowledge base has no file of ours made elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = root / "corpus" / ".news"
    folder.symlink_to(elsewhere)
    assert "is a link" in run("news", kb=root).err
    folder.unlink()
    folder.mkdir()
    (folder / "all.json").symlink_to(elsewhere / "all.json")
    assert run("news", kb=root).code == 1
    assert not list(elsewhere.iterdir())


def test_the_policies_that_are_shipped_are_left_as_they_are(run: Command, tmp_path: Path) -> None:
    done = run("news", cwd=tmp_path)
    assert done.code == 1
    assert "no knowledge base here" in done.err
    assert run("news", "--since", "2024-12-01", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--since", "2024-05-01"), 3),
        (("--since", "2024-06-04", "--due", "0d"), 0),
        (("--since", "2024-06-04"), 3),  # 丙 takes effect soon
    ],
)
def test_the_exit_code_says_whether_there_is_something(
    run: Command, root: Path, options: tuple[str, ...], code: int
) -> None:
    assert run("news", *options, "--today", "2024-06-10", "--exit-code", kb=root).code == code
    assert run("news", *options, "--today", "2024-06-10", kb=root).code == 0


def test_a_day_after_today_is_an_error(run: Command, root: Path) -> None:
    done = run("news", "--since", "2024-07-01", "--today", "2024-06-10", kb=root)
    assert (done.code, done.out) == (1, "")
    assert "2024-07-01 lies after 2024-06-10" in done.err


def test_a_meeting_is_in_no_state_worth_a_word(run: Command, root: Path) -> None:
    write_entry(root, policy("会", kind="会议", issuers=(), date=date(2024, 6, 9)))
    done = run("news", "--since", "2024-06-09", "--today", "2024-06-10", "--due", "0d", kb=root)
    assert "关于会的通知" in done.out
    assert "不详" not in done.out


@pytest.mark.parametrize(("option", "value"), [("--due", "soon"), ("--since", "yesterday"), ("--since", "2024-13")])
def test_days_that_cannot_be_read(run: Command, root: Path, option: str, value: str) -> None:
    done = run("news", option, value, kb=root)
    assert done.code in (1, 2)
    assert value in done.err


# ---- forms


def test_text(run: Command, root: Path) -> None:
    done = run("news", "--since", "2024-06-01", "--today", "2024-12-10", kb=root)
    assert re.findall(r"^(\S.*) \((\d+)\)$", done.out, re.M) == [("new", "2"), ("in another state", "1"), ("due", "1")]
    assert "21 days left" in done.out
    assert "who: 重点排放单位" in done.out


@pytest.mark.parametrize("form", ["md", "html", "docx", "atom"])
def test_documents_say_the_same(run: Command, root: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"news.{form}"
    done = run("news", "--since", "2024-06-01", "--today", "2024-12-10", "-o", str(path), kb=root)
    assert done.code == 0, done.err
    if form == "docx":
        text = "\n".join(one.text for one in Document(io.BytesIO(path.read_bytes())).paragraphs)
    else:
        text = path.read_text(encoding="utf-8")
    for said in (
        "新收录",
        "关于丁的通知",
        "尚未施行 → 现行有效",
        "责任主体：重点排放单位",
        "还有21天",
        "政策动态：2024年6月1日至2024年12月10日",
    ):
        assert said in text


def test_a_feed_has_the_same_ids_every_day(run: Command, root: Path) -> None:
    atom = "{http://www.w3.org/2005/Atom}"

    def entries(today: str) -> set[str]:
        done = run("news", "--since", "2024-06-01", "--today", today, "--format", "atom", kb=root)
        feed = ElementTree.fromstring(done.out)
        assert feed.findtext(f"{atom}title") is not None
        found = [entry.findtext(f"{atom}id") or "" for entry in feed.findall(f"{atom}entry")]
        assert len(found) == len(set(found)) > 0
        return set(found)

    assert entries("2024-12-10") == entries("2024-12-11")


def test_documents_are_in_chinese_and_hold_no_markup_of_others(run: Command, root: Path) -> None:
    write_entry(root, policy("辛", title="<script>alert(1)</script>*", date=date(2024, 6, 9)))
    for form in ("md", "html", "atom"):
        done = run("news", "--since", "2024-06-09", "--today", "2024-06-10", "--format", form, kb=root)
        assert "<script>" not in done.out
        assert "alert(1)" in done.out


def test_nothing_new_is_said(run: Command, root: Path) -> None:
    done = run("news", "--since", "2024-07-01", "--today", "2024-07-02", "--format", "md", kb=root)
    assert "没有新的动态。" in done.out


# ---- due


def obligations(run: Command, root: Path, *options: str, today: str) -> dict[str, Any]:
    return json.loads(run("due", "--format", "json", "--today", today, *options, kb=root).out)


def test_every_deadline_that_the_shipped_text_states_and_nothing_else(run: Command, shipped: Path) -> None:
    """The list was made by hand; goals by a year (到2030年) are none, nor is what a draft wants whose final is there."""
    notice = "2024-10-16-关于做好2023、2024年度发电行业全国碳排放权交易配额分配及清缴相关工作的通知"
    plan = "2024-07-14-进一步强化碳达峰碳中和标准计量体系建设行动方案（2024—2025年）"
    found = obligations(run, shipped, "--within", "9999d", today="2025-01-01")
    assert [(one["date"], one["id"], one["who"], one["text"]) for one in found["obligations"]] == [
        ("2024-12-31", notice, None, "使用期限为2024年12月31日前"),
        ("2024-12-31", notice, "重点排放单位", "2023年度配额清缴在2024年12月31日前完成"),
        ("2025-12-31", plan, None, "2025年底前的量化任务：计量标准和标准物质研制20项"),
        ("2025-12-31", notice, "重点排放单位", "2024年度配额清缴在2025年12月31日前完成"),
        ("2025-12-31", notice, None, "净卖出量统计截止时间为2025年12月31日"),
    ]  # fmt: skip
    assert [one["overdue"] for one in found["obligations"]] == [True, True, False, False, False]
    assert all(
        one["sentence"] in Corpus(shipped / "corpus").read(Corpus(shipped / "corpus").resolve(one["id"])).body
        for one in found["obligations"]
    )
    draft = obligations(run, shipped, "--within", "9999d", today="2024-07-01")["obligations"]
    assert [(one["date"], one["text"], one["draft"]) for one in draft] == [
        ("2024-12-31", "2023年配额清缴须在2024年12月31日前完成", True),
        ("2025-12-31", "2024年配额清缴须在2025年12月31日前完成", True),
    ]


def test_what_is_superseded_or_repealed_wants_nothing(run: Command, root: Path) -> None:
    assert len(obligations(run, root, today="2024-12-01")["obligations"]) == 1
    assert obligations(run, root, today="2023-12-31")["obligations"] == []  # it is not there yet
    change(root, "甲", ended=[{"date": date(2024, 11, 30)}])
    assert len(obligations(run, root, today="2024-11-29")["obligations"]) == 1
    assert obligations(run, root, today="2024-11-30")["obligations"] == []


def test_a_later_version_supersedes(run: Command, root: Path) -> None:
    for year in (2022, 2024):
        write_entry(
            root,
            policy(
                f"办法{year}",
                title="样例管理办法",
                kind="办法",
                date=date(year, 6, 1),
                body=f"各单位应于{year + 1}年1月31日前报告。",
            ),
        )
    found = obligations(run, root, "--within", "9999d", today="2024-06-10")["obligations"]
    assert [one["date"] for one in found] == ["2024-12-31", "2025-01-31"]


def test_the_window_and_what_lies_outside_it(run: Command, root: Path) -> None:
    near = obligations(run, root, today="2025-01-10")
    assert [(one["days"], one["overdue"]) for one in near["obligations"]] == [(-10, True)]
    assert (near["older"], near["later"]) == (0, 0)
    far = run("due", "--today", "2025-06-10", kb=root)
    assert far.out == "nothing is due within 90 days of 2025-06-10\n1 more passed before; --within 161d shows them\n"
    assert "161 days ago" in run("due", "--today", "2025-06-10", "--within", "161", kb=root).out


def test_filters_of_what_is_due(run: Command, root: Path) -> None:
    assert len(obligations(run, root, "--issuer", "生态环境部", today="2024-12-01")["obligations"]) == 1
    assert obligations(run, root, "--tag", "碳足迹", today="2024-12-01")["obligations"] == []


# ---- saved searches


def save(root: Path, text: str) -> None:
    (root / "corpus" / "searches.toml").write_text(text, encoding="utf-8")


MARKET = '[[search]]\nname = "市场"\ntag = "碳市场"\nreason = "清缴"\n'


def test_a_saved_search_is_searched_by_its_name(run: Command, root: Path) -> None:
    save(
        root, MARKET + '[[search]]\nname = "清 缴"\nquery = "清缴 OR 交易"\nissuer = ["生态环境部"]\nduring = "2024"\n'
    )
    for given in (("@市场",), ("@清 缴",), ("@清 缴", "完成"), ("@清 缴", "--tag", "碳市场")):
        done = run("search", *given, "--format", "paths", kb=root)
        assert [Path(line).stem for line in done.out.splitlines()] == ["甲"], done.err
    assert "@清 缴: 清缴 OR 交易 --issuer 生态环境部 --during 2024" in done.err
    assert run("search", "@清 缴", "--during", "2023", kb=root).out == "no entries\n"


def test_news_of_a_saved_search(run: Command, root: Path) -> None:
    save(root, MARKET)
    found = told(run, root, "市场", "--since", "2024-01-01")
    assert (found["name"], names(found, "new")) == ("市场", ["甲"])
    told(run, root, "市场")
    change(root, "乙", tags=["碳市场"])
    change(root, "甲", tags=["碳足迹"])
    found = told(run, root, "市场")
    assert (names(found, "new"), names(found, "gone")) == (["乙"], ["甲"])
    assert {path.name for path in (root / "corpus" / ".news").iterdir()} == {"市场.json"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[search]]\n", "searches.toml:1: name: must be a text that is not empty"),
        ('[[search]]\nname = "a"\n', "searches.toml:2: query: is missing, and there is no filter either"),
        (MARKET + '[[search]]\nname = "市场"\nquery = "a"\n', "searches.toml:6: name: 市场 is the name of the search in line 2, too"),
        (MARKET + '[[search]]\nname = "b"\nquery = "a"\nissuers = "b"\n', "searches.toml:8: issuers: no such key; it takes during, from"),
        ('[[search]]\nname = "a"\n\nkind = 3\n', "searches.toml:4: kind: must be a list of texts"),
        ('[[search]]\nname = "a/b"\nquery = "a"\n', "searches.toml:2: name: must be what a file can be called"),
        ('[[search]]\nname = "All"\nquery = "a"\n', "searches.toml:2: name: must be what a file can be called"),
        ('[[searches]]\nname = "a"\n', "searches.toml:1: searches: no such key"),
        ("search = 3\n", "searches.toml:1: search: must be a list of tables"),
        (MARKET + "[[search]\n", "searches.toml:5: not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_saved_searches_is_named(run: Command, root: Path, text: str, problem: str) -> None:
    save(root, text)
    for command in (("search", "@市场"), ("news", "市场"), ("doctor",)):
        done = run(*command, kb=root)
        assert problem in done.err + done.out.replace("error: ", ""), command
        assert done.code in (1, 3)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('issuer = "无此部"', "searches.toml:3: issuer: unknown department: 无此部"),
        ('tag = ["碳市场", "碳市"]', "searches.toml:3: tag: unknown tag: 碳市"),
        ('during = "某时"', "searches.toml:3: during: cannot read '某时'"),
        ('from = "2024-13"', "searches.toml:3: from: cannot read '2024-13'"),
        ('validity = "有效"', "searches.toml:3: validity: 有效 is no state of a document"),
        ('query = "(甲"', "searches.toml:3: query: "),
        ('query = "issuer:无此部"', "searches.toml:3: query: unknown department: 无此部"),
    ],
)
def test_what_a_saved_search_cannot_find_is_named(run: Command, root: Path, line: str, problem: str) -> None:
    save(root, f'[[search]]\nname = "a"\n{line}\n')
    for command in (("search", "@a"), ("news", "a", "--since", "2024-01-01")):
        done = run(*command, kb=root)
        assert done.code == 1
        assert problem in done.err


def test_what_is_typed_wrong_is_not_laid_to_the_saved_search(run: Command, root: Path) -> None:
    save(root, MARKET)
    done = run("search", "@市场", "--issuer", "无此部", kb=root)
    assert "searches.toml" not in done.err.splitlines()[-1]
    assert "unknown department: 无此部" in done.err


def test_a_saved_search_that_there_is_not(run: Command, root: Path) -> None:
    assert "there is no search 市场, and no other" in run("news", "市场", kb=root).err
    save(root, MARKET)
    assert "there is no search 市; did you mean 市场?" in run("search", "@市", kb=root).err
    assert "there is no search xyz; known are 市场" in run("news", "xyz", kb=root).err
