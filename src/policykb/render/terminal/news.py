"""News and obligations as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from click import style

from policykb.domain.policy import joined_issuers
from policykb.i18n import _, ngettext
from policykb.render.news_view import parts
from policykb.render.terminal.widths import text_of, wrap
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.news.news import News
    from policykb.news.obligations import Due, Obligation

_INDENT = " " * 12


def news(found: News, columns: int) -> str:
    """What there is to tell, part by part."""
    words = {
        "new": _("new"),
        "changed": _("changed"),
        "moved": _("in another state"),
        "bases": _("what they rest on is over"),
        "coming": _("soon in another state"),
        "due": _("due"),
        "gone": _("no longer found"),
        "state": "{before} → {after}",
        "basis": _("rests on 《{basis}》: {state}"),
        "left": _("{days} days left"),
        "today": _("today"),
        "who": _("who: {who}"),
        "draft": _("a draft: nobody has to yet"),
        "from_day": _("from {day}"),
        "field": "{field}: {before} → {after}",
        "none": _("(nothing)"),
        "body": _("the text"),
    }
    told = parts(found, words, str, _about, lambda name: name)
    lines: list[str] = []
    for part in told:
        lines.append(style(f"{part.name} ({len(part.items):,})", bold=True))
        for item in part.items:
            lines += _lines(str(item.day), item.title, (item.about, *item.lines), columns)
        lines.append("")
    if not told:
        lines.append(_("nothing new since {day}").format(day=found.since))
    return text_of(lines)


def due(found: Due, columns: int) -> str:
    """What has passed, and what is to come."""
    lines: list[str] = []
    for heading, obligations in ((_("overdue"), found.overdue), (_("due"), found.coming)):
        if obligations:
            lines.append(style(f"{heading} ({len(obligations):,})", bold=True))
            for one in obligations:
                lines += _obligation(one, found, columns)
            lines.append("")
    if not lines:
        text = ngettext(
            "nothing is due within {days:,} day of {day}", "nothing is due within {days:,} days of {day}", found.within
        )
        lines.append(text.format(days=found.within, day=found.today))
    for number, text in ((found.older, _("{number:,} more passed before")), (found.later, _("{number:,} more later"))):
        if number:
            lines.append((text + _("; --within {days}d shows them")).format(number=number, days=found.reach))
    return text_of(lines)


def _obligation(one: Obligation, found: Due, columns: int) -> Iterator[str]:
    days = one.days(found.today)
    said = _("today")
    if days > 0:
        said = ngettext("{days:,} day left", "{days:,} days left", days).format(days=days)
    elif days < 0:
        said = ngettext("{days:,} day ago", "{days:,} days ago", -days).format(days=-days)
    who = _("who: {who}").format(who=one.key.who) if one.key.who else _("who: not said")
    draft = _("a draft: nobody has to yet") if one.draft else ""
    about = " · ".join(filter(None, (said, who, draft)))
    sentence = f"“{one.key.sentence}”" if one.key.sentence != one.key.text else ""
    document = f"{one.policy.title}（{_about(one.policy)}）"
    yield from _lines(str(one.key.day), one.key.text, (about, sentence, document), columns)


def _about(policy: Policy) -> str:
    return " · ".join(filter(None, (joined_issuers(policy.issuers, policy.issuer_count), policy.number, policy.status)))


def _lines(day: str, head: str, more: tuple[str, ...], columns: int) -> Iterator[str]:
    """A day, a text beside it, and others below that."""
    room = columns - len(_INDENT)
    for number, line in enumerate(_wrapped(head, room)):
        yield (_INDENT if number else style(f"{day:<12}", dim=True)) + line
    for text in filter(None, more):
        yield from (_INDENT + style(line, dim=True) for line in _wrapped(text, room))


def _wrapped(text: str, room: int) -> Iterator[str]:
    plain = visible(text).replace("\n", " ").replace("　", "  ")
    yield from (plain[start:end] for start, end in wrap(plain, room))
