"""Policies in order of date, grouped under headings: what a digest says, whatever it is written as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from policykb.digest.key_dates import Deadlines
from policykb.digest.manifest import Manifest, content_hash
from policykb.domain.daterange import DateRange
from policykb.errors import OutputError
from policykb.i18n import _, ngettext
from policykb.relations.standing import said_by

if TYPE_CHECKING:
    from policykb.digest.key_dates import KeyDate
    from policykb.domain.policy import Policy
    from policykb.relations.standing import Said
    from policykb.search.engine import Engine
    from policykb.search.request import Result

GROUPS = ("month", "quarter", "issuer", "tag", "kind", "none")


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """A policy in a digest: the days that it sets, and ``change`` ("new", "changed") since an earlier one.

    ``state`` is that of a document which is not plainly in force, ``said`` what it says of others, by type.
    """

    policy: Policy
    dates: tuple[KeyDate, ...]
    draft: bool
    change: str | None = None
    state: str = ""
    said: Said = ()

    @property
    def status(self) -> str:
        """In which form it was issued, and its state where there is one to tell: 正式（已被修改）."""
        status = self.policy.status or ""
        return f"{status}（{self.state}）" if status and self.state else status or self.state


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading: a period, a name, or None where the digest has no groups.

    The name is empty for entries that have no department, tag or kind. Each entry stands in one section;
    ``also`` are those that belong here too, but stand under another heading.
    """

    key: DateRange | str | None
    entries: tuple[DigestEntry, ...]
    also: tuple[DigestEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """What an earlier digest was asked for, and how this one differs from it."""

    manifest: Manifest
    new: int
    changed: int
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest.

    ``query`` are the words and filters without the day ``as_of`` which was asked. ``period`` is what was asked for,
    ``span`` from the first entry to the last where that has no bounds.
    ``issuers`` and ``tags`` are counts, most first; ``drafts`` the entries open for comment; ``coming`` the
    days from ``today`` on. ``state`` identifies the corpus, ``manifest`` all entries selected, where
    ``entries`` are those written. ``undated`` more are left out, since they have no date.
    """

    query: str
    period: DateRange
    span: DateRange
    group: str
    state: str
    entries: tuple[DigestEntry, ...]
    sections: tuple[Section, ...]
    issuers: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    drafts: tuple[DigestEntry, ...]
    coming: tuple[tuple[KeyDate, DigestEntry], ...]
    manifest: Manifest
    since: Since | None = None
    undated: int = 0
    as_of: date | None = None


def build(
    policies: Iterable[Policy],
    *,
    query: str,
    period: DateRange | None,
    today: date,
    state: str,
    deadlines: Deadlines,
    group: str = "month",
    since: Manifest | None = None,
    undated: int = 0,
    as_of: date | None = None,
    said: Callable[[Iterable[str]], Mapping[str, Said]] = lambda ids: {},
) -> Digest:
    """The digest of those policies of a period, None for any, that have a date; with ``since`` of new or changed ones.

    ``undated`` are those that were left out before; ``said`` gives what the entries of some ids say of others. Raises
    OutputError when there is nothing to write or the group is unknown.
    """
    if group not in GROUPS:
        problem = _("unknown group {group}; known are {groups}")
        raise OutputError(problem.format(group=group, groups=", ".join(GROUPS)))
    period = period or DateRange()
    policies = list(policies)
    asked = " ".join(filter(None, [query, str(as_of or "")]))
    selected = sorted((one for one in policies if one.date), key=lambda policy: (policy.day, policy.id))
    undated += len(policies) - len(selected)
    if not selected:
        problem = _("nothing to write: the knowledge base has no entries yet")
        if period and asked:
            problem = _("nothing to write: no entry in {period} for {query}")
        elif period:
            problem = _("nothing to write: no entry in {period}")
        elif asked:
            problem = _("nothing to write: no entry for {query}")
        elif undated:
            problem = _("nothing to write: no entry has a date")
        if undated:
            problem += "; " + left_out(undated)
        raise OutputError(problem.format(period=period.name, query=asked))
    hashes = {policy.id: content_hash(policy) for policy in selected}
    changes = _changes(hashes, since.entries) if since else None
    shown = [policy for policy in selected if changes is None or policy.id in changes]
    others = said([policy.id for policy in shown])
    entries = tuple(
        DigestEntry(
            policy,
            deadlines.find(policy),
            deadlines.is_draft(policy),
            (changes or {}).get(policy.id),
            deadlines.state(policy),
            others.get(policy.id, ()),
        )
        for policy in shown
    )
    first, last = selected[0].day, selected[-1].day + timedelta(days=1)
    span = DateRange(period.start or first, period.end or last)
    return Digest(
        query,
        period,
        span,
        group,
        state,
        entries,
        _sections(entries, group),
        _counts(name for entry in entries for name in entry.policy.issuers),
        _counts(name for entry in entries for name in entry.policy.tags),
        tuple(entry for entry in entries if entry.draft),
        coming(entries, today),
        Manifest(asked, str(span), state, hashes),
        _since(since, hashes, changes) if since and changes is not None else None,
        undated,
        as_of,
    )


def of_engine(engine: Engine, found: Result, *, today: date, as_of: date | None = None, **asked: Any) -> Digest:
    """The digest that `build` makes of what a search found, as the documents stand today or ``as_of`` a day."""
    return build(
        [hit.policy for hit in found.hits],
        state=engine.corpus.state(),
        deadlines=Deadlines.of_day(engine, as_of or today),
        undated=found.undated,
        said=partial(said_by, engine),
        today=today,
        as_of=as_of,
        **asked,
    )


def left_out(undated: int) -> str:
    """What to tell of entries that what is in order of date leaves out."""
    text = ngettext(
        "{number} entry without a date is left out; date:none in a search shows it",
        "{number} entries without a date are left out; date:none in a search shows them",
        undated,
    )
    return text.format(number=f"{undated:,}")


def coming(entries: Iterable[DigestEntry], today: date) -> tuple[tuple[KeyDate, DigestEntry], ...]:
    """The days from today on that the entries set, in order."""
    days = [(key, entry) for entry in entries for key in entry.dates if key.day >= today]
    return tuple(sorted(days, key=lambda pair: (pair[0].day, pair[1].policy.id, pair[0].kind, pair[0].text)))


def _changes(now: Mapping[str, str], then: Mapping[str, str]) -> dict[str, str]:
    return {id: "changed" if id in then else "new" for id, hash in now.items() if then.get(id) != hash}


def _since(manifest: Manifest, now: Mapping[str, str], changes: Mapping[str, str]) -> Since:
    counts = Counter(changes.values())
    return Since(manifest, counts["new"], counts["changed"], tuple(sorted(set(manifest.entries) - set(now))))


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


_KEYS: dict[str, Callable[[Policy], tuple[DateRange | str | None, ...]]] = {
    "month": lambda policy: (DateRange.month(policy.day),),
    "quarter": lambda policy: (DateRange.quarter(policy.day),),
    "issuer": lambda policy: policy.issuers or ("",),
    "tag": lambda policy: policy.tags or ("",),
    "kind": lambda policy: (policy.kind or "",),
    "none": lambda policy: (None,),
}


def _sections(entries: Iterable[DigestEntry], group: str) -> tuple[Section, ...]:
    own: dict[DateRange | str | None, list[DigestEntry]] = {}
    also: dict[DateRange | str | None, list[DigestEntry]] = {}
    for entry in entries:
        first, *others = dict.fromkeys(_KEYS[group](entry.policy))
        own.setdefault(first, []).append(entry)
        for key in others:
            also.setdefault(key, []).append(entry)
    keys = dict.fromkeys([*own, *also])
    sections = [Section(key, tuple(own.get(key, ())), tuple(also.get(key, ()))) for key in keys]
    if group in ("issuer", "tag", "kind"):
        sections.sort(key=lambda s: (s.key == "", -len(s.entries) - len(s.also), str(s.key)))
    return tuple(sections)
