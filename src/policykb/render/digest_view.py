"""What a digest says in words, whatever it is written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.render import templates

if TYPE_CHECKING:
    from policykb.digest.digest import Digest, Section
    from policykb.render.labels import Labels

_TOP_ISSUERS, _TOP_TAGS = 6, 8


def title(digest: Digest, labels: Labels) -> str:
    """What the digest is called."""
    return str(labels["digest"]["title"]).format(period=labels.period(digest.span))


def heading(section: Section, digest: Digest, labels: Labels) -> str:
    """The heading of a section, empty when the digest has no groups."""
    if isinstance(section.key, DateRange):
        return labels.period(section.key)
    if section.key is None:
        return ""
    return section.key or str(labels["digest"][f"no_{digest.group}"])


def overview(digest: Digest, labels: Labels) -> list[tuple[str, str]]:
    """The head of a digest: what was asked for, and what there is, as names and texts."""
    words, total = labels["digest"], len(digest.manifest.entries)
    count = str(labels["words"]["entries"]).format(count=total)
    lines = [(words["period"], labels.period(digest.span)), (words["count"], count)]
    if digest.issuers:
        lines.append((words["issuers"], templates.counts(labels, digest.issuers, _TOP_ISSUERS)))
    if digest.tags:
        lines.append((words["topics"], templates.counts(labels, digest.tags, _TOP_TAGS)))
    if since := digest.since:
        counts = words["since_counts"].format(new=since.new, changed=since.changed, removed=len(since.removed))
        lines.append((words["since"], f"{counts}（{since.manifest.period}）"))
    if digest.as_of:
        lines.append((words["as_of"], labels.day(digest.as_of)))
    return [*lines, (words["query"], digest.query or words["all"])]


def origin(digest: Digest, labels: Labels) -> str:
    """What the digest was made from, and the one that it is compared with: for its end, nobody reads it."""
    words = labels["digest"]
    states = [f"{words['state']} {digest.state}"]
    if digest.since:
        states.append(f"{words['earlier_state']} {digest.since.manifest.state}")
    return str(labels["words"]["separator"]).join(states)
