"""What the documents say is so: commands run, paths exist, the map of the code names every room."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
import yaml

import making
from benchmarks import costs
from conftest import run_process
from policykb.cli.group import policykb
from policykb.doctor import data_readers
from policykb.domain.daterange import DateRange
from policykb.domain.policy import FIELDS
from policykb.kb import KnowledgeBase
from policykb.web import address

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/policykb"
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "tests/benchmarks/RESULTS.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    {*ROOT.glob("*.md"), *ROOT.glob(".github/*.md"), *PACKAGE.rglob("README.md"), *ROOT.glob("tests/*/*.md")}
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


def prose(text: str) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)


# ---- README.md


def transcripts() -> list[tuple[str, str]]:
    """Each command that the README shows with its output."""
    found = []
    for block in blocks(README, "console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def test_the_readme_has_transcripts() -> None:
    assert transcripts()


@pytest.mark.parametrize(("command", "output"), transcripts())
def test_commands_print_what_the_readme_says(command: str, output: str) -> None:
    words = shlex.split(command)
    assert words[0] == "policykb"
    done = run_process(*words[1:], cwd=ROOT, env={"PYTHONUTF8": "1"})
    assert done.code == 0, done.err
    assert done.out == output


SHELL = blocks(README, "sh")
SET_UP = [block for block in SHELL if block.startswith("python3 -m venv")]
SESSIONS = [block for block in SHELL if block not in SET_UP]

NOTICE = [
    ("center", "关于做好碳排放权交易配额清缴工作的通知"),
    ("center", "环办气候〔2025〕3号"),
    ("left", "各省、自治区、直辖市生态环境厅："),
    ("indent", "为做好碳排放权交易市场的配额清缴工作，现将有关事项通知如下。"),
    ("right", "生态环境部"),
    ("right", "2025年3月20日"),
]
REVIEW = [
    ("center", "2025年一季度政策综述"),
    ("left", "2025年1月10日，生态环境部发布《关于碳足迹核算的指导意见》"),
    ("indent", "要点分析：意见提出建立产品碳足迹核算规则。"),
    ("left", "2025年2月12日，国家发展改革委印发《水泥行业节能降碳行动方案》"),
    ("indent", "要点分析：方案部署水泥行业的节能改造。"),
]


def test_both_set_up_commands_stand_on_one_line() -> None:
    """`.ci/run` takes the second one from the README."""
    lines = re.findall(r"^python3 -m venv .*$", README, re.M)
    assert [block.strip() for block in SET_UP] == lines
    assert [re.search("pytest", line) is not None for line in lines] == [False, True]
    extras = PROJECT["project"]["optional-dependencies"]
    for named in re.findall(r"pip install[^`\n]*?\[([\w,]+)\]", README + CONTRIBUTING + RESULTS):
        assert {*named.split(",")} <= {*extras}


@pytest.mark.parametrize("session", SESSIONS, ids=[session.split("\n")[0][:40] for session in SESSIONS])
def test_the_commands_of_the_readme_run(session: str, tmp_path: Path, shipped: Path, kb: KnowledgeBase) -> None:
    folder = tmp_path
    (tmp_path / "my-policies").mkdir()
    (tmp_path / "my-policies" / "review.pdf").write_bytes(making.as_pdf(REVIEW))
    (tmp_path / "my-policies" / "notice.docx").write_bytes(making.as_docx(NOTICE))
    own = "policykb init" in session
    for line in session.splitlines():
        words = shlex.split(line, comments=True)
        if words[0] == "cd":
            folder /= words[1]
            continue
        assert words[0] == "policykb"
        done = run_process(*words[1:], cwd=folder, env={"POLICYKB_HOME": None if own else str(shipped)})
        expected = (0, 3) if words[1:3] == ["market", "check"] or words[1] == "check" else (0,)
        assert done.code in expected, f"{line}\n{done.out}{done.err}"
        if "-o" in words:
            assert (folder / words[words.index("-o") + 1]).stat().st_size
    if own:
        base = KnowledgeBase.open(folder)
        assert sorted(policy.title for policy in base.policies()) == [
            "关于做好碳排放权交易配额清缴工作的通知", "关于碳足迹核算的指导意见", "水泥行业节能降碳行动方案",
        ]  # fmt: skip
        assert "碳市场" in base.get("配额").tags


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kb: KnowledgeBase
) -> None:
    code = blocks(README, "python")
    assert code
    monkeypatch.chdir(kb.root)
    for block in code:
        exec(compile(block, "README.md", "exec"), {})
    assert "碳足迹" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "found"), [("林权", "集体林权制度"), ("CO2", "CO₂"), ("碳足跡", "碳足迹"), ("电解铝", "铝冶炼")]
)
def test_a_search_finds_what_the_readme_says(make_kb: Callable[..., KnowledgeBase], asked: str, found: str) -> None:
    assert re.search(rf"{asked} finds\s{found}", README)
    assert make_kb(f"关于{found}的规定。", "水泥").search(asked).total == 1


def test_periods_queries_and_the_entry_of_the_readme(kb: KnowledgeBase, tmp_path: Path) -> None:
    listed = re.search(r"`--during` take (.*?) and more", README, re.S)
    assert listed
    for period in re.split(r",\s+", listed[1]):
        assert DateRange.parse(period, today=kb.get("2024-12-11").date)
    query = re.search(r"`(issuer:.*?)`", README)
    assert query
    kb.search(query[1])
    for name in re.findall(r"[\u4e00-\u9fff]+(?=:)", README):
        assert any(name in one.query for one in FIELDS), name
    departments = re.search(r"any name of a department \((.*?)\)", README)
    assert departments
    for name in departments[1].split(", "):
        assert kb.authority.resolve(name) != name
    question = re.search(r"question without spaces \((.*?)\)", README)
    assert question
    assert "配额结转" in kb.search(question[1], limit=1).hits[0].policy.body
    (entry,) = blocks(README, "markdown")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/entry.md").write_text(entry, encoding="utf-8")
    (policy,) = KnowledgeBase.open(tmp_path).policies()
    assert policy.issuer_count == 15


def test_the_numbers_of_the_readme_are_measured_ones() -> None:
    section = README.partition("## How good, how fast")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("- ")]
    assert len(lines) == 5
    for line in lines:
        for number in re.findall(r"\d[\d.,]*\d(?: m?s)?", line):
            assert number in RESULTS, number


def test_the_benchmark_writes_between_its_marks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RESULTS", "CHART"):
        monkeypatch.setattr(costs, name, tmp_path / getattr(costs, name).name)
    costs.RESULTS.write_text(RESULTS, encoding="utf-8")
    cold = dict.fromkeys(("policykb", "no refresh", "search floor", "help", "help floor"), [0.125])
    measured = {"cold": cold, "top": {"policykb": [[0.0015, 0.002]]}, "building": {"policykb": [1.5]}}
    versions = {"cores": "2", "Python": "3.11", "policykb": "0.2.0"}
    costs.write({"sizes": {"40": measured, "1000": measured}, "versions": versions, "rounds": 1, "runs": 1})
    written = costs.RESULTS.read_text(encoding="utf-8")
    outside = re.compile("<!-- speed -->.*<!-- /speed -->", re.S)
    assert outside.sub("", written) == outside.sub("", RESULTS)
    assert "| 125 ms (once) ×1.00 |" in written
    assert "](cost.svg)" in written
    assert costs.CHART.read_text(encoding="utf-8").startswith("<svg")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


# ---- Commands, options, paths that documents name


def commands() -> dict[str, click.Command]:
    context = click.Context(policykb)
    found: dict[str, click.Command] = {}
    for name in policykb.list_commands(context):
        command = policykb.get_command(context, name)
        assert command
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": one for inner, one in command.commands.items()}
    return found


def named(pattern: str, documents: list[Path]) -> list[tuple[str, str]]:
    """Every code span that matches, with the document that it stands in."""
    found = []
    for document in documents:
        for span in re.findall(r"`([^`\n]+)`", prose(document.read_text(encoding="utf-8"))):
            if re.fullmatch(pattern, span):
                found.append((document.relative_to(ROOT).as_posix(), span))
    assert found
    return found


def test_commands_and_options_that_documents_name_exist() -> None:
    known = commands()
    options = {name for one in (policykb, *known.values()) for param in one.params for name in param.opts} | {"--help"}
    lines = [
        (document.relative_to(ROOT).as_posix(), line)
        for document in DOCUMENTS
        for block in re.findall(
            r"^```(?:sh|bat|console|)\n(.*?)^```$", document.read_text(encoding="utf-8"), re.S | re.M
        )
        for line in re.findall(r"(?:^|&& )(?:\$ )?(policykb .*?)(?:;| && |$)", block, re.M)
    ]
    for document, said in named(r"(policykb|--)[- ]?\w.*", DOCUMENTS) + lines:
        span = re.split(r"[;|]| && | >", said)[0]
        words = span.split()
        if words[0] == "policykb" and len(words) > 1 and not words[1].startswith("-"):
            assert words[1] in known, f"{document}: {span}"
        if words[0] == "policykb" or document in ("README.md", "CHANGELOG.md"):
            for option in re.findall(r"(?<!\S)--[a-z][-\w]*", span):
                assert option in options, f"{document}: {span}"


def test_paths_that_documents_name_exist() -> None:
    for document, span in named(r"[\w.\-/]+(/|\.(py|md|toml|txt|svg|css|yaml))", DOCUMENTS):
        home = (ROOT / document).parent
        own = {"corpus/", "corpus/originals/", "corpus/.inbox/", "corpus/.collected/", "index/", "locale/"} | {
            "labels.toml",
            "deadlines.toml",
            "kb.toml",
            "searches.toml",
            "sources.toml",
        }
        places = (ROOT, home, PACKAGE, PACKAGE / "data", ROOT / "corpus", ROOT / "tests", ROOT / "tests/benchmarks")
        assert span in own or any((place / span).exists() for place in places), f"{document}: {span}"


def test_names_that_documents_name_exist() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    pairs = re.findall(r"^ *class (\w+)|^([A-Z]\w+)\b.*=", code, re.M)
    known = {name for pair in pairs for name in pair} | {*MODULES, "ID", "SIGBREAK"}
    for document, span in named(r"[A-Z]\w*[a-z]\w*|[A-Z]{2,}", DOCUMENTS):
        assert span in known, f"{document}: {span}"


def test_links_lead_to_files() -> None:
    for document in (*DOCUMENTS, ROOT / "tests/benchmarks/RESULTS.md"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
            assert "://" in target or (document.parent / target).exists(), f"{document}: {target}"


# ---- The map of the code


def imports() -> dict[str, set[str]]:
    """Room -> what its modules import when they run: other rooms, and packages."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        room = found.setdefault(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), set())
        waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            waiting += ast.iter_child_nodes(node)
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            room |= {name.removeprefix("policykb.").partition(".")[0] for name in names}
    return found


