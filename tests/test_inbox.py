"""The inbox: documents and proposals that wait, what is decided about them, and what strangers put there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import making
from policykb.errors import CorpusError, DocumentError, SourceError
from policykb.inbox import items, undo
from policykb.inbox.decisions import Verdict
from policykb.inbox.inbox import Inbox
from policykb.inbox.proposal import Proposal, in_words
from policykb.kb import KnowledgeBase

TODAY = date(2025, 4, 1)
NOTICE = [
    ("center", "关于做好碳排放权交易配额清缴工作的通知"),
    ("center", "环办气候〔2025〕3号"),
    ("left", "各省、自治区、直辖市生态环境厅："),
    ("indent", "为做好碳排放权交易市场的配额清缴工作，现将有关事项通知如下。"),
    ("indent", "本通知自2025年5月1日起施行。"),
    ("right", "生态环境部"),
    ("right", "2025年3月20日"),
]
ENTRY = """\
---
# 这一行是人写的
title: 关于甲的通知
date: 2024-01-10   # 落款
issuers: [生态环境部]
领域: 能源
---

绿色金融支持碳足迹核算，自2024年3月1日起施行。
"""


@pytest.fixture
def kb(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    base = make_kb("绿色建材", "碳排放权交易市场")
    (base.corpus.root / "甲.md").write_text(ENTRY, encoding="utf-8")
    return base


@pytest.fixture
def inbox(kb: KnowledgeBase) -> Inbox:
    return of(kb)


def of(kb: KnowledgeBase, by: str = "") -> Inbox:
    return Inbox(kb.corpus, kb.authority, kb.vocabulary, today=TODAY, by=by)


def files(kb: KnowledgeBase) -> dict[str, bytes]:
    root = kb.corpus.root
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def tag(value: str = "绿色金融", entry: str = "甲", quote: str = "绿色金融支持碳足迹核算") -> Proposal:
    return Proposal("tag", entry, "", value, quote)


# ---- documents


def test_a_document_waits_and_is_no_entry(kb: KnowledgeBase, inbox: Inbox) -> None:
    before = kb.corpus.paths()
    item = inbox.add(making.as_docx(NOTICE), name="../../通知.docx", url="https://example.org/1")
    assert item.name == "通知.docx"
    assert kb.corpus.paths() == before
    assert kb.search("清缴").total == 0
    (waiting,) = inbox.stored().documents
    assert waiting == item
    read = {one.name: one for one in item.proposals}
    assert read["date"].value == "2025-03-20"
    assert "2025年3月20日" in read["date"].quote
    assert read["date"].words == ("2025年3月20日",)
    assert read["number"].words == ("环办气候〔2025〕3号",)
    assert read["issuers"].value == "生态环境部"
    assert 0 < (read["date"].sureness or 0) < 1
    folder = kb.corpus.root / ".inbox" / item.id
    assert sorted(os.listdir(folder)) == ["draft.md", "original.docx", "proposals.toml"]


@pytest.mark.parametrize(
    "name",
    ["CON.docx", "a:b?*.docx", "通知.docx.", "NUL", r"C:\Users\李\..\通知.docx", "长" * 300 + ".docx", "\0\n.docx", ""],
)
def test_what_a_file_was_called_names_no_file(kb: KnowledgeBase, inbox: Inbox, name: str) -> None:
    before = files(kb)
    item = inbox.add(making.as_docx(NOTICE), name=name)
    id = f"2025-03-20-{NOTICE[0][1]}"
    assert {path.rpartition("/")[2] for path in files(kb).keys() - before} == {
        "draft.md", "original.docx", "proposals.toml"
    }  # fmt: skip
    assert inbox.take_in(item.id) == id
    assert files(kb).keys() - before == {f"2025/{id}.md", f"originals/{id}.docx"}


def test_a_document_of_ten_departments_waits(inbox: Inbox) -> None:
    """Their number stands nowhere as it is: 十部门 is not 10."""
    text = "国家发展改革委等十部门关于印发《试点方案》的通知\n\n发改环资〔2024〕5号\n\n各省：\n\n请执行。\n\n2024年1月5日\n"
    read = {one.name: one for one in inbox.add(text.encode(), name="十部门.txt").proposals}
    assert (read["issuer_count"].value, read["issuer_count"].words) == ("10", ())
    assert read["issuers"].words == ("国家发展改革委",)


def test_the_same_file_waits_once(inbox: Inbox) -> None:
    data = making.as_docx(NOTICE)
    assert inbox.add(data, name="a.docx").id == inbox.add(data, name="b.docx").id
    assert len(inbox.stored().documents) == 1


def test_a_document_is_corrected_and_taken_in(kb: KnowledgeBase, inbox: Inbox) -> None:
    data = making.as_docx(NOTICE)
    item = inbox.add(data, name="通知.docx")
    inbox.correct(item.id, {"date": "2025年3月21日", "tags": "碳市场、配额"}, None)
    id = inbox.take_in(item.id)
    policy = kb.get(id)
    assert (policy.date, policy.tags, policy.added) == (date(2025, 3, 21), ("碳市场", "配额"), TODAY)
    assert policy.original
    assert (kb.corpus.root / policy.original).read_bytes() == data
    assert not inbox.stored().total
    assert not list((kb.corpus.root / ".inbox").iterdir())
    assert kb.search("清缴").total == 1


def test_a_correction_that_cannot_be_is_refused(inbox: Inbox) -> None:
    item = inbox.add(making.as_docx(NOTICE), name="通知.docx")
    for changes in ({"date": "2025-02-30"}, {"title": ""}, {"nothing": "x"}, {"issuer_count": "viele"}):
        with pytest.raises(DocumentError):
            inbox.correct(item.id, changes)
    assert inbox.item(item.id) == item


def test_a_document_without_a_title_must_get_one(kb: KnowledgeBase, inbox: Inbox) -> None:
    item = inbox.add("落霞与孤鹜齐飞。\n\n秋水共长天一色。".encode(), name="滕王阁.txt")
    assert item.doubts
    with pytest.raises(CorpusError, match="no title"):
        inbox.take_in(item.id)
    inbox.correct(item.id, {"title": "关于秋水的通知"}, "落霞与孤鹜齐飞。\r\n\r\n秋水。\r\n")
    policy = kb.get(inbox.take_in(item.id))
    assert policy.body == "落霞与孤鹜齐飞。\n\n秋水。"


def test_a_document_that_is_held_is_said_and_its_text_put_there(kb: KnowledgeBase, inbox: Inbox) -> None:
    summary = (
        "---\ntitle: 关于做好碳排放权交易配额清缴工作的通知\ndate: 2025-03-20\nissuers: [生态环境部]\n---\n\n摘要。\n"
    )
    (kb.corpus.root / "摘要.md").write_text(summary, encoding="utf-8")
    item = inbox.add(making.as_docx(NOTICE), name="通知.docx")
    known = inbox.compared(item)
    assert known.same
    assert (known.same.id, known.lacks_text) == ("摘要", True)
    with pytest.raises(CorpusError, match="摘要"):
        inbox.take_in(item.id)
    assert inbox.take_in(item.id, to="摘要") == "摘要"
    policy = kb.get("摘要")
    assert policy.body.startswith("摘要。")
    assert "现将有关事项通知如下" in policy.body
    assert policy.number == "环办气候〔2025〕3号"
    assert policy.original


def test_a_document_that_was_rejected_is_not_taken_again(kb: KnowledgeBase, inbox: Inbox) -> None:
    data = making.as_docx(NOTICE)
    inbox.turn_away(inbox.add(data, name="通知.docx").id)
    with pytest.raises(CorpusError, match="rejected before"):
        inbox.add(data, name="又是.docx")
    inbox.undo()
    assert len(inbox.stored().documents) == 1


def test_what_is_decided_together_is_taken_back_together(kb: KnowledgeBase, inbox: Inbox) -> None:
    first = inbox.add(making.as_docx(NOTICE), name="一.docx")
    second = inbox.add("关于丁的通知\n\n国办发〔2024〕9号\n\n正文。\n\n2024年3月5日\n".encode(), name="二.txt")
    third = inbox.add("关于戊的通知\n\n国办发〔2024〕10号\n\n正文二。\n\n2024年3月6日\n".encode(), name="三.txt")
    inbox.propose([tag()])
    before = files(kb)
    with inbox.together():
        inbox.take_in(first.id)
        inbox.turn_away(second.id)
        inbox.turn_away(third.id)
        inbox.decide([Verdict(tag(), True)])
    assert len(kb.corpus.paths()) == 4
    assert not inbox.stored().total
    inbox.undo()
    assert files(kb) == before
    inbox.turn_away(second.id)  # no part of what was decided before
    inbox.undo()
    assert files(kb) == before


def test_the_last_decision_is_taken_back_though_the_record_of_one_before_cannot_be_removed(
    kb: KnowledgeBase, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a folder stays while somebody has a file in it open."""
    first = inbox.add(making.as_docx(NOTICE), name="一.docx")
    inbox.propose([tag()])
    inbox.turn_away(first.id)
    before = files(kb)
    monkeypatch.setattr(shutil, "rmtree", lambda *_arguments, **_named: None)
    inbox.decide([Verdict(tag(), True)])
    assert files(kb) != before
    assert "绿色金融" in inbox.last()
    inbox.undo()
    assert files(kb) == before


