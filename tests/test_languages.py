"""The program in Chinese: every text has its translation, no screen speaks English, and the language is chosen as promised."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import making
from conftest import Run, run_process
from policykb.cli.group import COMMANDS
from policykb.i18n import language
from policykb.kb import KnowledgeBase
from policykb.render.wheres import said_where
from waiting import LIMIT

ROOT = Path(__file__).parents[1]
NOTICE = [
    ("center", "关于做好碳排放权交易配额清缴工作的通知"), ("center", "环办气候〔2025〕3号"),
    ("left", "各省、自治区、直辖市生态环境厅："), ("indent", "为做好配额清缴工作，现将有关事项通知如下。"),
    ("right", "生态环境部"), ("right", "2025年3月20日"),
]  # fmt: skip
REVIEW = [
    ("center", "2025年一季度政策综述"),
    ("left", "2025年1月10日，生态环境部发布《关于碳足迹核算的指导意见》"),
    ("indent", "要点分析：意见提出建立产品碳足迹核算规则。"),
]
Command = Callable[..., Run]

# Names of programs, formats, keys and values that are the same in every language.
_NAMES = """
    policykb Markdown Word Excel PDF HTML DOCX CSV JSON YAML TOML UTF Windows Ctrl EDITOR bash zsh shell corpus originals
    json jsonl csv xlsx text paths html docx ics atom full brief table auto always never last month basis implements
    amends repeals replaces finalises interprets cites micro macro merge suggest rename list accept reject undo
    HFCs svg watch xlsx toml none date url
