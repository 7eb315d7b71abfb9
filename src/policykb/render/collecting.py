"""What was collected, as text and as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from policykb.i18n import _, ngettext
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.collecting.outcome import Announced, Collected


def items(done: Collected) -> str:
    """The items of a source that are new, changed, refused or not to be had, each with what has it."""
    told = [one for one in done.announced if one.what != "held" or one.why]
    return "".join(f"{line}\n" for one in told for line in _item(done.name, one))


def _item(source: str, one: Announced) -> Iterable[str]:
    what = {
        "taken": _("taken"),
        "changed": _("changed"),
        "held": _("held"),
        "refused": _("refused"),
        "failed": _("failed"),
    }[one.what]
    yield visible(f"{source}: {what}: {one.title}" + (f"  {one.id}" if one.id else ""))
    if one.why:
        yield visible(f"    {one.why}")
    if one.what in ("refused", "failed") and one.url not in one.why:
        yield visible(f"    {one.url}")
    for id in one.attachments:
        yield visible(_("    attachment: {id}").format(id=id))


def summary(done: Iterable[Collected]) -> str:
    """A line for each source."""
    return "".join(f"{visible(_line(one))}\n" for one in done)


def _line(one: Collected) -> str:
    said = []
    for number, text in (
        (one.count("taken"), _("{n:,} taken")),
        (one.count("changed"), _("{n:,} changed")),
        (one.count("held") + one.known, _("{n:,} known already")),
        (one.count("refused"), _("{n:,} refused")),
        (one.count("failed"), _("{n:,} failed")),
        (one.left, _("{n:,} left for the next run")),
    ):
        if number:
            said.append(text.format(n=number))
    linked = sum(len(item.attachments) for item in one.announced)
    if linked:
        said.insert(1, ngettext("{n:,} attachment", "{n:,} attachments", linked).format(n=linked))
    if one.unchanged:
        said.append(_("the feed has not changed"))
    said += [*one.notes, *([one.problem] if one.problem else [])]
    news = _(", ").join(said) or _("nothing new")
    return f"{one.name}: {news}"


def collected_record(done: Iterable[Collected]) -> dict[str, Any]:
    """``{"format", "sources": [{"name", "items", "known", "left", "unchanged", "problem", "notes"}]}``.

    An item is ``{"what", "title", "url", "id", "why", "attachments"}``; ``what`` is taken, changed, held, refused or
    failed.
    """
    rows = [
        {
            "name": one.name,
            "items": [
                {
                    "what": item.what,
                    "title": item.title,
                    "url": item.url,
                    "id": item.id or None,
                    "why": item.why or None,
                    "attachments": list(item.attachments),
                }
                for item in one.announced
            ],
            "known": one.known,
            "left": one.left,
            "unchanged": one.unchanged,
            "problem": one.problem or None,
            "notes": one.notes,
        }
        for one in done
    ]
    return {"format": 1, "sources": rows}