def test_what_the_cache_has_lost_is_not_brought_back_as_nothing(kb: KnowledgeBase, inbox: Inbox) -> None:
    inbox.decide([Verdict(tag(), True)])
    after = files(kb)
    for path in undo._folder(kb.corpus).iterdir():
        if path.name != "decision.json":
            path.unlink()
    with pytest.raises(CorpusError, match="no decision to take back"):
        inbox.undo()
    assert files(kb) == after


def test_files_saved_by_an_editor_of_windows_are_read(kb: KnowledgeBase, inbox: Inbox) -> None:
    """With a byte order mark, and its line ends."""
    item = inbox.add(making.as_docx(NOTICE), name="一.docx")
    away = inbox.add("关于丁的通知\n\n国办发〔2024〕9号\n\n正文。\n\n2024年3月5日\n".encode(), name="二.txt")
    data = inbox.original(away)
    inbox.turn_away(away.id)
    for path in (kb.corpus.root / ".inbox").rglob("*.*"):
        if path.suffix in (".md", ".toml", ".txt") and path.is_file():
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    waiting = inbox.stored()
    assert not waiting.problems
    assert [one.id for one in waiting.documents] == [item.id]
    assert kb.get(inbox.take_in(item.id)).title == NOTICE[0][1]
    assert data
    with pytest.raises(CorpusError, match="rejected before"):
        inbox.add(data, name="二.txt")


