"""`Item`: what came in and waits, one folder each below ``corpus/.inbox/``; its files read and written.

A folder is called by the day on which it came in and a digest of what it holds, so that nothing is in it twice, and
holds ``proposals.toml`` and, for a document, ``draft.md`` and the original as it came. Nothing in it is an entry. What
is there may come from a stranger: links are not followed, names come from here, sizes are bounded, and what cannot be
read is said and left as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
from policykb.errors import AbsentError, DataError
from policykb.files import toml
from policykb.files.journal import Write
from policykb.files.reading import read_regular, reason
from policykb.i18n import _
from policykb.inbox.proposal import KINDS, Proposal

FOLDER = ".inbox"
PROPOSALS, DRAFT, ORIGINAL = "proposals.toml", "draft.md", "original"
MOST_ITEMS = 5_000  # that are looked at
MOST_PROPOSALS = 1_000  # of one item
_LARGEST: Mapping[str, int] = {PROPOSALS: 2_000_000, DRAFT: 20_000_000, ORIGINAL: 50 << 20}  # bytes
_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}")
_SUFFIX = re.compile(r"(?:\.[a-z0-9]{1,8})?")
_HEAD = {"by", "added", "source", "name", "suffix", "doubts", "proposal"}
_KEYS = {"kind", "entry", "name", "value", "quote", "words", "where", "sureness", "number", "day", "partial"}


@dataclass(frozen=True, slots=True)
class Item:
    """A document that may become an entry, or proposals about entries.

    ``added`` is the day on which it came, ``by`` who brought it, ``source`` the address that it comes from, ``name``
    what its file was called there: text to be shown, never a path. ``draft`` is the text of the entry that a document
    would be, None for proposals alone, and ``suffix`` that of its original. ``doubts`` are what to look at, in words.
    """

    id: str
    added: date
    by: str = ""
    source: str = ""
    name: str = ""
    suffix: str = ""
    draft: str | None = None
    doubts: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()


def item_id(added: date, *parts: bytes) -> str:
    """What an item is called that holds these parts."""
    return f"{added.isoformat()}-{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"


def digest_in(id: str) -> str:
    """The part of an item's name that tells what it holds, whenever it came."""
    return id[11:]


def same_id(corpus: Corpus, id: str) -> str | None:
    """The item that holds the same as one of this name would."""
    return next((one for one in _ids(corpus) if digest_in(one) == digest_in(id)), None)


def all_items(corpus: Corpus) -> tuple[list[Item], list[Finding]]:
    """What waits, the oldest first, and what could not be read."""
    found, problems = [], []
    for id in _ids(corpus):
        try:
            found.append(read_item(corpus, id))
        except DataError as error:
            problems.append(Finding(corpus.root / FOLDER / id, None, None, str(error), "error"))
    return found, problems


def read_item(corpus: Corpus, id: str) -> Item:
    """One item. Raises AbsentError where there is none, DataError where it cannot be read."""
    if id not in _ids(corpus):
        raise AbsentError(_("there is no {id} in the inbox; 'policykb inbox' shows what there is").format(id=id))
    folder = corpus.root / FOLDER / id
    content = _content(folder / PROPOSALS)
    if content is None:
        raise DataError(_("{path}: is not there").format(path=folder / PROPOSALS))
    path = folder / PROPOSALS
    table = toml.parse(_text(content, path), path)
    with toml.naming(path):
        item = _item(id, table)
    draft = _content(folder / DRAFT)
    if draft is None:
        return item
    return replace(item, draft=_text(draft, folder / DRAFT))


def original_of(corpus: Corpus, item: Item) -> bytes | None:
    """The document as it came. Raises DataError where it cannot be read."""
    return _content(corpus.root / FOLDER / item.id / f"{ORIGINAL}{item.suffix}")


def written(corpus: Corpus, item: Item, original: bytes | None = None) -> list[Write]:
    """What makes an item's files, or changes them; those that do not change are left out."""
    folder = corpus.root / FOLDER / item.id
    contents = {PROPOSALS: _dumped(item).encode("utf-8", "replace")}
    if item.draft is not None:
        contents[DRAFT] = item.draft.encode("utf-8", "replace")
    if original is not None:
        contents[f"{ORIGINAL}{item.suffix}"] = original
    writes = [Write(folder / name, data, _content(folder / name)) for name, data in contents.items()]
    return [write for write in writes if write.data != write.expected]


def removed(corpus: Corpus, item: Item) -> list[Write]:
    """What takes an item's files away; `tidied` then takes the folder."""
    folder = corpus.root / FOLDER / item.id
    names = (DRAFT, f"{ORIGINAL}{item.suffix}", PROPOSALS)
    there = [(folder / name, data) for name in names if (data := _content(folder / name)) is not None]
    return [Write(path, None, data) for path, data in there]


