"""Adding official documents: each read, compared with the corpus, and written with its original, or refused.

What was not found in a document is left empty for ``check`` to ask for; what shows no sign of being one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from policykb.corpus import entry_format, originals
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.policy import FIELDS, OF_THE_FILE, Policy, entry_id
from policykb.domain.wording import words
from policykb.errors import DocumentError, SourceError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.importing import same_document
from policykb.importing.joining import joined
from policykb.importing.official.draft import UNTITLED, Draft, read_document
from policykb.importing.official.facts import Found
from policykb.importing.sources import read_bytes, read_lines

State = Literal["added", "joined", "same"]
# what tells a document from any other text: one of the first, or two of them all
_SIGNS = ("number", "kind", "issuers", "date", "title")
_SUFFIXES = {
    "html": (".html", ".htm", ".shtml", ".mht", ".mhtml", ".xhtml"),
    "pdf": (".pdf",),
    "docx": (".docx",),
    "markdown": (".md", ".markdown", ".txt"),
    "text": (".txt", ".text"),
}  # of each kind of source; the first where a file has none of them


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document: ``path`` is its entry, ``changed`` the keys that a join filled in.

    ``state`` is added, joined (its text went into the entry of its summary) or same (the corpus had it already);
    ``is_summary`` says that it is the entry's text that is lacking there. ``alike`` are the ids of entries that
    have the same title and, one of them undated, are taken for other documents, ``original`` the file that is kept.
    """

    state: State
    draft: Draft
    path: Path
    changed: tuple[str, ...] = ()
    is_summary: bool = False
    alike: tuple[str, ...] = ()
    original: Path | None = None


class Incoming(NamedTuple):
    """A document as it came: what was read from it, what it says of itself under other keys, its original's suffix.

    ``name`` is what it is called, ``notes`` say what could not be read.
    """

    draft: Draft
    extra: Mapping[str, object]
    suffix: str
    name: str
    notes: Sequence[str]


def incoming(data: bytes, authority: Authority, *, name: str, url: str | None = None) -> Incoming:
    """Reads a document, or an entry of policykb's own. Raises `SourceError` for what cannot be read."""
    source = read_lines(data, name=name)
    entry = _entry_in(data) if source.kind == "markdown" else None
    draft = _draft_of(entry) if entry else read_document(source, authority, url=url)
    suffixes = _SUFFIXES.get(source.kind) or (Path(name).suffix,)
    suffix = own if (own := Path(name).suffix.lower()) in suffixes else suffixes[0]
    return Incoming(draft, entry.extra if entry else notes_of(draft), suffix, source.name, source.notes)


