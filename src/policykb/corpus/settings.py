"""What makes a folder a knowledge base: ``corpus/kb.toml``, which also names it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from policykb.corpus.locate import marker
from policykb.errors import CorpusError, DataError, NoKnowledgeBaseError
from policykb.files.journal import Write, write_all

_TEMPLATE = """\
# This file makes the folder above it a policykb knowledge base; the Markdown files beside it are the entries.

name = {name}

# What it covers, in a sentence:
# description = ""

# The language of messages, by default that of the environment:
# lang = "en"

# Beside this file, each added to what policykb brings along:
#   issuers.toml   departments, with their abbreviations and former names
#   tags.toml      tags, with the words that speak for them
#   terms.txt      words of the field, for the search
#   synonyms.txt   words that mean the same, for the search
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``kb.toml`` says; ``lang`` is the language of messages, by default that of the environment."""

    name: str
    description: str | None = None
    lang: str | None = None


def load_settings(corpus: Path) -> Settings:
    """Read ``kb.toml`` of the folder ``corpus``; raises DataError with file and line.

    Raises NoKnowledgeBaseError where there is no such file.
    """
    import tomllib

    path = corpus / "kb.toml"
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise NoKnowledgeBaseError(f"{path}: no such file; 'policykb init' makes a knowledge base") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8: save it in that encoding") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise DataError(f"{path}:{line[1] if line else text.count(chr(10)) + 1}: not TOML: {error}") from None
    except RecursionError:
        raise DataError(f"{path}: not TOML: nested too deeply") from None
    for key, value in table.items():
        if key not in ("name", "description", "lang"):
            problem = "no such key; it takes name, description and lang"
        elif not isinstance(value, str) or not value.strip():
            problem = f"must be text that is not empty, not {value!r:.40}"
        else:
            continue
        raise DataError(f"{path}:{_line_of_key(text, key)}: {key}: {problem}")
    if "name" not in table:
        raise DataError(f'{path}:1: name: is missing: write a line like name = "..."')
    return Settings(**table)


def init(folder: Path, name: str, entries: Path | None = None) -> Path:
    """Make a knowledge base in ``folder``, with a copy of the corpus ``entries`` if given; return the folder.

    Files that are there already stay; CorpusError where one of them differs from what would be written, or
    where the folder is a knowledge base. ``kb.toml`` is written last: interrupted, it can be run again.
    """
    folder = Path(os.path.abspath(folder))
    if os.path.lexists(marker(folder)):
        raise CorpusError(f"{folder}: is a knowledge base already")
    if not name.strip() or not name.isprintable():
        raise CorpusError(f"the name of a knowledge base must be text on one line, not {name!r:.80}")
    content: dict[Path, bytes] = {}
    if entries is not None:
        content = {folder / "corpus" / path.relative_to(entries): _bytes(path) for path in _files(entries)}
    if not os.path.lexists(folder / ".gitignore"):
        content[folder / ".gitignore"] = b"/index/\n"
    content[marker(folder)] = _TEMPLATE.format(name=json.dumps(name.strip(), ensure_ascii=False)).encode()
    missing = [Write(path, data, None) for path, data in content.items() if not _holds(path, data)]
    try:
        (folder / "corpus").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CorpusError(f"{folder}: cannot be made: {reason}") from None
    write_all(missing, lock=folder / "corpus")
    return folder


def _line_of_key(text: str, key: str) -> int:
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(key)}\b", text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _files(corpus: Path) -> list[Path]:
    """All regular files of a corpus, data files too, but not hidden ones, links, or ``kb.toml``."""
    found = []
    for place, folders, names in os.walk(corpus):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    own = corpus / "kb.toml"
    return sorted(path for path in found if path != own and path.is_file() and not path.is_symlink())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from None


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and _bytes(path) == data
