"""The folder ``corpus/``: its entries, found and read.

An entry is a Markdown file anywhere below it, except what is hidden (its name, or that of a folder, begins
with a dot), a ``README.md``, and anything in ``market/`` or ``originals/``. Symbolic links are skipped, wherever they
lead, so that nothing outside is read or written and nothing is found twice. The id of an entry is its file name
without ``.md``, in Unicode's composed form.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.errors import CorpusError, DocumentError, NoKnowledgeBaseError
from policykb.files.reading import read_regular, reason, scanned
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.entry_format import EntryReading
    from policykb.domain.policy import Policy

MAX_BYTES = 20_000_000  # of one entry
NO_ENTRIES = ("market", "originals")  # folders of the corpus
_CANDIDATES = 8  # named when a part of an id is ambiguous
_NEAREST = 3


class EntryFolder:
    """The entries below the folder ``root``.

    ``problems`` are the folders and files that the last ``stats``, ``paths`` or ``policies`` could not read,
    ``links`` the symbolic links that it skipped.
    """

    def __init__(self, root: Path) -> None:
        """Raises NoKnowledgeBaseError where ``root`` is not a folder."""
        self.root = Path(os.path.abspath(root))
        self.problems: list[DocumentError] = []
        self.links: list[Path] = []
        if not os.path.isdir(self.root):
            problem = _("{path}: no such folder; 'policykb init' makes a knowledge base")
            raise NoKnowledgeBaseError(problem.format(path=self.root))

    def stats(self, ids: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
        """The entries, or some of them, in order: path below the root, with slashes -> (mtime in ns, size in bytes)."""
        found: dict[str, tuple[int, int]] = {}
        for relative, item in self._entries():
            if ids is not None and _id_at(relative) not in ids:
                continue
            try:
                status = item.stat(follow_symlinks=False)
                found[relative] = (status.st_mtime_ns, status.st_size)
            except FileNotFoundError:  # removed just now
                continue
            except OSError as error:
                problem = _("cannot be read: {reason}").format(reason=reason(error))
                self.problems.append(DocumentError(problem, path=self.root / relative))
        names = sorted(found)
        return dict(zip(names, map(found.__getitem__, names), strict=True))

    def _names(self) -> list[str]:
        """The paths of all entries below the root, in order, without a look at each file."""
        return sorted(relative for relative, _item in self._entries())

    def _entries(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """The entries, each while its folder is open; what is no entry goes into ``problems`` and ``links``."""
        self.problems, self.links = [], []
        folders = [""]
        while folders:
            prefix = folders.pop()
            try:
                with scanned(os.path.join(self.root, prefix)) as items:
                    for item in items:
                        name = item.name
                        if item.is_file(follow_symlinks=False):
                            if names_entry(name):
                                yield prefix + name, item
                        elif name[0] == ".":
                            continue
                        elif item.is_dir(follow_symlinks=False) and not _is_junction(item):
                            if prefix or name not in NO_ENTRIES:
                                folders.append(f"{prefix}{name}/")
                        elif item.is_symlink() or item.is_dir(follow_symlinks=False):
                            path = self.root / (prefix + name)
                            if names_entry(name) or os.path.isdir(path):
                                self.links.append(path)
            except OSError as error:
                problem = _("the folder cannot be read: {reason}").format(reason=reason(error))
                self.problems.append(DocumentError(problem, path=self.root / prefix))

    def paths(self) -> list[Path]:
        """The files of all entries, in the order of their paths below the root."""
        return [self.root / relative for relative in self._names()]

    def policies(self) -> Iterator[Policy]:
        """All entries in the order of ``paths``; files that cannot be read go into ``problems``."""
        for path in self.paths():
            try:
                yield self.read(path)
            except DocumentError as error:
                self.problems.append(error)

    def state(self) -> str:
        """A short digest of all entries, which changes when any of them does."""
        import hashlib

        digest = hashlib.sha1(usedforsecurity=False)
        for path in self.paths():
            digest.update(f"{path.relative_to(self.root).as_posix()}\n".encode("utf-8", "surrogateescape"))
            digest.update(hashlib.sha1(self._content(path), usedforsecurity=False).digest())
        return digest.hexdigest()[:12]

    def _content(self, path: Path) -> bytes:
        """The content of a file, nothing of one that no entry can be."""
        try:
            return self.read_bytes(path)
        except DocumentError:
            return b""

    def read(self, path: Path) -> Policy:
        """The entry in a file; raises DocumentError, whatever is wrong with the file."""
        return self.parse(path, self.read_bytes(path))

    def read_bytes(self, path: Path) -> bytes:
        """The content of a file; DocumentError where it cannot be read or has more than ``MAX_BYTES``."""
        try:
            return read_regular(path, at_most=MAX_BYTES)
        except (OSError, ValueError) as error:
            problem = _("cannot be read: {reason}").format(reason=reason(error))
            if isinstance(error, OSError) and error.errno == errno.EFBIG:
                problem = _("is larger than {number} MB, too large for an entry")
                problem = problem.format(number=MAX_BYTES // 1_000_000)
            raise DocumentError(problem, path=_printable(path)) from None

    def parse(self, path: Path, content: bytes) -> Policy:
        """The entry that ``content``, read from ``path``, holds; raises DocumentError."""
        from policykb.corpus import entry_format  # not for a search, which reads no entry

        return entry_format.parse(decoded(path, content), id=id_of(path), path=path)

    def examine(self, path: Path) -> EntryReading:
        """The entry in a file with all of its problems; never raises."""
        from policykb.corpus import entry_format  # not for a search, which reads no entry

        try:
            return entry_format.examine(decoded(path, self.read_bytes(path)), id=id_of(path), path=path)
        except DocumentError as error:
            return entry_format.EntryReading(None, (error,))

    def resolve(self, part: str) -> Path:
        """The file of the entry with this id, this path, or the only one with this part in its id.

        Capitals make no difference in a part. Raises CorpusError with the candidates, or the nearest ids.
        """
        ids = {relative: _id_at(relative) for relative in self._names()}
        wanted = unicodedata.normalize("NFC", part.strip())
        if not wanted:
            raise CorpusError(_("an id, or a part of one, is needed; it is empty"))
        found = [relative for relative, id in ids.items() if id == wanted]
        if not found and (inside := self.relative(part)) in ids:
            found = [inside]
        if not found:
            found = [relative for relative, id in ids.items() if wanted.casefold() in id.casefold()]
        if len(found) == 1:
            return self.root / found[0]
        shown = part if len(part) <= 80 else part[:80] + "…"
        if not found:
            near = _nearest(wanted, ids.values())
            hint = _("the nearest are {names}").format(names=", ".join(near))
            hint = hint if near else _("'policykb list' shows what there is")
            raise CorpusError(_("no entry {part}; {hint}").format(part=shown, hint=hint))
        names = [ids[relative] for relative in found]
        names = sorted(names if len(set(names)) == len(names) else found)
        problem = _("{part} is in {number} entries: {names}")
        if len(names) > _CANDIDATES:
            problem = _("{part} is in {number} entries: {names} and {more} more")
        listed = ", ".join(names[:_CANDIDATES])
        raise CorpusError(problem.format(part=shown, number=len(names), names=listed, more=len(names) - _CANDIDATES))

    def file_of(self, id: str) -> Path | None:
        """The file of the entry with exactly this id, None where there is none."""
        return self.files_of({id}).get(id)

    def files_of(self, ids: Collection[str]) -> dict[str, Path]:
        """The files of the entries with these ids, by them; of several with one id the first, in the order of paths."""
        names = reversed(self._names())
        return {id: self.root / relative for relative in names if (id := _id_at(relative)) in ids}

    def relative(self, path: str | Path) -> str:
        """The path below the root, with slashes; nonsense for one elsewhere."""
        try:
            return os.path.relpath(os.path.realpath(path), os.path.realpath(self.root)).replace(os.sep, "/")
        except (OSError, ValueError):
            return ""


def id_of(path: Path | str) -> str:
    """The id of the entry in a file."""
    return unicodedata.normalize("NFC", os.path.splitext(os.path.basename(path))[0])


def _id_at(relative: str) -> str:
    """`id_of` for a path below the root, fast enough for all of them."""
    return unicodedata.normalize("NFC", relative.rpartition("/")[2].rpartition(".")[0])


def _is_junction(item: os.DirEntry[str]) -> bool:
    """Whether a folder is Windows' link to another one."""
    return (
        sys.platform == "win32" and item.stat(follow_symlinks=False).st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
    )


def names_entry(name: str) -> bool:
    """Whether a file of this name is an entry."""
    return name.endswith((".md", ".MD")) and name[0] != "." and name.lower() != "readme.md"


def _printable(path: Path) -> Path:
    """The path with escapes for what is not UTF-8 in its name, for messages."""
    return Path(str(path).encode("utf-8", "backslashreplace").decode())


def decoded(path: Path, content: bytes) -> str:
    """The text of a file; DocumentError where it, or its name, is not UTF-8."""
    if _printable(path) != path:
        raise DocumentError(_("the file name is not UTF-8: rename the file"), path=_printable(path))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(_("not UTF-8 text: save it in that encoding"), path=path, line=line) from None


def _nearest(wanted: str, ids: Iterable[str]) -> list[str]:
    """The ids most like a string. Difflib is slow, so it sees only those that share most characters."""
    from difflib import get_close_matches
    from heapq import nlargest

    characters = set(wanted)
    promising = nlargest(50, sorted(ids), key=lambda id: len(characters.intersection(id)))
    return get_close_matches(wanted[:200], promising, n=_NEAREST, cutoff=0.3)