class Additions:
    """Documents added one after the other to one corpus, whose entries are read once."""

    def __init__(
        self,
        corpus: Corpus,
        authority: Authority,
        *,
        keep_originals: bool = True,
        today: date | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """``today`` is what new entries have as the day on which they were added."""
        self._corpus, self._authority, self._say = corpus, authority, say
        self._keep, self._today = keep_originals, today
        self._known: dict[str, tuple[Path, Policy]] = {}
        for path in corpus.paths():
            if policy := corpus.examine(path).policy:
                self._known[policy.id] = (path, policy)

    def add(
        self,
        file: Path | bytes,
        *,
        name: str,
        url: str | None = None,
        to: str | None = None,
        join: Callable[[str], bool] = lambda id: False,
    ) -> Added:
        """Adds a document, or, with ``to``, puts its text into the entry of that id, or of a part of it.

        Where the corpus has it as a summary, ``join`` is asked whether its text goes there. Raises `SourceError` for
        what is no document or cannot be read, `CorpusError` for an entry that is not there or cannot take it.
        """
        data = read_bytes(file, name=name)
        came = incoming(data, self._authority, name=name, url=url)
        draft, suffix = came.draft, came.suffix
        for note in came.notes:
            self._say(f"{came.name}: {note}")
        if to is not None:
            return self._join(self._corpus.resolve(to), draft, data, suffix)
        if not looks_official(draft):
            problem = _(
                "{name}: is no official document: no number in it, and not two of title, kind (通知 …), department and "
                "date; where it is one, write the entry by hand"
            )
            raise SourceError(problem.format(name=name))
        if "title" not in draft.found:
            return self._write_untitled(draft, name, data, suffix)
        policy = replace(draft.policy(), extra=came.extra)
        plan = same_document.plan([policy], (known for _path, known in self._known.values()))
        if not plan.new:
            (same,) = plan.known
            lacks = same_document.is_summary_of(same.body, policy.body)
            if lacks and join(same.id):
                return self._join(self._known[same.id][0], draft, data, suffix)
            return Added("same", draft, self._known[same.id][0], is_summary=lacks)
        return self._write(plan.new[0], draft, data, suffix)

    def _write(self, policy: Policy, draft: Draft, data: bytes, suffix: str) -> Added:
        writes: list[Write] = []
        policy = replace(policy, added=self._today, **self._kept(policy, data, suffix, writes))
        write = self._corpus.addition(policy)
        self._corpus.write_files([write, *writes])
        alike = tuple(
            id
            for id, (_path, one) in self._known.items()
            if one.title == policy.title and not (one.date and policy.date)  # two days tell them apart
        )
        self._known[policy.id] = (write.path, policy)
        return Added("added", draft, write.path, alike=alike, original=_path_of(writes))

    def _write_untitled(self, draft: Draft, name: str, data: bytes, suffix: str) -> Added:
        """An entry without a title cannot be read: its empty line is there to be filled in."""
        id = same_document.free_id_in(self._corpus, entry_id(draft.value("date"), Path(name).stem))
        writes: list[Write] = []
        policy = replace(draft.policy(title=UNTITLED), id=id, extra=notes_of(draft))
        policy = replace(policy, added=self._today, **self._kept(policy, data, suffix, writes))
        text = re.sub(r"^title:.*\n", "title:\n", entry_format.dump(policy), count=1, flags=re.MULTILINE)
        write = self._corpus.addition(policy)._replace(data=text.encode())
        self._corpus.write_files([write, *writes])
        return Added("added", draft, write.path, original=_path_of(writes))

    def _join(self, path: Path, draft: Draft, data: bytes, suffix: str) -> Added:
        """Puts the document's text into an entry, under a heading of its own, and fills in what is empty."""
        existing = self._corpus.read(path)
        text = "\n\n".join(draft.body)
        if same_document.contains(existing.body, text):
            return Added("same", draft, path)
        found = draft.policy(title=draft.value("title", existing.title))
        writes: list[Write] = []
        changes = filled_in(existing, found)
        if existing.original:
            self._say(_("{id} has an original already; this one is not kept").format(id=existing.id))
        else:
            changes |= self._kept(existing, data, suffix, writes)
        write = joined(self._corpus, path, changes, "official", text)
        self._corpus.write_files([write, *writes])
        self._known[existing.id] = (path, self._corpus.read(path))
        return Added("joined", draft, path, tuple(changes), original=_path_of(writes))

    def _kept(self, policy: Policy, data: bytes, suffix: str, writes: list[Write]) -> dict[str, Any]:
        """The keys that name the original of an entry, whose file is added to ``writes``; none where none is kept."""
        if not self._keep:
            return {}
        write, keys = originals.keeping(self._corpus, policy.id, suffix, data)
        writes.append(write)
        return keys


def _entry_in(data: bytes) -> Policy | None:
    """The entry in a file of policykb's own, which has every key that such a file begins with; None for any other."""
    try:
        reading = entry_format.examine(data.decode(), id="")
    except UnicodeDecodeError:
        return None
    return reading.policy if {"title", "date", "issuers"} <= set(reading.fields) else None


def _draft_of(entry: Policy) -> Draft:
    """An entry as what was found in a document: it says of itself what it is."""
    names = (one.name for one in FIELDS if one.name not in OF_THE_FILE)
    found = {name: Found(value, "front matter", 1.0) for name in names if (value := getattr(entry, name))}
    return Draft(found, (entry.body,))


def read_policy(corpus: Corpus, authority: Authority, file: Path) -> Policy:
    """The policy in a file that need not be in the corpus, an entry or an official document.

    A title that the document does not state is made up from the file's name.
    """
    try:
        return corpus.read(file)
    except DocumentError:
        draft = read_document(read_lines(file), authority)
        return draft.policy(title=draft.value("title", file.stem))


def looks_official(draft: Draft) -> bool:
    """Whether what was read shows a sign of being an official document."""
    found = [sign for sign in _SIGNS if sign in draft.found]
    return len(found) > 1 or "number" in found


def filled_in(existing: Policy, found: Policy) -> dict[str, Any]:
    """The keys that an entry lacks and the document states that goes into it."""
    names = ("number", "effective", "expires", "source", "date", "issuers")
    return {name: value for name in names if (value := getattr(found, name)) and not getattr(existing, name)}


def notes_of(draft: Draft) -> dict[str, object]:
    """What a document says of itself and `Policy` has no field for, under the keys of official metadata."""
    labels = words()["labels"]
    return {
        labels[name][0]: draft.found[name].value for name in ("addressees", "subject", "index") if name in draft.found
    }


def _path_of(writes: list[Write]) -> Path | None:
    return writes[0].path if writes else None