def test_what_cannot_be_read_leaves_nothing(kb: KnowledgeBase, inbox: Inbox) -> None:
    before = files(kb)
    for data in (b"", b"\x89PNG\r\n", b"%PDF-1.4 broken"):
        with pytest.raises(SourceError):
            inbox.add(data, name="x.pdf")
    assert files(kb) == before


# ---- proposals about entries


def test_a_proposal_is_accepted_into_the_file_and_taken_back(kb: KnowledgeBase) -> None:
    inbox = of(kb, "某助手")
    before = files(kb)
    item = inbox.propose([tag(), Proposal("field", "甲", "number", "甲发〔2024〕1号", "碳足迹核算")])
    assert item
    waiting = files(kb)
    first, second = inbox.stored().proposals
    assert (first.by, first.item) == ("某助手", item.id)
    decided = inbox.decide([Verdict(first, True), Verdict(second, True)])
    assert len(decided.done) == 2
    written = (kb.corpus.root / "甲.md").read_text(encoding="utf-8")
    assert written.replace("tags: [绿色金融]\n", "").replace("number: 甲发〔2024〕1号\n", "") == ENTRY
    assert not inbox.stored().total
    assert "绿色金融" in inbox.last()
    inbox.undo()
    assert files(kb) == waiting
    with pytest.raises(CorpusError):
        inbox.undo()
    inbox.turn_away(item.id)
    assert files(kb) == before