def test_the_map_names_every_room_and_only_rooms() -> None:
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path / "__init__.py").exists() or (path.suffix == ".py" and not path.name.startswith("__"))
    }
    table = MAP.partition("| Room |")[2].partition("\n\n")[0]
    ordered = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    assert {room for row in ordered for room in row} == rooms
    (layers,) = (one["layers"] for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    assert [{*row} for row in ordered] == [{*re.findall(r"\w+", layer)} for layer in layers]
    (picture,) = blocks(MAP, "mermaid")
    arrows: dict[str, set[str]] = {}
    for start, ends in re.findall(r"^ *(\w+) --> (.*)$", re.sub(r"\[.*?\]", "", picture), re.M):
        arrows.setdefault(start, set()).update(re.findall(r"\w+", ends))

    def below(room: str) -> set[str]:
        return arrows.get(room, set()).union(*map(below, arrows.get(room, ())))

    known = imports()
    for room in rooms:
        assert arrows.get(room, set()) <= known[room], room
        assert known[room] & rooms - {room} <= below(room), room


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_and_functions_that_documents_name_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:\w+/)+\w+\.py)`", text):
        assert any((place / path).is_file() for place in (PACKAGE, ROOT, document.parent)), path
    for path, names in re.findall(r"`((?:\w+/)*\w+\.py)`(?::|,? in|'s) ((?:`\w+`(?:, | and )?)+)", text):
        (module,) = {one for place in (PACKAGE, document.parent) if (one := place / path).is_file()}
        code = module.read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"^ *(def|class) {name}\b|^{name}\b", code, re.M), f"{path}: {name}"


def test_every_data_file_is_described(tmp_path: Path) -> None:
    table = (PACKAGE / "data/README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \|.*\| (.*) \|$", table, re.M))
    unread = {name for name, own in rows.items() if own == "not read there"}
    assert {*rows} - unread == {*data_readers(tmp_path)}
    packaged = {path.name for path in (PACKAGE / "data").iterdir() if path.suffix in (".toml", ".txt")}
    assert packaged == {*rows} - {"kb.toml", "searches.toml", "sources.toml", "market", "templates", "examples"}
    assert unread - {"examples"} <= packaged


def test_every_page_and_parameter_is_described() -> None:
    text = (PACKAGE / "web/README.md").read_text(encoding="utf-8")
    tables = text.partition("| Parameter |")[2].partition("| Page |")
    parameters, pages = (
        {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(.*?)`", row)}
        for table in (tables[0], tables[2].partition("\n\n")[0])
    )
    assert parameters == {*address.FILTERS, *address._SINGLE}
    routes = re.findall(r'Route\("(.*?)"', (PACKAGE / "web/app.py").read_text(encoding="utf-8"))
    assert {re.split(r"[/.]", page)[1] for page in pages if page[0] == "/"} == {
        re.split(r"[/.]", page)[1] for page in routes
    }


