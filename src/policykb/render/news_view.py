"""News in words, whatever they are written as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.daterange import DateRange
from policykb.domain.policy import BY_NAME, MEETING
from policykb.news.news import came
from policykb.news.snapshot import BODY
from policykb.relations.plain import USUAL

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.news.moves import StateChange
    from policykb.news.news import Changed, FieldChange, News
    from policykb.news.obligations import Obligation
    from policykb.render.labels import Labels

_LONGEST = 80  # characters of a value that has changed


class Item(NamedTuple):
    """One thing to tell: of which entry, of which day, and what; ``key`` is the same whenever it is told."""

    key: tuple[str, ...]
    id: str
    day: date
    title: str
    about: str
    lines: tuple[str, ...] = ()


class Part(NamedTuple):
    """What there is to tell of one kind."""

    name: str
    items: tuple[Item, ...]


class View(NamedTuple):
    """News in words; ``nothing`` is said where there are no parts."""

    title: str
    parts: tuple[Part, ...]
    nothing: str


def document(news: News, labels: Labels) -> View:
    """The news as a document says them."""
    words = labels["news"]
    period = labels.period(DateRange(news.since, max(news.today, news.since) + timedelta(1)))
    title = words["title_of" if news.name else "title"].format(name=news.name, period=period)

    def about(policy: Policy) -> str:
        facts = (labels.issuers(policy.issuers, policy.issuer_count), policy.number, policy.status)
        return "　".join(filter(None, facts))

    return View(title, parts(news, words, labels.day, about, _label), words["nothing"])


def _label(name: str) -> str:
    return BY_NAME[name].label


def parts(
    news: News,
    words: Mapping[str, str],
    day: Callable[[date], str],
    about: Callable[[Policy], str],
    label: Callable[[str], str],
) -> tuple[Part, ...]:
    """What there is to tell, in ``words`` of the names of ``[news]`` in the labels."""

    def field(one: FieldChange) -> str:
        if one.name == BODY:
            return words["body"]
        before, after = (_short(value) or words["none"] for value in (one.before, one.after))
        return words["field"].format(field=label(one.name) or one.name, before=before, after=after)

    def new(policy: Policy) -> Item:
        state = news.states.get(policy.id, "") if policy.kind != MEETING else ""
        facts = "　".join(filter(None, [about(policy), state if state not in USUAL else ""]))
        return Item(("new", policy.id), policy.id, came(policy, news.today) or news.today, policy.title, facts)

    def changed(one: Changed) -> Item:
        lines = tuple(map(field, one.fields))
        key = ("changed", one.policy.id, str(news.today))
        return Item(key, one.policy.id, news.today, one.policy.title, about(one.policy), lines)

    def moved(kind: str, one: StateChange) -> Item:
        policy, since = news.policies[one.id], one.since or news.today
        state = words["state"].format(before=one.before, after=one.after)
        from_day = (words["from_day"].format(day=day(one.since)),) if one.since else ()
        key = (kind, one.id, one.after, str(since))
        return Item(key, one.id, since, policy.title, "　".join((state, *from_day)), one.because)

    def due(one: Obligation) -> Item:
        left = one.days(news.today)
        lines = (
            words["who"].format(who=one.key.who) if one.key.who else "",
            one.key.text,
            f"“{one.key.sentence}”" if one.key.sentence != one.key.text else "",
            words["draft"] if one.draft else "",
        )
        said = words["left"].format(days=left) if left else words["today"]
        key = ("due", one.policy.id, str(one.key.day), one.key.text)
        return Item(key, one.policy.id, one.key.day, one.policy.title, said, tuple(filter(None, lines)))

    bases = (
        Item(("basis", one.id, one.basis, str(one.since)), one.id, one.since or news.today, news.policies[one.id].title,
             words["basis"].format(basis=one.basis, state=one.state))
        for one in news.bases
    )  # fmt: skip
    gone = (Item(("gone", id, str(news.today)), id, news.today, title, "") for id, title in news.gone.items())
    told: dict[str, Iterable[Item]] = {
        "new": map(new, news.new),
        "moved": (moved("moved", one) for one in news.moved),
        "bases": bases,
        "changed": map(changed, news.changed),
        "coming": (moved("coming", one) for one in sorted(news.coming, key=lambda one: one.since or date.max)),
        "due": map(due, news.due.coming),
        "gone": gone,
    }
    return tuple(_filled((words[name], tuple(items)) for name, items in told.items()))


def _filled(found: Iterable[tuple[str, tuple[Item, ...]]]) -> Iterator[Part]:
    yield from (Part(name, items) for name, items in found if items)


def _short(value: Any) -> str:
    """A value of a field, as short as a line can hold."""
    if isinstance(value, list):
        text = "、".join(_short(one) for one in value)
    elif isinstance(value, Mapping):
        text = " ".join(_short(one) for one in value.values())
    else:
        text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