def test_what_is_rejected_is_remembered_and_not_proposed_again(kb: KnowledgeBase, inbox: Inbox) -> None:
    inbox.propose([tag(), Proposal("relation", "甲", "依据", "关于乙的办法", "碳足迹核算")])
    inbox.propose([Proposal("field", "甲", "number", "甲发〔2024〕1号", "碳足迹核算")])
    proposals = inbox.stored().proposals
    assert {one.kind for one in proposals} == {"tag", "relation", "field"}
    inbox.decide([Verdict(one, False) for one in proposals])
    policy = kb.get("甲")
    assert policy.extra["rejected_tags"] == ["绿色金融"]
    assert policy.rejected_relations[0]["target"] == "关于乙的办法"
    assert inbox.propose([tag(), *proposals]) is None
    assert not inbox.stored().total
    assert not {one.key for one in inbox.queue(kb.engine).proposals} & {one.key for one in proposals}


def test_a_file_that_changed_is_shown_again(kb: KnowledgeBase, inbox: Inbox) -> None:
    state = inbox.states({"甲"})["甲"]
    inbox.propose([tag()])
    (proposal,) = inbox.stored().proposals
    path = kb.corpus.root / "甲.md"
    path.write_text(ENTRY + "又一段。\n", encoding="utf-8")
    before = files(kb)
    ((again, why),) = inbox.decide([Verdict(proposal, True, state=state)]).again
    assert again.proposal == proposal
    assert "changed since it was read" in why
    assert files(kb) == before
    assert len(inbox.decide([Verdict(proposal, True, state=inbox.states({"甲"})["甲"])]).done) == 1


def test_many_at_once_and_one_that_fails_stops_no_other(kb: KnowledgeBase, inbox: Inbox) -> None:
    proposals = [tag(), tag("碳足迹", "甲"), tag("绿色金融", "000", "绿色建材"), tag("绿色金融", "nothing")]
    decided = inbox.decide([Verdict(one, True) for one in proposals])
    assert len(decided.done) == 3
    assert [one.proposal.entry for one, _why in decided.again] == ["nothing"]
    assert kb.get("甲").tags == ("绿色金融", "碳足迹")
    assert kb.get("000").tags == ("绿色金融",)


@pytest.mark.parametrize(
    ("proposal", "said"),
    [
        (tag("没有这个标签"), "没有这个标签"),
        (tag(quote="正文里没有这一句"), "does not stand in the entry"),
        (tag(quote=""), "does not stand in the entry"),
        (tag(entry="没有"), "没有"),
        (Proposal("field", "甲", "date", "2024-13-01", "碳足迹核算"), "date"),
        (
            Proposal("field", "甲", "nothing", "x", "碳足迹核算"),
            "^nothing: there is no such field; there are title, date, ",
        ),
        (Proposal("relation", "甲", "likes", "乙", "碳足迹核算"), "likes"),
        (Proposal("relation", "甲", "amends", "乙办法\x1b]0;x\x07", "碳足迹核算"), "nobody sees"),
        (Proposal("field", "甲", "source", "x\u202ey", "碳足迹核算"), "nobody sees"),
        (Proposal("field", "甲", "tags", "没有这个标签", "碳足迹核算"), "没有这个标签"),
        (Proposal("field", "甲", "original", "originals/乙.pdf", "碳足迹核算"), "no such field"),
        (Proposal("field", "甲", "added", "2024-01-01", "碳足迹核算"), "no such field"),
        (Proposal("finding", "甲", "date", "x", "碳足迹核算"), "finding"),
    ],
)
def test_a_proposal_needs_an_entry_a_quote_and_sense(
    kb: KnowledgeBase, inbox: Inbox, proposal: Proposal, said: str
) -> None:
    before = files(kb)
    with pytest.raises((CorpusError, DocumentError, Exception), match=said):
        inbox.propose([proposal])
    assert files(kb) == before


