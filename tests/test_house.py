"""The rules of the house that no linter knows: how long a module is, what an ``__init__`` does, that examples run."""

from __future__ import annotations

import ast
import doctest
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "policykb").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 250  # lines
FACADE = 150  # of the façade: what works is elsewhere


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_module_is_long() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert lengths["policykb.kb"] <= FACADE


def hands_on(statement: ast.stmt) -> bool:
    """Whether a statement of an ``__init__`` gives names or says where they are, and does nothing."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant(str())):
            return True
        case ast.If(ast.Name("TYPE_CHECKING"), body, []):
            return all(map(hands_on, body))
        case ast.Assign([ast.Name()], value) | ast.AnnAssign(ast.Name(), _, value):
            return not any(isinstance(part, ast.Call) for part in ast.walk(value)) if value else True
        case ast.FunctionDef("__getattr__"):
            return True
    return False


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=name_of)
def test_an_init_only_hands_names_on(path: Path) -> None:
    assert [ast.unparse(statement) for statement in tree(path).body if not hands_on(statement)] == []


def private(name: str) -> bool:
    return name.startswith("_") and name != "_" and not name.endswith("__")  # _ is what translates


def foreign_private(path: Path) -> Iterator[str]:
    """The private names of other modules that a module uses."""
    imported = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("policykb"):
            for alias in node.names:
                imported.add(alias.asname or alias.name)
                if private(alias.name):
                    yield alias.name
    for node in ast.walk(tree(path)):
        match node:
            case ast.Attribute(ast.Name(owner), name) if owner in imported and private(name):
                yield f"{owner}.{name}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_private_names_stay_in_their_module(path: Path) -> None:
    assert list(foreign_private(path)) == []


def test_tests_wait_for_states() -> None:
    """No test sleeps: `waiting.wait_until` waits for a state."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr == "sleep")
        or (isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names))
    ]
    assert found == []


def public(owner: object, module: str) -> Iterator[tuple[str, type | FunctionType]]:
    """The public classes and functions that stand in a module or class itself."""
    for name, one in vars(owner).items():
        one = getattr(one, "fget", None) or getattr(one, "func", None) or getattr(one, "__func__", one)
        if not name.startswith("_") and isinstance(one, type | FunctionType) and one.__module__ == module:
            yield name, one


def test_what_is_public_says_what_it_is() -> None:
    """By a docstring; a method that fulfils a protocol, or is another class's, by that of there; a command by its help."""
    modules = [import_module(name_of(path)) for path in SOURCES if path.stem != "__main__"]
    classes = [one for module in modules for _, one in public(module, module.__name__) if isinstance(one, type)]
    protocols = [one for one in classes if getattr(one, "_is_protocol", False)]
    promised = {name for one in protocols for name, method in public(one, one.__module__) if method.__doc__}
    silent = [
        f"{one.__module__}.{one.__name__}.{name}"
        for one in classes
        for name, method in public(one, one.__module__)
        if not method.__doc__ and name not in promised and not any(hasattr(base, name) for base in one.__mro__[1:])
    ]
    silent += [
        f"{module.__name__}.{name}"
        for module in modules
        for name, one in [("", module), *public(module, module.__name__)]
        if not one.__doc__ and not hasattr(one, "__path__")
    ]
    assert silent == []


EXAMPLES = [path for path in SOURCES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_examples_in_docstrings_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that holds ``policykb init 政策库 --with-2024``; none is skipped."""
    shutil.copytree(ROOT / "corpus", tmp_path / "政策库" / "corpus")
    monkeypatch.chdir(tmp_path)
    assert "+SKIP" not in path.read_text(encoding="utf-8")
    failed, tried = doctest.testmod(import_module(name_of(path)))
    assert tried
    assert not failed


def test_the_python_api_has_an_example() -> None:
    import policykb

    assert policykb.__doc__
    shown = "".join(example.source for example in doctest.DocTestParser().get_examples(policykb.__doc__))
    missing = [name for name in policykb.__all__ if name not in shown and not name.startswith("__")]
    assert missing == []
