"""What makes a folder a knowledge base: ``corpus/kb.toml``, which also names it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from policykb.corpus.locate import marker
from policykb.errors import CorpusError, DataError, NoKnowledgeBaseError
from policykb.files import toml
from policykb.files.journal import Write, write_all
from policykb.files.packaged import DATA
from policykb.files.reading import read_regular, read_text, reason
from policykb.i18n import _

_TEMPLATE = """\
# This file makes the folder above it a policykb knowledge base; the Markdown files beside it are the entries.

name = {name}

# What it covers, in a sentence:
# description = ""

# The language of messages, by default that of the environment:
# lang = "en"

# A cluster as its engine, for more entries than one machine takes (pip install 'policykb[opensearch]'):
# engine = "opensearch"
# [opensearch]
# url = "https://search.example.cn:9200"
# index = "policies"
#
# Beside this file, each added to what policykb brings along, with examples to begin from:
#   issuers.toml   departments, with their abbreviations and former names
#   tags.toml      tags, with the words that speak for them
#   terms.txt      words of the field, for the search
#   synonyms.txt   words that mean the same, for the search
#
# Figures of the market are in market/: 'policykb import REPORT' reads them out of a report, each with its sentence,
# for you to review; 'policykb market import FILE' takes the daily series of an exchange (CSV, Excel). 'policykb market'
# shows them.
"""
ENGINES = ("whoosh", "opensearch")
_KEYS = ("name", "description", "lang", "engine", "opensearch")
_MOST_SHARDS = 1000
_INDEX_NAME = re.compile(r"[a-z][a-z0-9-]{0,99}")
_EXAMPLES = ("issuers.toml", "tags.toml", "terms.txt", "synonyms.txt")


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """The table ``[opensearch]``: addresses of the cluster, the name of our index there, how it is parted and kept."""

    url: tuple[str, ...]
    index: str
    shards: int = 1
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``kb.toml`` says; ``lang`` is the language of messages, by default that of the environment.

    ``engine`` is what finds entries: whoosh, on this machine, or opensearch, in a cluster.
    """

    name: str
    description: str | None = None
    lang: str | None = None
    engine: str = "whoosh"
    opensearch: ClusterSettings | None = None


def load_settings(corpus: Path) -> Settings:
    """Read ``kb.toml`` of the folder ``corpus``; raises DataError with file and line.

    Raises NoKnowledgeBaseError where there is no such file.
    """
    path = corpus / "kb.toml"
    if not os.path.lexists(path):
        raise NoKnowledgeBaseError(_("{path}: no such file; 'policykb init' makes a knowledge base").format(path=path))
    text = read_text(path)
    table = toml.parse(text, path)
    for key, value in table.items():
        if key not in _KEYS:
            problem = _("no such key; it takes {known}").format(known=", ".join(_KEYS))
        elif key == "opensearch":
            problem = _wrong_cluster(value)
        elif not isinstance(value, str) or not value.strip():
            problem = _("must be text that is not empty, not {value}").format(value=f"{value!r:.40}")
        elif key == "engine" and value not in ENGINES:
            problem = _("must be one of {known}, not {value}").format(known=", ".join(ENGINES), value=value)
        else:
            continue
        if problem:
            raise DataError(f"{path}:{toml.line_of(text, key)}: {key}: {problem}")
    if table.get("engine") == "opensearch" and "opensearch" not in table:
        problem = _('needs a table [opensearch] with url = "https://..." and index = "..."')
        raise DataError(f"{path}:{toml.line_of(text, 'engine')}: engine: {problem}")
    if "opensearch" in table:
        said = table["opensearch"]
        url = (said["url"],) if isinstance(said["url"], str) else tuple(said["url"])
        table["opensearch"] = ClusterSettings(**(said | {"url": url}))
    if "name" not in table:
        raise DataError(_('{path}:1: name: is missing: write a line like name = "..."').format(path=path))
    return Settings(**table)


def _wrong_cluster(table: object) -> str:
    """What is wrong with the table ``[opensearch]``, nothing if it is right; the engine looks at the address itself."""
    if not isinstance(table, dict):
        return _("must be a table: [opensearch]")
    for key, value in table.items():
        if key == "url" and isinstance(value, list):
            if not value or not all(isinstance(one, str) and one for one in value):
                return _("url: must be an address, or a list of those of several nodes")
        elif key in ("url", "index"):
            if not isinstance(value, str) or not value:
                return _("{key}: must be text that is not empty, not {value}").format(key=key, value=f"{value!r:.40}")
        elif key in ("shards", "replicas"):
            least = 1 if key == "shards" else 0
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST_SHARDS:
                text = _("{key}: must be a number from {least} to {most}, not {value}")
                return text.format(key=key, least=least, most=_MOST_SHARDS, value=f"{value!r:.40}")
        else:
            return _("{key}: no such key; it takes {known}").format(key=key, known="url, index, shards, replicas")
    for key in ("url", "index"):
        if key not in table:
            return _("{key} is missing").format(key=key)
    if not _INDEX_NAME.fullmatch(table["index"]):
        return _("index: must be lower-case letters, digits and hyphens, beginning with a letter")
    return ""


def init(folder: Path, name: str, entries: Path | None = None) -> Path:
    """Make a knowledge base in ``folder``, with a copy of the corpus ``entries`` if given; return the folder.

    Files that are there already stay; CorpusError where one of them differs from what would be written, or
    where the folder is a knowledge base. ``kb.toml`` is written last: interrupted, it can be run again.
    """
    folder = Path(os.path.abspath(folder))
    if os.path.lexists(marker(folder)):
        raise CorpusError(_("{folder}: is a knowledge base already").format(folder=folder))
    if not name.strip() or not name.isprintable():
        problem = _("the name of a knowledge base must be text on one line, not {name}")
        raise CorpusError(problem.format(name=f"{name!r:.80}"))
    content: dict[Path, bytes] = {}
    if entries is not None:
        content = {folder / "corpus" / path.relative_to(entries): _bytes(path) for path in _files(entries)}
    if not os.path.islink(folder / "index") and not os.path.lexists(folder / "index" / ".gitignore"):
        content[folder / "index" / ".gitignore"] = b"*\n!.gitignore\n"
    for example in (folder / "corpus" / file for file in _EXAMPLES):
        if not os.path.lexists(example):
            content.setdefault(example, read_regular(DATA / "examples" / example.name))
    content[marker(folder)] = _TEMPLATE.format(name=toml.quoted(name.strip())).encode()
    missing = [Write(path, data, None) for path, data in content.items() if not _holds(path, data)]
    try:
        (folder / "corpus").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise CorpusError(_("{folder}: cannot be made: {reason}").format(folder=folder, reason=reason(error))) from None
    write_all(missing, lock=folder / "corpus")
    return folder


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
        return read_regular(path)
    except OSError as error:
        raise CorpusError(_("{path}: cannot be read: {reason}").format(path=path, reason=reason(error))) from None


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and _bytes(path) == data