def test_what_is_proposed_is_one_line(inbox: Inbox) -> None:
    """Else it could look like other proposals where it is shown."""
    item = inbox.propose([Proposal("relation", "甲", "amends", "乙办法\n\n  0123456789ab  #绿色金融", "碳足迹核算")])
    assert item is not None
    assert [one.value for one in item.proposals] == ["乙办法 0123456789ab #绿色金融"]
    assert "\n" not in in_words(Proposal("relation", "甲", "amends", "乙\n丙"))


def test_an_inbox_takes_no_more_than_is_looked_at(
    kb: KnowledgeBase, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "MOST_ITEMS", 1)
    first = inbox.propose([tag()])
    before = files(kb)
    with pytest.raises(CorpusError, match="decide about some first"):
        inbox.propose([tag("碳足迹")])
    with pytest.raises(CorpusError, match="decide about some first"):
        inbox.add(making.as_docx(NOTICE), name="通知.docx")
    assert files(kb) == before
    assert inbox.propose([tag()]) == first


# ---- what policykb proposes itself


def test_the_queue_holds_what_is_lacking_and_doubtful(kb: KnowledgeBase, inbox: Inbox) -> None:
    undated = "---\ntitle: 关于丙的通知\nissuers: [环保部]\nkeywords: x\n---\n\n正文。\n\n生态环境部\n\n2024年6月4日\n"
    (kb.corpus.root / "丙.md").write_text(undated, encoding="utf-8")
    about = {(one.kind, one.entry, one.name): one for one in inbox.queue(kb.engine).proposals}
    assert about["field", "丙", "date"].value == "2024-06-04"
    assert about["field", "丙", "date"].words == ("2024年6月4日",)
    assert about["field", "丙", "issuers"].value == "生态环境部"
    assert about["field", "甲", "effective"].value == "2024-03-01"
    assert about["finding", "丙", "keywords"].line == 4
    assert any(kind == "tag" and entry == "甲" for kind, entry, _name in about)
    verdicts = [Verdict(one, True) for one in about.values() if one.kind == "field" and one.value]
    assert not inbox.decide(verdicts).again
    assert (kb.get("丙").date, kb.get("丙").issuers) == (date(2024, 6, 4), ("生态环境部",))
    assert kb.get("甲").effective == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("title", "text"), [("RIFF 是什么", "正文。"), ("第1页", ""), ("题", "格式见 %PDF-1.7。"), ("题", "\x01" * 300)]
)
def test_an_entry_that_is_like_no_document_stops_no_queue(
    kb: KnowledgeBase, inbox: Inbox, title: str, text: str
) -> None:
    (kb.corpus.root / "丙.md").write_text(f"---\ntitle: {title}\n---\n\n{text}\n", encoding="utf-8")
    lacking = {
        one.name: one.value for one in inbox.queue(kb.engine).proposals if (one.kind, one.entry) == ("field", "丙")
    }
    assert lacking == {"date": "", "issuers": ""}


def test_an_entry_that_is_to_have_no_tag(kb: KnowledgeBase, inbox: Inbox) -> None:
    none = next(one for one in inbox.queue(kb.engine).proposals if one.kind == "tag" and not one.value)
    assert inbox.decide([Verdict(none, True)]).again
    assert len(inbox.decide([Verdict(none, False)]).done) == 1
    assert none.key not in {one.key for one in inbox.queue(kb.engine).proposals}
    assert "rejected_tags" not in kb.get(none.entry).extra


