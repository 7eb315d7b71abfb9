"""Digests and news as Atom feeds (RFC 4287), digests as calendars (RFC 5545)."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

from policykb.errors import MissingExtraError, OutputError
from policykb.i18n import _
from policykb.render import body
from policykb.render.digest_view import overview, title
from policykb.text.visible import fit_for_xml

if TYPE_CHECKING:
    from icalendar import Event

    from policykb.digest.digest import Digest, DigestEntry
    from policykb.digest.key_dates import KeyDate
    from policykb.news.news import News
    from policykb.render.labels import Labels
    from policykb.render.news_view import View

# A day has no hour of its own; that of Beijing, where the documents are issued.
_MIDNIGHT = "T00:00:00+08:00"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://policykb.example/")


def atom(digest: Digest, style: str, labels: Labels) -> bytes:
    """The entries as a feed, newest first."""
    subtitle = labels["words"]["separator"].join(f"{key} {text}" for key, text in overview(digest, labels))
    days = [entry.policy.day for entry in digest.entries]
    newest = max(days, default=digest.span.last or date.min)
    feed = _feed(_urn(digest.manifest.query, digest.manifest.period), title(digest, labels), newest, subtitle)
    for entry in reversed(digest.entries):
        policy, item = entry.policy, _add(feed, "entry")
        _add(item, "id", _urn(policy.id))
        _add(item, "title", policy.title)
        _add(item, "published", f"{policy.day}{_MIDNIGHT}")
        _add(item, "updated", f"{policy.day}{_MIDNIGHT}")
        for issuer in policy.issuers:
            _add(_add(item, "author"), "name", issuer)
        for tag in policy.tags:
            _add(item, "category", term=fit_for_xml(tag))
        _add(item, "summary", body.to_text(body.summary(policy.body)))
        if style == "full":
            _add(item, "content", body.to_html(policy.body, level=2), type="html")
    return _written(feed)


def news(view: View, found: News) -> bytes:
    """News as a feed; what is told again has the id that it had."""
    feed = _feed(_urn("news", found.name), view.title, found.today)
    for part in view.parts:
        for item in part.items:
            entry = _add(feed, "entry")
            _add(entry, "id", _urn("news", *item.key))
            _add(entry, "title", f"{part.name}：{item.title}")
            _add(entry, "updated", f"{min(item.day, found.today)}{_MIDNIGHT}")
            _add(entry, "category", term=part.name)
            _add(entry, "summary", "\n".join(filter(None, (item.about, *item.lines))))
    return _written(feed)


def calendar(digest: Digest, labels: Labels) -> bytes:
    """The days that the entries set, as events of one day; an OutputError when they set none."""
    try:
        from icalendar import Calendar
    except ImportError:
        raise MissingExtraError(_("writing calendars"), "report") from None

    days = [(key, entry) for entry in digest.entries for key in entry.dates]
    if not days:
        said = _("no calendar to write: none of the {number} entries sets a day")
        raise OutputError(said.format(number=len(digest.entries)))
    days.sort(key=lambda pair: (pair[0].day, pair[1].policy.id, pair[0].kind, pair[0].text))
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//policykb//digest//ZH")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _plain(title(digest, labels)))
    for key, entry in days:
        made.add_component(_event(key, entry, labels))
    return bytes(made.to_ical(sorted=False))


def _event(key: KeyDate, entry: DigestEntry, labels: Labels) -> Event:
    from icalendar import Event

    policy, kind = entry.policy, labels["dates"][key.kind]
    issuers = labels.issuers(policy.issuers, policy.issuer_count)
    sentence = key.sentence if key.sentence != key.text else ""
    said = (key.told, sentence, issuers, body.to_text(body.summary(policy.body)))
    event = Event()
    event.add("uid", _urn(policy.id, str(key.day), key.kind, key.text))
    event.add("dtstamp", datetime.combine(policy.day, time(), UTC))
    event.add("dtstart", key.day)
    event.add("dtend", key.day + timedelta(days=1))
    event.add("summary", _plain(f"{kind}：{policy.title}"))
    event.add("description", _plain("\n".join(text for text in said if text)))
    event.add("categories", [_plain(text) for text in (kind, *policy.tags)])
    event.add("transp", "TRANSPARENT")
    return event


def _feed(urn: str, title: str, updated: date, subtitle: str = "") -> xml.Element:
    feed = xml.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "zh-CN"})
    _add(feed, "id", urn)
    _add(feed, "title", title)
    if subtitle:
        _add(feed, "subtitle", subtitle)
    _add(feed, "updated", f"{updated}{_MIDNIGHT}")
    _add(_add(feed, "author"), "name", "policykb")
    _add(feed, "generator", "policykb")
    return feed


def _written(feed: xml.Element) -> bytes:
    xml.indent(feed, " ")
    return bytes(xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(parent: xml.Element, tag: str, text: str = "", **attributes: str) -> xml.Element:
    element = xml.SubElement(parent, tag, attributes)
    element.text = fit_for_xml(text) or None
    return element


def _urn(*names: str) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join(names)).urn


def _plain(text: str) -> str:
    """The text without what a calendar cannot hold."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text.replace("\r\n", "\n"))
