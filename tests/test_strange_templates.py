"""Templates, labels and digests from somebody else: they run no code, read nothing of the user's, and end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run
from policykb.kb import KnowledgeBase
from policykb.render import sandbox

WRITING = (("digest", "水泥", "--format", "md"), ("digest", "水泥", "--format", "html"))


@pytest.fixture
def base(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    base = make_kb("水泥")
    (base.root / "corpus" / "templates").mkdir()
    return base


@pytest.mark.parametrize(
    "template",
    [
        '{{ "{x.__class__}" | fill(x=labels) }}',
        '{{ "{x.load.__globals__[toml].Path}" | fill(x=labels) }}',
        '{{ "{x.__init__.__globals__}".format(x=labels) }}',
        '{{ ["{0.__class__}"] | map("format", labels) | list }}{{ "".__class__ }}',
        '{{ labels | attr("__class__") }}',
        '{{ ("{0.__class__}" | attr("format"))(labels) }}',
        '{% set f = "{x.__class__.__mro__}".format %}{{ f(x=labels) }}',
        '{{ "{x.__class__}".format_map({"x": labels}) }}',
        "{{ labels.load.__func__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(200) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        '{% include "digest.md.j2" %}{% include "digest.html.j2" %}',
        '{{ ("x" * 10000000000) | length }}',
        "{{ [0] * 10000000000 }}",
        "{{ 10 ** 10000000000 }}",
        "{{ 99 ** 99 ** 99 ** 99 ** 99 ** 99 }}",
        '{% include "/etc/passwd" %}',
        '{% include "../../../../../../../../etc/passwd" %}',
        '{% include "linked" %}',
    ],
)
def test_a_template_ends_with_an_error(
    base: KnowledgeBase, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, template: str
) -> None:
    monkeypatch.setattr(sandbox, "STEPS", 20_000)
    (tmp_path / "secret").write_text("geheim", encoding="utf-8")
    if "linked" in template:
        (base.root / "corpus" / "templates" / "linked").symlink_to(tmp_path / "secret")
    for command in WRITING:
        (base.root / "corpus" / "templates" / f"digest.{command[3]}.j2").write_text(template, encoding="utf-8")
    for command in WRITING:
        done = run(*command, kb=base.root)
        assert (done.code, done.out) == (1, "")
        assert "template" in done.err
        assert "defect" not in done.err


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_template_that_is_a_link_out_of_the_knowledge_base_is_not_read(
    base: KnowledgeBase, run: Callable[..., Run], tmp_path: Path, what: str
) -> None:
    (tmp_path / "digest.md.j2").write_text("geheim", encoding="utf-8")
    folder = base.root / "corpus" / "templates"
    if what == "file":
        (folder / "digest.md.j2").symlink_to(tmp_path / "digest.md.j2")
    else:
        folder.rmdir()
        folder.symlink_to(tmp_path)
    done = run(*WRITING[0], kb=base.root)
    assert (done.code, done.out) == (1, "")
    assert "leads out of the knowledge base" in done.err
    assert run(*WRITING[1], kb=base.root).code == 0


def test_a_link_inside_the_knowledge_base_and_a_corpus_that_is_one_are_read(
    base: KnowledgeBase, run: Callable[..., Run], tmp_path: Path
) -> None:
    folder = base.root / "corpus" / "templates"
    (folder / "own.j2").write_text("{% for a in range(9) %}{{ loop.revindex }}{% endfor %}", encoding="utf-8")
    (folder / "digest.md.j2").symlink_to("own.j2")
    assert run(*WRITING[0], kb=base.root).out == "987654321\n"
    (base.root / "corpus").rename(tmp_path / "elsewhere")
    (base.root / "corpus").symlink_to(tmp_path / "elsewhere")
    assert run(*WRITING[0], kb=base.root).out == "987654321\n"


@pytest.mark.parametrize(
    "year", ["{year:>2000000000}", "{year:{year}}", "{year:{year.__class__}}", "{year!r:>2000000}", "{year.real}"]
)
def test_a_label_that_could_fill_the_memory_is_wrong(base: KnowledgeBase, run: Callable[..., Run], year: str) -> None:
    (base.root / "corpus" / "labels.toml").write_text(f'[period]\nyear = "{year}年"\n', encoding="utf-8")
    done = run(*WRITING[0], kb=base.root)
    assert done.code == 1
    assert "labels.toml: period.year: " in done.err
    assert "labels.toml" in run("doctor", kb=base.root).out
    (base.root / "corpus" / "labels.toml").write_text('[period]\nyear = "{year:>6}年"\n', encoding="utf-8")
    assert run(*WRITING[0], kb=base.root).code == 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["fifo", "zero", "sparse"])
def test_an_earlier_digest_is_a_file(base: KnowledgeBase, run: Callable[..., Run], tmp_path: Path, kind: str) -> None:
    path = tmp_path / "earlier.md"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        os.truncate(path, 1 << 40)
    done = run("digest", "水泥", "--since", str(path), kb=base.root)
    assert done.code == 1
    assert f"{path}: " in done.err


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["000.md", "900.md", ".policykb-journal", "tags.toml", "market/2024.toml", "kb.toml"])
def test_a_file_that_claims_to_be_huge_fills_no_memory(base: KnowledgeBase, run: Callable[..., Run], name: str) -> None:
    base.refresh()
    path = base.root / "corpus" / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.truncate(path, 1 << 40)
    for command in (
        ("search", "水泥"),
        ("digest", "水泥"),
        ("report", "2024"),
        ("market",),
        ("doctor", "--fix"),
        ("check",),
        ("tag", "+水泥", "--", "000"),
    ):
        done = run(*command, kb=base.root)
        assert "defect" not in done.err
        assert "Traceback" not in done.err