"""
NAMES = {*COMMANDS, *_NAMES.split()}
_LEFT_OUT = re.compile(
    r"'[^'\n]*'|\"[^\"\n]*\"|\[[^\]\n]*\]|--?[A-Za-z][\w-]*|\S*[/\\]\S*|\S*\.\w{1,5}\b|\b\w+:|\b[A-Z0-9][A-Z0-9_.|=…-]*\b"
    r"|[+$@]\w+|#\S+"
)


def english(screen: str) -> set[str]:
    """The English words of a screen that are no names."""
    return set(re.findall(r"[A-Za-z]{3,}", _LEFT_OUT.sub(" ", screen))) - NAMES


def test_every_text_has_its_translation_and_the_compiled_catalogue_is_that_of_the_text() -> None:
    script = ROOT / ".ci/texts"
    if not script.is_file():
        pytest.skip("the catalogue is only checked in a checkout")
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, encoding="utf-8", timeout=LIMIT,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_speaks_english(command: str) -> None:
    done = run_process("--lang", "zh_CN", command, "--help", env={"PYTHONUTF8": "1"})
    assert done.code == 0
    assert english(done.out) == set(), done.out
    assert "用法：" in done.out


SCREENS = [
    ("search", "碳足迹", "--facets"),
    ("search", "碳足迹", "--during", "1999"),
    ("search", "没有这个词"),
    ("search", "(碳"),
    ("search", "碳", "--issuer", "不存在部"),
    ("search", "碳", "--from", "某天"),
    ("search", "碳", "--limit", "多"),
    ("search", "碳", "--sort", "别的"),
    ("search", "碳", "--nope"),
    ("search", "碳", "--explain", "--limit", "3"),
    ("add", "http://127.0.0.1:1/"),
    ("serch", "碳"),
    ("list", "--limit", "3"),
    ("show", "没有"),
    ("show",),
    ("show", "甲", "乙"),
    ("similar", "双控制度体系工作方案"),
    ("relations", "双控制度体系工作方案"),
    ("relations", "2023、2024年度全国碳排放权交易发电行业配额总量和分配方案（征求意见稿）"),
    ("gaps",),
    ("due", "--within", "400d"),
    ("news", "--since", "2024-11-01"),
    ("issuers",),
    ("tags",),
    ("check",),
    ("doctor",),
    ("market", "2024Q1"),
    ("report", "1999"),
    ("digest", "碳足迹", "--format", "docx"),
    ("relate", "双控制度体系工作方案"),
    ("tag", "双控制度体系工作方案"),
    ("add", "没有这个文件.pdf"),
    ("index",),
]


@pytest.mark.parametrize("arguments", SCREENS, ids=" ".join)
def test_no_screen_speaks_english(run: Command, kb: KnowledgeBase, arguments: tuple[str, ...]) -> None:
    done = run("--lang", "zh_CN", "--today", "2024-12-15", *arguments, kb=kb.root)
    screen = (done.out + done.err).replace(str(kb.root), "")
    assert english(screen) == set(), screen


def test_what_was_read_of_a_document_is_said_without_english(run: Command, tmp_path: Path) -> None:
    run("init", str(tmp_path / "kb"))
    (tmp_path / "通知.pdf").write_bytes(making.as_pdf(NOTICE))
    done = run("--lang", "zh_CN", "add", str(tmp_path / "通知.pdf"), kb=tmp_path / "kb")
    assert "发文字号     环办气候〔2025〕3号  (版头文号，90%)" in done.out
    assert english(done.out.replace(str(tmp_path), "")) == set(), done.out


def test_what_is_listed_is_parted_by_chinese_marks() -> None:
    assert said_where("signature; meta author") == "signature; tag author of the page"
    with language("zh_CN"):
        assert said_where("signature; meta author") == "落款；网页标记 author"


def test_what_became_of_a_review_is_said_without_english(run: Command, tmp_path: Path) -> None:
    run("init", str(tmp_path / "kb"))
    (tmp_path / "综述.pdf").write_bytes(making.as_pdf(REVIEW))
    for said in ("新增", "未变"):
        done = run("--lang", "zh_CN", "import", str(tmp_path / "综述.pdf"), kb=tmp_path / "kb")
        assert done.out.startswith(said)
        assert english(done.out + done.err) == set(), done.out


def test_the_first_help_speaks_no_english() -> None:
    assert english(run_process("--lang", "zh_CN", "--help", env={"PYTHONUTF8": "1"}).out) == set()


def test_what_click_says_is_chinese_and_english_again_afterwards(run: Command, kb: KnowledgeBase) -> None:
    assert "错误：缺少参数 'ID'" in run("--lang", "zh_CN", "show", kb=kb.root).err
    assert "Missing argument 'ID'" in run("--lang", "en", "show", kb=kb.root).err


@pytest.mark.parametrize(
    ("options", "env", "setting", "chinese"),
    [
        ((), {}, "", False),
        ((), {"LANG": "zh_CN.UTF-8"}, "", True),
        ((), {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "", False),
        ((), {"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "zh_CN"}, "", True),
        ((), {"LC_ALL": "zh_CN"}, "en", False),
        ((), {"LC_ALL": "C"}, "zh_CN", True),
        ((), {"POLICYKB_LANG": "en"}, "zh_CN", False),
        (("--lang", "zh-CN"), {"POLICYKB_LANG": "en"}, "", True),
        (("--lang", "zh"), {}, "", True),
        (("--lang", "en"), {"POLICYKB_LANG": "zh_CN"}, "zh_CN", False),
    ],
)
def test_the_language_is_chosen_in_this_order(
    tmp_path: Path, options: tuple[str, ...], env: dict[str, str], setting: str, chinese: bool
) -> None:
    (tmp_path / "corpus").mkdir()
    lang = f'lang = "{setting}"\n' if setting else ""
    (tmp_path / "corpus/kb.toml").write_text(f'name = "试验"\n{lang}', encoding="utf-8")
    nothing = dict.fromkeys(("POLICYKB_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"))
    done = run_process(*options, "show", "没有", cwd=tmp_path, env=nothing | {"PYTHONUTF8": "1"} | env)
    assert ("没有条目" in done.err) is chinese


CHINESE_README = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", CHINESE_README, re.DOTALL | re.MULTILINE)
SPOKEN = {"PYTHONUTF8": "1", "POLICYKB_LANG": "zh_CN"}


def test_the_chinese_readme_shows_what_is_printed() -> None:
    shown = [block.removeprefix("$ ").partition("\n") for kind, block in BLOCKS if kind == "console"]
    assert shown
    for command, _, output in shown:
        done = run_process(*shlex.split(command)[1:], cwd=ROOT, env=SPOKEN)
        assert (done.code, done.out) == (0, output)


def test_the_first_day_of_the_chinese_readme(tmp_path: Path) -> None:
    """Its commands, one after the other, as somebody types them who follows it to the letter."""
    folder = tmp_path
    lines = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
    typed = [words for line in lines if (words := shlex.split(line, comments=True))[0] in ("policykb", "cd")]
    assert len(typed) > 10
    for words in typed:
        if words[0] == "cd":
            folder /= words[1]
            (folder / "通知.pdf").write_bytes(making.as_pdf(NOTICE))
            (folder / "季度报告.pdf").write_bytes(making.as_pdf(REVIEW))
        elif words[1] != "serve":  # it stays, until somebody ends it
            done = run_process("--today", "2024-12-15", *words[1:], cwd=folder, env=SPOKEN)
            assert done.code in ((0, 3) if words[1] == "check" else (0,)), f"{words}\n{done.out}{done.err}"
            if "-o" in words:
                assert (folder / words[words.index("-o") + 1]).stat().st_size


def test_the_chinese_readme_names_messages_as_they_are() -> None:
    texts = (ROOT / "src/policykb/locale/zh_CN/LC_MESSAGES/policykb.po").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (“[^|]*”)", CHINESE_README, re.MULTILINE)
    said = [text for row in rows for text in re.findall("“([^“”]+)”", row) if "外部命令" not in text]
    assert len(said) > 5
    for text in said:
        beginning = re.split(r"[… ]", text)[0]
        assert beginning in texts, text


def test_machine_formats_and_exit_codes_do_not_change_with_the_language(run: Command, kb: KnowledgeBase) -> None:
    for arguments in (("search", "碳足迹", "--format", "json"), ("list", "--format", "csv"), ("show", "没有")):
        english_run = run("--lang", "en", *arguments, kb=kb.root)
        chinese_run = run("--lang", "zh_CN", *arguments, kb=kb.root)
        assert english_run.code == chinese_run.code
        assert english_run.out == chinese_run.out