# ---- CONTRIBUTING.md


MODULES = {
    "opensearch-py": "opensearchpy",
    "whoosh3": "whoosh",
    "PyYAML": "yaml",
    "python-docx": "docx",
    "resvg-py": "resvg_py",
    "python-calamine": "python_calamine",
}


def table_of_dependencies() -> dict[str, list[str]]:
    """The cells of each row, by package."""
    rows = [row.split("|")[1:-1] for row in CONTRIBUTING.splitlines() if row.startswith("| `")]
    return {row[0].strip("` "): [cell.strip() for cell in row[1:]] for row in rows if len(row) == 5}


def test_every_dependency_is_explained() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    declared = [
        *PROJECT["build-system"]["requires"],
        *project["dependencies"],
        *(one for extra in extras for one in extra),
    ]
    names = {re.split(r"[\[<>=~! ]", one)[0] for one in declared} - {"policykb"}
    assert {*table_of_dependencies()} == names


def test_the_lowest_versions_are_those_that_are_allowed() -> None:
    """What `tests/lowest.txt` holds back is what the suite is tried with."""
    project = PROJECT["project"]
    stated = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    bounds = dict(re.findall(r"^([\w-]+)[>=]=([\d.]+?)(?:\.\*)?$", "\n".join(stated), re.M))
    lines = (ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    lowest = dict(line.split("==") for line in lines if not line.startswith("#"))
    # which check and measure, and run nothing
    tools = {"mypy", "ruff", "import-linter", "tantivy", "bm25s", "datasette", "playwright", "axe-playwright-python"}
    assert lowest.keys() == bounds.keys() - tools
    for name, version in lowest.items():
        assert f"{version}.0.0".startswith(f"{bounds[name]}."), name


def test_the_source_distribution_has_what_documents_and_tests_need() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for path in (*DOCUMENTS, ROOT / "corpus/kb.toml", ROOT / ".ci/texts", ROOT / ".pre-commit-config.yaml"):
        assert any(fnmatch(path.relative_to(ROOT).parts[0], one) for one in included), path


def test_dependencies_are_imported_where_the_table_says() -> None:
    known = imports()
    for package, cells in table_of_dependencies().items():
        module = MODULES.get(package, package)
        assert {*re.findall(r"\w+", cells[3])} == {room for room, names in known.items() if module in names}, package


def test_hooks_use_the_tools_that_are_there() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [one["repo"] for one in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert shutil.which(hook["entry"].split()[0], path=Path(sys.executable).parent), hook