def tidied(corpus: Corpus, ids: Iterator[str] | list[str]) -> None:
    """Takes away the folders of items that are empty now."""
    for id in ids:
        with contextlib.suppress(OSError):
            (corpus.root / FOLDER / id).rmdir()


def number(corpus: Corpus) -> int:
    """How many items there are, read or not."""
    return len(_ids(corpus))


def stamp(corpus: Corpus) -> tuple[object, ...]:
    """What changes when an item comes, changes or goes."""
    place = corpus.root / FOLDER
    found: list[object] = [os.stat(place).st_mtime_ns if place.is_dir() else None]
    for id in _ids(corpus):
        with contextlib.suppress(OSError):
            found.append((id, os.lstat(place / id / PROPOSALS).st_mtime_ns))
    return tuple(found)


def _ids(corpus: Corpus) -> list[str]:
    """The folders that may be items, the oldest first."""
    place, real = corpus.root / FOLDER, corpus.root.resolve() / FOLDER  # Windows' junctions look like folders
    if place.resolve() != real or not place.is_dir():
        return []
    try:
        with os.scandir(place) as inside:
            found = [one.name for one in inside if _ID.fullmatch(one.name) and one.is_dir(follow_symlinks=False)]
    except OSError as error:
        raise DataError(_("{path}: cannot be read: {reason}").format(path=place, reason=reason(error))) from None
    found = [id for id in sorted(found)[:MOST_ITEMS] if (place / id).resolve() == real / id]
    return [id for id in found if not _is_empty(place / id)]


def _is_empty(folder: Path) -> bool:
    """Whether nothing is left in a folder, as after a change that was cut short."""
    with contextlib.suppress(OSError), os.scandir(folder) as inside:
        return next(inside, None) is None
    return False


def _content(path: Path) -> bytes | None:
    """A file of an item, None where it is not there. Raises DataError."""
    try:
        if path.is_symlink() or path.parent.is_symlink():
            raise DataError(_("{path}: is a symbolic link, and not followed").format(path=path))
        return read_regular(path, at_most=_LARGEST.get(path.name, _LARGEST[ORIGINAL]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DataError(_("{path}: cannot be read: {reason}").format(path=path, reason=reason(error))) from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(_("{path}: not UTF-8: save it in that encoding").format(path=path)) from None


def _item(id: str, table: Mapping[str, Any]) -> Item:
    toml.only(table, _HEAD)
    added = table.get("added")
    if type(added) is not date:
        raise toml.wrong("added", _("a day"), added)
    given = {key: toml.optional(table, key) or "" for key in ("by", "source", "name", "suffix")}
    if not _SUFFIX.fullmatch(given["suffix"]):
        raise toml.wrong("suffix", _("that of a file"), given["suffix"])
    rows = toml.tables(table, "proposal")[:MOST_PROPOSALS]
    proposals = []
    for number, row in enumerate(rows, 1):
        with toml.naming(f"proposal {number}"):
            proposals.append(_proposal(id, given["by"], row))
    return Item(id, added, **given, doubts=toml.texts(table, "doubts", []), proposals=tuple(proposals))


def _proposal(item: str, by: str, row: Mapping[str, Any]) -> Proposal:
    toml.only(row, _KEYS)
    kind, day, sureness = row.get("kind"), row.get("day"), row.get("sureness")
    if kind not in KINDS:
        raise toml.wrong("kind", ", ".join(KINDS), kind)
    if day is not None and type(day) is not date:
        raise toml.wrong("day", _("a day"), day)
    if sureness is not None and not (isinstance(sureness, int | float) and 0 <= sureness <= 1):
        raise toml.wrong("sureness", _("a number from 0 to 1"), sureness)
    texts = {key: toml.optional(row, key) or "" for key in ("entry", "name", "value", "quote", "where", "number")}
    words, partial = toml.texts(row, "words", []), toml.flag(row, "partial")
    made = Proposal(kind, texts["entry"], texts["name"], texts["value"], texts["quote"], words, texts["where"])
    return replace(made, sureness=sureness, by=by, item=item, number=texts["number"], day=day, partial=partial)


def _dumped(item: Item) -> str:
    lines = [f"added = {item.added.isoformat()}"]
    head = ("by", "source", "name", "suffix")
    lines += [f"{key} = {toml.quoted(value)}" for key in head if (value := getattr(item, key).strip())]
    if item.doubts:
        lines.append(f"doubts = {toml.quoted_list(item.doubts)}")
    for one in item.proposals:
        lines += ["", "[[proposal]]"]
        for key in ("kind", "entry", "name", "value", "quote", "where", "number"):
            if value := getattr(one, key).strip():
                lines.append(f"{key} = {toml.quoted(value)}")
        if one.words:
            lines.append(f"words = {toml.quoted_list(one.words)}")
        if one.sureness is not None:
            lines.append(f"sureness = {one.sureness:.2f}")
        if one.day:
            lines.append(f"day = {one.day.isoformat()}")
        if one.partial:
            lines.append("partial = true")
    return "\n".join(lines) + "\n"
