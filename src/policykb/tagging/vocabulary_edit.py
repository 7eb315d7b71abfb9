"""Changes of a knowledge base's own ``tags.toml``: a tag made, a tag renamed; everything else in the file stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from policykb.domain.names import name_key
from policykb.domain.vocabulary import Tag, Vocabulary
from policykb.errors import CorpusError
from policykb.files import toml
from policykb.files.journal import Write
from policykb.files.reading import read_if_there
from policykb.i18n import _

_BLOCK = re.compile(r"^[ \t]*\[\[[ \t]*tag[ \t]*\]\].*?(?=^[ \t]*\[\[[ \t]*tag[ \t]*\]\]|\Z)", re.MULTILINE | re.DOTALL)


def made(root: Path, names: Iterable[str]) -> Write:
    """The file of the corpus ``root`` with new tags, to be described by a person. Raises CorpusError for no name."""
    text, expected = _own(root)
    for name in names:
        text = _with(text, Tag(tag_name(name), "topic", tag_name(name)))
    return Write(root / "tags.toml", text.encode(), expected)


def tag_name(written: str) -> str:
    """A name for a tag, without the space around it. Raises CorpusError for what cannot be one."""
    name = written.strip()
    if not name or not name.isprintable():
        shown = f"{name!r:.80}"
        raise CorpusError(_("{tag} cannot be a tag: a tag is some text on one line").format(tag=shown))
    return name


def renamed(root: Path, vocabulary: Vocabulary, old: str, new: str) -> Write | None:
    """The file in which the tag ``old`` is called ``new`` and ``old`` is an alias.

    None where the vocabulary has no tag ``old``, or one of the name ``new`` already. Raises CorpusError where the
    file is written in a way that is not understood.
    """
    tag = vocabulary.get(old)
    if tag is None or new in vocabulary:
        return None
    text, expected = _own(root)
    path = root / "tags.toml"
    aliases = (old, *(alias for alias in tag.aliases if name_key(alias) != name_key(new)))
    for block in _BLOCK.finditer(text):
        if toml.parse(block[0], path)["tag"][0].get("name") == old:
            text = text[: block.start()] + _renamed(block[0], new, aliases) + text[block.end() :]
            if old in Vocabulary.load(None):  # which the one of this file stood in for
                text = _with(text, Tag(old, "", "", retired=True))
            break
    else:
        text = _with(text, Tag(old, "", "", retired=True))
        text = _with(text, Tag(new, tag.group, tag.description, tag.triggers, aliases=aliases, about=tag.about))
    found = [one for one in toml.parse(text, path)["tag"] if one.get("name") == new]
    if [tuple(one.get("aliases", ())) for one in found] != [aliases]:
        problem = _("{path}: the tag {tag} is written in a way that is not understood; rename it by hand")
        raise CorpusError(problem.format(path=path, tag=old))
    return Write(path, text.encode(), expected)


def _own(root: Path) -> tuple[str, bytes | None]:
    data = read_if_there(root / "tags.toml")
    return (data or b"").decode("utf-8-sig"), data


def _renamed(block: str, new: str, aliases: Iterable[str]) -> str:
    """A tag's part of the file with another name, and its aliases after it."""
    block = re.sub(r"^[ \t]*aliases[ \t]*=[ \t]*\[[^\]]*\][^\n]*\n?", "", block, count=1, flags=re.MULTILINE)
    name = r"^([ \t]*name[ \t]*=[ \t]*)(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')([^\n]*)"
    lines = f"{toml.quoted(new)}", f"aliases = {toml.quoted_list(aliases)}"
    return re.sub(name, lambda m: f"{m[1]}{lines[0]}{m[2]}\n{lines[1]}", block, count=1, flags=re.MULTILINE)


def _with(text: str, tag: Tag) -> str:
    """The text with one more tag."""
    lines = ["[[tag]]", f"name = {toml.quoted(tag.name)}"]
    if tag.retired:
        lines.append("retired = true")
    else:
        lines += [f"group = {toml.quoted(tag.group)}", f"description = {toml.quoted(tag.description)}"]
        lines += [f"{key} = {toml.quoted_list(words)}" for key in ("aliases", "about") if (words := getattr(tag, key))]
    if tag.triggers:
        lines.append("triggers = [")
        for trigger in tag.triggers:
            where = "" if trigger.where == "any" else f", where = {toml.quoted(trigger.where)}"
            lines.append(f"  {{ words = {toml.quoted_list(trigger.words)}, weight = {trigger.weight}{where} }},")
        lines.append("]")
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return before + "\n".join(lines) + "\n"
