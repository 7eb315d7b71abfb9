"""A digest as an Atom feed (RFC 4287) and as a calendar (RFC 5545)."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING

from policykb.errors import OutputError
from policykb.render import body

if TYPE_CHECKING:
    from policykb.digest.digest import Digest, DigestEntry
    from policykb.digest.key_dates import KeyDate
    from policykb.render.labels import Labels

# A day has no hour of its own; that of Beijing, where the documents are issued.
_MIDNIGHT = "T00:00:00+08:00"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://policykb.example/")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE = 73  # bytes of a calendar line before it is folded, less than the 75 allowed


def atom(digest: Digest, style: str, labels: Labels) -> bytes:
    """The entries as a feed, newest first."""
    from xml.etree import ElementTree as xml

    from policykb.render.digest_view import overview, title

    feed = xml.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "zh-CN"})
    name = title(digest, labels)

    def add(parent: xml.Element, tag: str, text: str = "", **attributes: str) -> xml.Element:
        element = xml.SubElement(parent, tag, attributes)
        element.text = _NOT_IN_XML.sub("", text) or None
        return element

    add(feed, "id", _urn(digest.query, digest.manifest.period))
    add(feed, "title", name)
    add(
        feed,
        "subtitle",
        labels["words"]["separator"].join(f"{key} {text}" for key, text in overview(digest, labels)),
    )
    days = [entry.policy.date for entry in digest.entries]
    add(feed, "updated", f"{max(days, default=digest.span.last or date.min)}{_MIDNIGHT}")
    add(add(feed, "author"), "name", "policykb")
    add(feed, "generator", "policykb")
    for entry in reversed(digest.entries):
        policy, item = entry.policy, add(feed, "entry")
        add(item, "id", _urn(policy.id))
        add(item, "title", policy.title)
        add(item, "published", f"{policy.date}{_MIDNIGHT}")
        add(item, "updated", f"{policy.date}{_MIDNIGHT}")
        for issuer in policy.issuers:
            add(add(item, "author"), "name", issuer)
        for tag in policy.tags:
            add(item, "category", term=_NOT_IN_XML.sub("", tag))
        add(item, "summary", body.to_text(body.summary(policy.body)))
        if style == "full":
            add(item, "content", body.to_html(policy.body, level=2), type="html")
    xml.indent(feed, " ")
    return bytes(xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def calendar(digest: Digest, labels: Labels) -> bytes:
    """The days that the entries set, as events of one day; an OutputError when they set none."""
    from policykb.render.digest_view import title

    days = [(key, entry) for entry in digest.entries for key in entry.dates]
    if not days:
        raise OutputError(f"no calendar to write: none of the {len(digest.entries)} entries sets a day")
    days.sort(key=lambda pair: (pair[0].day, pair[1].policy.id, pair[0].kind, pair[0].text))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//policykb//digest//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    lines.append(f"X-WR-CALNAME:{_escaped(title(digest, labels))}")
    for key, entry in days:
        lines += _event(key, entry, labels)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _event(key: KeyDate, entry: DigestEntry, labels: Labels) -> list[str]:
    policy, kind = entry.policy, labels["dates"][key.kind]
    said = [
        key.text,
        labels.issuers(policy.issuers, policy.issuer_count),
        body.to_text(body.summary(policy.body)),
    ]
    description = "\n".join(text for text in said if text)
    return [
        "BEGIN:VEVENT",
        f"UID:{_urn(policy.id, str(key.day), key.kind, key.text)}",
        f"DTSTAMP:{policy.date:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{key.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{key.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(f'{kind}：{policy.title}')}",
        f"DESCRIPTION:{_escaped(description)}",
        f"CATEGORIES:{','.join(_escaped(text) for text in (kind, *policy.tags))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _urn(*names: str) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join(names)).urn


def _escaped(text: str) -> str:
    plain = re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text.replace("\r\n", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def _folded(line: str) -> str:
    parts, size = [""], 0
    for char in line:
        length = len(char.encode())
        if size + length > _LINE:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += length
    return "\r\n".join(parts)