def test_a_finding_that_is_none_is_not_shown_again(kb: KnowledgeBase, inbox: Inbox) -> None:
    (finding,) = [one for one in inbox.queue(kb.engine).proposals if one.kind == "finding"]
    assert finding.name == "领域"
    assert inbox.decide([Verdict(finding, True)]).again
    inbox.decide([Verdict(finding, False)])
    assert all(one.kind != "finding" for one in inbox.queue(kb.engine).proposals)
    assert (kb.corpus.root / "甲.md").read_text(encoding="utf-8") == ENTRY


def test_a_draft_s_final_is_proposed_and_rejected_for_good(tmp_path: Path, shipped: Path) -> None:
    root = tmp_path / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with KnowledgeBase.open(root) as kb:
        inbox = of(kb)
        found = [one for one in inbox.queue(kb.engine).proposals if one.name == "finalises"]
        assert found
        inbox.decide([Verdict(one, False) for one in found])
        kb.refresh()
        assert all(one.name != "finalises" for one in inbox.queue(kb.engine).proposals)


# ---- what strangers put there


def test_what_a_stranger_puts_there_runs_and_stops_nothing(kb: KnowledgeBase, inbox: Inbox, tmp_path: Path) -> None:
    good = inbox.add(making.as_docx(NOTICE), name="通知.docx")
    place = kb.corpus.root / ".inbox"
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    ids = [f"2025-01-01-{number:012x}" for number in range(9)]
    for id in ids[:8]:
        (place / id).mkdir()
    (place / ids[0] / "proposals.toml").write_text("added = [[[", encoding="utf-8")
    (place / ids[1] / "proposals.toml").write_text('added = 2025-01-01\nsuffix = "/../../x"\n', encoding="utf-8")
    (place / ids[2] / "proposals.toml").write_text('added = 2025-01-01\n[[proposal]]\nkind = "rm"\n', encoding="utf-8")
    (place / ids[3] / "proposals.toml").write_bytes(b"added = 2025-01-01\nby = '\xff'\n")
    (place / ids[4] / "proposals.toml").symlink_to(secret)
    (place / ids[5] / "proposals.toml").write_text("added = 2025-01-01\n", encoding="utf-8")
    (place / ids[5] / "draft.md").symlink_to(secret)
    with open(place / ids[6] / "proposals.toml", "wb") as file:
        file.truncate(3_000_000_000)
    os.mkfifo(place / ids[7] / "proposals.toml")
    (place / ids[8]).symlink_to(tmp_path)
    (place / "..hidden").mkdir()
    (place / "notes.md").write_text("---\ntitle: x\n---\n", encoding="utf-8")
    before = {path: path.lstat().st_mtime_ns for path in place.rglob("*")}
    waiting = inbox.stored()
    assert [item.id for item in waiting.documents] == [good.id]
    assert len(waiting.problems) == 8
    assert "secret" not in repr(waiting)
    assert {path: path.lstat().st_mtime_ns for path in place.rglob("*")} == before
    assert all(path.stem != "notes" for path in kb.corpus.paths())
    with pytest.raises(CorpusError):
        inbox.turn_away(ids[8])
    with pytest.raises(CorpusError):
        inbox.item("../甲")
    assert inbox.take_in(good.id)
    assert secret.read_text(encoding="utf-8") == "secret"


def test_an_original_that_is_a_link_is_not_taken_in(kb: KnowledgeBase, inbox: Inbox, tmp_path: Path) -> None:
    item = inbox.add(making.as_docx(NOTICE), name="通知.docx")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    original = kb.corpus.root / ".inbox" / item.id / "original.docx"
    original.unlink()
    original.symlink_to(secret)
    with pytest.raises(Exception, match="symbolic link"):
        inbox.take_in(item.id)
    assert not (kb.corpus.root / "originals").exists()


def test_an_inbox_that_is_a_link_is_not_followed(kb: KnowledgeBase, inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (kb.corpus.root / ".inbox").symlink_to(tmp_path / "elsewhere")
    assert not inbox.stored().total
    with pytest.raises(CorpusError):
        inbox.add(making.as_docx(NOTICE), name="通知.docx")
    assert not list((tmp_path / "elsewhere").iterdir())
