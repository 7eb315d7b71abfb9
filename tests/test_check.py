"""What ``check`` finds in a corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from policykb.corpus.check import check
from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
from policykb.domain.issuers import Authority
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError

SHIPPED = Path(__file__).parents[1] / "corpus"
AUTHORITY, VOCABULARY = Authority.load(None), Vocabulary.load(None)
NAME = "2024-06-04-甲.md"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path)


def put(corpus: Corpus, name: str, *lines: str, body: str = "正文。") -> Path:
    """An entry with the required keys, and ``lines`` after them (from line 5 on) or in their place."""
    keys = {line.split(":")[0] for line in lines}
    required = {"title": f"title: {Path(name).stem}", "date": "date: 2024-06-04", "issuers": "issuers: [生态环境部]"}
    head = [line for key, line in required.items() if key not in keys]
    path = corpus.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["---", *head, *lines, "---", "", body, ""]), "utf-8")
    return path


def found(corpus: Corpus, paths: list[Path] | None = None) -> list[Finding]:
    return check(corpus, AUTHORITY, VOCABULARY, paths)


def test_the_shipped_entries_pass() -> None:
    shipped = Corpus(SHIPPED)
    assert len(shipped.paths()) == 40
    assert found(shipped) == []


def test_a_sound_entry_passes(corpus: Corpus) -> None:
    put(corpus, NAME, "tags: [碳市场, 水泥]", "issuer_count: 2", "effective: 2024-07-01", "date_end: 2024-06-04")
    put(corpus, "2023/没有日期的名字.md", "date: 2023-01-01", "发布日期: 2023-02-01")
    assert found(corpus) == []
    assert found(Corpus(corpus.root / "2023")) == []


@pytest.mark.parametrize(
    ("lines", "line", "key", "problem"),
    [
        (["date: 2024-06-05"], 4, "date", "is 2024-06-05, and the file name says 2024-06-04"),
        (["kind: 会议", "date_end: 2024-06-03"], 6, "date_end", "2024-06-03 is before date, 2024-06-04"),
        (["published: 1924-06-04"], 5, "published", "the year 1924 is hardly right"),
        (["effective: 2204-06-04"], 5, "effective", "the year 2204 is hardly right"),
        (["issuers: [生态环境部, 财政部]", "issuer_count: 1"], 5, "issuer_count", "is 1, and 2 issuers are listed"),
        (["issuers:", "  - 生态环境部", "  - 发改委"], 6, "issuers", "发改委 is to be written 国家发展和改革委员会"),
        (["issuers:", "  - 生态环境部办公厅"], 5, "issuers", "生态环境部办公厅 is to be written 生态环境部"),
        (["issuers: 生态环境部、环保部"], 4, "issuers", "环保部 is to be written 生态环境部"),
        (["issuers: [生态环境部, 生态环境部]"], 4, "issuers", "生态环境部 is listed 2 times"),
        (
            ["issuers: [成都市生态环境局]"], 4, "issuers",
            "unknown department: 成都市生态环境局*(a local government or an association may stay)",
        ),
        (["tags:", "  - 碳市场", "  - 碳市厂"], 7, "tags", "unknown tag: 碳市厂; did you mean 碳市场*"),
        (["tags: [没有这个]"], 5, "tags", "unknown tag: 没有这个*"),
        (["tags: 碳市场、水泥、碳市场"], 5, "tags", "碳市场 is listed 2 times"),
        (["documents: [乙, 乙]"], 5, "documents", "乙 is listed 2 times"),
        (["kind: 通知", "isuers: x"], 6, "isuers", "is not a key that policykb knows; did you mean issuers?"),
        (["页码: 3"], 5, "页码", "is not a key that policykb knows"),
        (["Title: 3"], 5, "Title", "is not a key that policykb knows; did you mean title?"),
    ],
)  # fmt: skip
def test_a_doubtful_value_is_a_warning(corpus: Corpus, lines: list[str], line: int, key: str, problem: str) -> None:
    path = put(corpus, NAME, *lines)
    [finding] = found(corpus)
    start, star, end = problem.partition("*")
    assert finding.problem.startswith(start)
    assert finding.problem.endswith(end)
    assert star or finding.problem == problem
    assert (finding.path, finding.line, finding.key, finding.level) == (path, line, key, "warning")
    assert str(finding) == f"{path}:{line}: {key}: {finding.problem}"
    assert found(corpus, [path]) == [finding]


def test_an_empty_body(corpus: Corpus) -> None:
    path = put(corpus, NAME, body="  \n\t\n")
    assert found(corpus) == [Finding(path, 6, "body", "is empty")]


@pytest.mark.parametrize(("lines", "line"), [(["date:"], 4), (["date: null"], 4), (["title: 甲"], 1)])
def test_a_date_that_is_missing(corpus: Corpus, lines: list[str], line: int) -> None:
    path = put(corpus, "甲.md", *lines)
    path.write_text(path.read_text("utf-8").replace("date: 2024-06-04\n", ""), "utf-8")
    problem = "is missing: the entry is found, but in no period; fill it in"
    assert found(corpus) == [Finding(path, line, "date", problem)]


def test_who_issued_it_is_asked_for_but_of_a_meeting(corpus: Corpus) -> None:
    path = put(corpus, NAME, "issuers: []")
    problem = "is missing: name who issued it, or write kind: 会议 for a meeting"
    assert found(corpus) == [Finding(path, 4, "issuers", problem)]
    put(corpus, NAME, "issuers: []", "kind: 会议")
    assert found(corpus) == []


def test_documents_of_one_title_and_two_days_are_no_twins(corpus: Corpus) -> None:
    for year in (2018, 2024):
        put(corpus, f"{year}-03-01-甲条例.md", "title: 甲条例", f"date: {year}-03-01")
    assert found(corpus) == []
    for year in (2014, 2018):  # a law, by the day on which it was adopted
        put(corpus, f"甲法{year}.md", "title: 甲法", "history:", f"  - {{date: {year}-04-24, act: 修正}}")
    assert found(corpus) == []
    twin = put(corpus, "甲条例.md", "title: 甲条例", "date: 2018-03-01")
    assert [one.path for one in found(corpus)] == [corpus.root / "2018-03-01-甲条例.md", twin]


def test_every_problem_of_a_broken_file_and_its_doubts(corpus: Corpus) -> None:
    path = put(corpus, NAME, "title: 3", "date: 2024-06", "issuers: [发改委]", "tags: [x]", "页码: 3", body="")
    assert [(one.line, one.key, one.level) for one in found(corpus)] == [
        (2, "title", "error"), (3, "date", "error"), (4, "issuers", "warning"), (5, "tags", "warning"),
        (6, "页码", "warning"), (8, "body", "warning"),
    ]  # fmt: skip
    path.write_bytes(b"\xff")
    [finding] = found(corpus)
    assert (finding.path, finding.line, finding.level) == (path, 1, "error")


def test_ids_and_titles_that_stand_twice(corpus: Corpus) -> None:
    first = put(corpus, "a/2024-06-04-甲.md", "title: 关于 甲")
    second = put(corpus, "b/2024-06-04-甲.md", "title: 乙")
    third = put(corpus, "c/2024-06-04-丙.md", "title: 关于甲")
    expected = [
        Finding(first, None, None, "has the same id as b/2024-06-04-甲.md"),
        Finding(first, 4, "title", "is also that of c/2024-06-04-丙.md"),
        Finding(second, None, None, "has the same id as a/2024-06-04-甲.md"),
        Finding(third, 4, "title", "is also that of a/2024-06-04-甲.md"),
    ]
    assert found(corpus) == expected
    assert found(corpus, [second]) == expected[2:3]
    assert found(corpus, [corpus.root / "a"]) == expected[:2]


def test_a_title_is_looked_for_in_the_other_entries(corpus: Corpus) -> None:
    path = put(corpus, "甲.md", "title: 关于甲的通知")
    put(corpus, "乙.md", "title: 乙", body="关于甲的通知说……")
    put(corpus, "丙.md", "title: '关于甲的通知'")
    (corpus.root / "丁.md").write_bytes("关于甲的通知".encode())
    assert found(corpus, [path]) == [Finding(path, 4, "title", "is also that of 丙.md")]


def test_links_and_names_that_are_no_entries(corpus: Corpus) -> None:
    path = put(corpus, NAME)
    (corpus.root / "link.md").symlink_to(path)
    with open(bytes(corpus.root) + b"/\xff.md", "wb") as file:
        file.write(path.read_bytes())
    link, name = sorted(found(corpus), key=lambda one: one.level, reverse=True)
    assert link == Finding(corpus.root / "link.md", None, None, "is a symbolic link, and not followed")
    assert (name.level, name.problem) == ("error", "the file name is not UTF-8: rename the file")
    str(name).encode()


def test_only_the_given_paths_are_looked_at(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = put(corpus, "2024/坏.md", "tags: [x]")
    good = put(corpus, "2024/好.md")
    put(corpus, "2023/坏的.md", "tags: [x]")
    assert [one.path for one in found(corpus, [bad, good])] == [bad]
    assert [one.path for one in found(corpus, [corpus.root / "2024", bad])] == [bad]
    assert found(corpus, []) == []
    monkeypatch.chdir(corpus.root)
    assert [one.path for one in found(corpus, [Path("2024/坏.md")])] == [bad]
    (corpus.root / "kb.toml").write_text("")
    for path in ("none.md", "kb.toml"):
        with pytest.raises(CorpusError, match=path):
            found(corpus, [Path(path)])


def test_an_entry_is_chosen_by_its_id_or_a_part_of_it(corpus: Corpus) -> None:
    bad = put(corpus, "2024/2024-06-04-坏.md", "tags: [x]")
    put(corpus, "2024/2024-06-04-好.md")
    for part in ("2024-06-04-坏", "坏", "06-04-坏"):
        assert [one.path for one in found(corpus, [Path(part)])] == [bad]
    with pytest.raises(CorpusError, match="2024-06 is in 2 entries"):
        found(corpus, [Path("2024-06")])


def test_a_draft_outside_the_corpus_can_be_checked(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> None:
    put(corpus, "甲.md", "title: 同名")
    draft = put(Corpus(tmp_path_factory.mktemp("outside")), "草稿.md", "title: 同名")
    assert found(corpus, [draft]) == [Finding(draft, 4, "title", "is also that of 甲.md")]


def test_an_empty_corpus_passes(corpus: Corpus) -> None:
    assert found(corpus) == []


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("2024-06-04-甲 (冲突副本-张三-2024-06-05 10-11-12).md", NAME),
        ("2024-06-04-甲（张三的冲突副本 2024-06-05）.md", NAME),
        ("2024-06-04-甲 (Zhang's conflicted copy 2024-06-05).md", NAME),
        ("2024-06-04-甲.sync-conflict-20240605-101112-ABCDEFG.md", NAME),
        ("2024-06-04-甲_冲突文件_张三_20240605.md", NAME),
        ("2024-06-04-甲 (1).md", NAME),
        ("2024-06-04-甲(2).md", NAME),
        ("2024-06-04-甲 - 副本.md", NAME),
        ("2024-06-04-甲 - Copy (2).md", NAME),
        ("2024-06-04-甲.orig.md", NAME),
        ("另一个 冲突副本.md", None),
    ],
)
def test_copies_that_programs_leave_are_told_from_entries(corpus: Corpus, name: str, of: str | None) -> None:
    put(corpus, NAME, "title: 甲")
    path = put(corpus, name, "title: 甲")
    [finding] = found(corpus)
    other = Path(of or "另一个").stem
    assert (finding.path, finding.level) == (path, "warning")
    assert finding.problem.startswith(f"is a copy that a synchronisation or a file manager left of {other}: ")
    assert found(corpus, [path]) == [finding]
    assert found(corpus, [corpus.root / NAME]) == []


@pytest.mark.parametrize(
    "name", ["关于甲的解释（1）.md", "关于甲的解释(2).md", "关于冲突处理的办法.md", "甲 - 副本管理办法.md"]
)
def test_titles_that_only_look_like_copies(corpus: Corpus, name: str) -> None:
    put(corpus, name)
    assert found(corpus) == []


def test_what_merges_leave_beside_entries(corpus: Corpus) -> None:
    put(corpus, NAME)
    for name in (f"{NAME}.orig", f"{NAME}~", f".{NAME}.orig", "originals/a.md.orig", "market/b.md.bak"):
        (corpus.root / name).parent.mkdir(exist_ok=True)
        (corpus.root / name).write_text("x", encoding="utf-8")
    assert [(one.path.name, one.problem) for one in found(corpus)] == [
        (name, "is left over from a merge or an editor, and no entry: remove it") for name in (f"{NAME}.orig", f"{NAME}~")
    ]  # fmt: skip


def test_conflict_markers_of_git(corpus: Corpus) -> None:
    front = put(corpus, NAME, "<<<<<<< HEAD", "kind: 通知", "=======", "kind: 意见", ">>>>>>> branch")
    body = put(corpus, "乙.md", body="一\n<<<<<<< HEAD\n二\n=======\n三\n>>>>>>> 0123abc\n四")
    put(corpus, "丙.md", body="标题\n=======\n<<<<<<<\n正文")
    problem = "has git's conflict markers: choose between <<<<<<< and >>>>>>>, and take them out"
    assert found(corpus) == [Finding(front, 5, None, problem, "error"), Finding(body, 8, None, problem, "error")]


def test_words_that_only_look_like_what_scanning_confuses_are_not_doubted(corpus: Corpus) -> None:
    right = "保守自己经纪业务的秘密，未与树木规定间距，评选十佳房企，及时支付货款，若千瓦以上，周年末来函，可再申请。"
    put(corpus, NAME, body=right)
    assert found(corpus) == []
    wrong = [
        "佳房公积金",
        "住房货款",
        "党中史",
        "本通知白发布之日起",
        "自发布之日超施行",
        "给子补贴",
        "12月31日期问",
        "再次中请",
    ]
    put(corpus, NAME, body="\n\n".join(wrong))
    assert len([finding for finding in found(corpus) if "scanned wrong?" in finding.problem]) == len(wrong)


def test_words_that_scanning_confuses_are_doubted_with_the_correction(corpus: Corpus) -> None:
    put(corpus, NAME)
    path = corpus.root / NAME
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n为了碳排放核查，采取若千措施。\n\n重点单位放核查。\n", encoding="utf-8")
    last = path.read_text(encoding="utf-8").count("\n")
    said = [(finding.line, finding.key, finding.problem) for finding in found(corpus)]
    assert said == [
        (last - 2, None, "若千: scanned wrong? it may be 若干"),
        (last, None, "放核查: scanned wrong? it may be 排放核查"),
    ]
    (corpus.root / "confusions.toml").write_text('[confusion]\n"采取" = "采用"\n', encoding="utf-8")
    assert len(found(corpus)) == 3
