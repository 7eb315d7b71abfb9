"""`Corpus`: the folder of entries, in which they are also added and changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from policykb.corpus.folder import NO_ENTRIES, EntryFolder, decoded, id_of, names_entry
from policykb.domain.policy import Policy, is_portable
from policykb.errors import CorpusError, DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.files.journal import Write

_NAME_BYTES = 255  # what file systems allow


class Corpus(EntryFolder):
    """The entries below a folder, and the changes to them: all of a change is written, or nothing."""

    @cached_property
    def _journal(self) -> ModuleType:
        from policykb.files import journal  # not for a search, which writes nothing

        return journal

    _finished = False  # whether `finish_change` had something to do

    def finish_change(self, say: Callable[[str], None] = lambda text: None) -> bool:
        """Finishes a change of several files that was cut short, and says so; returns whether there ever was one.

        All that changes entries begins with it. Raises `CorpusError` where it cannot be finished.
        """
        done = self._journal.finish(self.root)
        if done.files:
            text = _("finished a change that was cut short (files written: {number})")
            say(text.format(number=f"{len(done.files):,}"))
        for path in done.changed:
            say(_("{path}: was to be changed, but somebody else did; it is left as it is").format(path=path))
        self._finished = self._finished or bool(done.files)
        return self._finished

    def add(self, policy: Policy, *, folder: str | None = None) -> Path:
        """Write a new entry, by default into the folder of its year, or of none; returns its file.

        Raises CorpusError where its id exists or cannot be a file name, DocumentError where the policy itself
        cannot be written.
        """
        write = self.addition(policy, folder=folder)
        self.write([write])
        return write.path

    def update(self, path: Path, changes: Mapping[str, object], *, expected: bytes | None = None) -> bool:
        """Change keys of an entry's front matter as `entry_format.edit` does; returns whether the file changed.

        Raises CorpusError where the file is not what it was when it was read (``expected``: its content
        then), DocumentError where the change would make it unreadable.
        """
        write = self.revision(path, changes)
        if expected is not None and write.expected != expected:
            raise self._journal.changed_meanwhile(path)
        self.write([write])
        return write.data != write.expected

    def addition(self, policy: Policy, *, folder: str | None = None) -> Write:
        """What ``add`` would write; for ``write``, which writes many at once."""
        from policykb.corpus import entry_format  # not for a search, which reads no entry

        if folder is None:
            folder = f"{policy.date.year:04}" if policy.date else ""
        parts = folder.split("/") if folder else []
        name = f"{policy.id}.md"
        for part in (*parts, name):
            if not part.strip() or part[0] == "." or "\\" in part or "/" in part or not part.isprintable():
                problem = _("{name} cannot be the name of a file or folder of the corpus")
                raise CorpusError(problem.format(name=f"{part!r:.300}"))
            if not is_portable(part):
                problem = _("{name} cannot be the name of a file or folder on Windows, where a corpus may be used too")
                raise CorpusError(problem.format(name=f"{part!r:.300}"))
            if len(part.encode()) > _NAME_BYTES:
                problem = _("the name {name}… is longer than {number} bytes")
                raise CorpusError(problem.format(name=part[:40], number=_NAME_BYTES))
        if not names_entry(name) or parts[:1] in ([name] for name in NO_ENTRIES):
            problem = _("{name} would not be an entry: choose another name")
            raise CorpusError(problem.format(name="/".join((*parts, name))))
        path = self.root.joinpath(*parts, name)
        text = entry_format.dump(policy)
        entry_format.parse(text, id=policy.id, path=path)
        write: Write = self._journal.Write(path, _encoded(path, text), None)
        return write

    def revision(self, path: Path, changes: Mapping[str, object], body: str | None = None) -> Write:
        """What ``update`` would write, with another ``body`` if given; for ``write``, which writes many at once."""
        from policykb.corpus import entry_format  # not for a search, which reads no entry

        path = self._inside(path)
        content = self.read_bytes(path)
        try:
            text = entry_format.edit(decoded(path, content), changes)
            text = text if body is None else entry_format.with_body(text, body)
            entry_format.parse(text, id=id_of(path), path=path)
        except DocumentError as error:
            error.path = path
            raise
        write: Write = self._journal.Write(path, _encoded(path, text), content)
        return write

    def write(self, writes: Iterable[Write]) -> None:
        """Write files of the corpus, all or none; those whose content would stay the same are not touched.

        Raises CorpusError where a path leads out of the corpus, a new entry's id exists, or a file is not
        what was expected.
        """
        writes = [self._journal.Write(self._inside(write.path), write.data, write.expected) for write in writes]
        new = [write.path for write in writes if write.expected is None and names_entry(write.path.name)]
        # an id that differs in capitals only would be the same file on Windows
        known = {id_of(relative).casefold(): relative for relative in self.stats()} if new else {}
        for path in new:
            relative = path.relative_to(self.root).as_posix()
            if (other := known.setdefault(id_of(path).casefold(), relative)) != relative or path.exists():
                raise CorpusError(_("{id}: exists already, as {other}").format(id=id_of(path), other=other))
        if len({write.path for write in writes}) < len(writes):
            raise CorpusError(_("one file cannot be written twice at once"))
        self._journal.write_all([write for write in writes if write.data != write.expected], lock=self.root)

    def write_files(self, writes: Iterable[Write]) -> None:
        """Write, or remove, files of any kind in the corpus, all or none; as `write`, without a look at ids."""
        changed = [write for write in writes if write.data != write.expected]
        for write in changed:
            if not write.path.resolve().is_relative_to(self.root.resolve()):
                raise CorpusError(_("{path} would not be in the corpus").format(path=write.path))
        self._journal.write_all(changed, lock=self.root)

    def _inside(self, path: Path) -> Path:
        relative = self.relative(Path(os.path.abspath(path)).parent)
        if not relative or relative == ".." or relative.startswith("../") or os.path.islink(path):
            raise CorpusError(_("{path}: is not in the corpus {corpus}").format(path=path, corpus=self.root))
        return self.root / relative / Path(path).name


def _encoded(path: Path, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DocumentError(_("half of a character (a surrogate) cannot be written"), path=path) from None
