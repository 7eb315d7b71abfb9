"""The program in Chinese: every text has its translation, no screen speaks English, and the language is chosen as promised."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run, run_process
from policykb.cli.group import COMMANDS
from policykb.kb import KnowledgeBase
from waiting import LIMIT

ROOT = Path(__file__).parents[1]
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


def test_machine_formats_and_exit_codes_do_not_change_with_the_language(run: Command, kb: KnowledgeBase) -> None:
    for arguments in (("search", "碳足迹", "--format", "json"), ("list", "--format", "csv"), ("show", "没有")):
        english_run = run("--lang", "en", *arguments, kb=kb.root)
        chinese_run = run("--lang", "zh_CN", *arguments, kb=kb.root)
        assert english_run.code == chinese_run.code
        assert english_run.out == chinese_run.out
