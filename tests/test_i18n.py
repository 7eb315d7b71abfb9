"""The language of messages: how it is chosen, and that it belongs to a context."""

from __future__ import annotations

import ast
import contextvars
import gettext
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from policykb import i18n
from policykb.engines.workers import RESULT, import_path
from policykb.i18n import _, chosen_language, language, ngettext
from policykb.render.wheres import said_where
from policykb.text.lexicon_file import compile_lexicon


def catalogue(messages: dict[str, str]) -> bytes:
    """A .mo file: the header, the tables of lengths and offsets, the texts (GNU gettext manual, 10.3)."""
    messages = {"": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"} | messages
    keys = sorted(messages, key=str.encode)
    start = 28 + 16 * len(keys)
    tables: list[bytes] = []
    texts = b""
    for column in (keys, [messages[key] for key in keys]):
        table = b""
        for text in map(str.encode, column):
            table += struct.pack("<II", len(text), start + len(texts))
            texts += text + b"\0"
        tables.append(table)
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return head + b"".join(tables) + texts


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of Chinese with two messages."""
    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    messages = {"interrupted": "已中断", "{n} entry\0{n} entries": "{n} 条"}
    (folder / "policykb.mo").write_bytes(catalogue(messages))
    monkeypatch.setattr(i18n, "_CATALOGUES", tmp_path)
    for one in (i18n._catalogues, i18n._forms, i18n._spoken_as):
        one.cache_clear()
    yield
    for one in (i18n._catalogues, i18n._forms, i18n._spoken_as):
        one.cache_clear()


@pytest.mark.parametrize(
    ("given", "environ", "setting", "chosen"),
    [
        ("zh-CN", {"POLICYKB_LANG": "en"}, "en", "zh_CN"),
        (None, {"POLICYKB_LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE"}, "en", "zh_CN"),
        (None, {"LC_ALL": "de_DE"}, "zh_CN", "zh_CN"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "zh_CN.GBK", "LANG": "en_US.UTF-8"}, None, "zh_CN"),
        (None, {"LC_ALL": "C", "LANG": "zh_CN"}, None, "C"),
        (None, {"LANG": "de_DE@euro"}, None, "de_DE"),
        (None, {}, None, "en"),
    ],
)
def test_the_language_is_chosen(given: str | None, environ: dict[str, str], setting: str | None, chosen: str) -> None:
    if chosen == "en" and sys.platform == "win32":
        pytest.skip("Windows has a language of its own")
    assert chosen_language(given, environ, lambda: setting) == chosen


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has a language beside the variables")
@pytest.mark.parametrize(("number", "chosen"), [(0x0804, "zh_CN"), (0x0409, "en"), (0x0407, "de_DE"), (1, "en")])
def test_the_language_of_windows(monkeypatch: pytest.MonkeyPatch, number: int, chosen: str) -> None:
    import ctypes

    monkeypatch.setattr(ctypes.windll.kernel32, "GetUserDefaultUILanguage", lambda: number)
    assert chosen_language(None, {"LANG": ""}, lambda: None) == chosen
    assert chosen_language(None, {"LANG": "fr_FR.UTF-8"}, lambda: None) == "fr_FR"


@pytest.mark.usefixtures("spoken")
def test_a_language_belongs_to_its_context() -> None:
    assert _("interrupted") == "interrupted"
    with language("zh_CN"):
        assert _("interrupted") == "已中断"
        assert ngettext("{n} entry", "{n} entries", 2).format(n=2) == "2 条"
        assert _("never translated") == "never translated"
        assert contextvars.Context().run(_, "interrupted") == "interrupted"
        with language("en"):
            assert _("interrupted") == "interrupted"
        assert _("interrupted") == "已中断"
    assert ngettext("{n} entry", "{n} entries", 1) == "{n} entry"
    assert _("interrupted") == "interrupted"


def test_every_text_of_the_catalogues_is_found_as_gettext_finds_it() -> None:
    expected: dict[str, str] = {}
    for name in ("click", "policykb"):  # what both hold, ours says
        with (Path(i18n.__file__).parent / f"locale/zh_CN/LC_MESSAGES/{name}.mo").open("rb") as file:
            held = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        expected |= {key: said for key, said in held.items() if isinstance(key, str) and key}
    with language("zh_CN"):
        assert {key: _(key) for key in expected} == expected
    assert len(expected) > 1000


@pytest.mark.usefixtures("spoken")
def test_a_language_without_a_catalogue_is_english() -> None:
    for name in ("C", "de_DE", "../../etc"):
        with language(name):
            assert i18n.spoken() == "en"
            assert _("interrupted") == "interrupted"


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize("name", ["zh_CN", "zh-CN", "zh", "zh-cn", "zh_Hans", "ZH_TW"])
def test_a_language_goes_by_any_of_its_names(name: str) -> None:
    with language(name):
        assert i18n.spoken() == "zh_CN"
        assert _("interrupted") == "已中断"


def test_a_process_that_builds_the_index_speaks_the_language_of_the_one_that_began_it(tmp_path: Path) -> None:
    broken = "no front matter: the first line must be ---"
    (tmp_path / "zh_CN" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "zh_CN" / "LC_MESSAGES" / "policykb.mo").write_bytes(catalogue({broken: "没有文件头"}))
    (tmp_path / "entry.md").write_text("text", encoding="utf-8")
    lexicon = tmp_path / "lexicon"
    compile_lexicon(lexicon, [])
    job = {"corpus": str(tmp_path), "lexicon": str(lexicon), "folder": str(tmp_path / "segment")}
    job |= {"paths": ["entry.md"], "language": "zh_CN"}
    begin = (
        "import json, pathlib, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from policykb import i18n; i18n._CATALOGUES = pathlib.Path(sys.argv[2])\n"
        "from policykb.engines.whoosh.build import work; work()"
    )
    worker = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", begin, json.dumps(import_path()), str(tmp_path)], stdin=subprocess.PIPE
    )
    assert worker.stdin
    worker.stdin.write(json.dumps(job).encode() + b"\n")
    worker.stdin.flush()
    with worker:
        assert worker.wait() == 0
    problems = json.loads((tmp_path / "segment" / RESULT).read_bytes())["problems"]
    assert problems["entry.md"].endswith(": 没有文件头")


def test_every_place_that_a_value_is_read_at_is_said_in_chinese() -> None:
    at = {"add": 2, "add_issuers": 1, "add_title": 1}  # the argument that says where
    folder = Path(i18n.__file__).parent / "importing" / "official"
    calls = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    said = [
        one.value
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in at
        for argument in call.args[at[call.func.attr] :][:1]
        for one in ([argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument])
        if isinstance(one, ast.Constant)
    ]
    assert len(said) > 15
    with language("zh_CN"):
        assert [place for place in said if said_where(place) == place] == []
