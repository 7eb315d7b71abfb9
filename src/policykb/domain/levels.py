"""效力级别 and 地区 of a document, concluded from its issuers, number and kind; ``data/levels.toml`` has the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.files import toml
from policykb.files.packaged import DATA

if TYPE_CHECKING:
    from policykb.domain.issuers import Authority

_BOTH = 0.97  # how sure a place is that issuer and number agree on
_ISSUER, _SIGN = 0.92, 0.7  # that one of them names
_AT_ODDS = 0.75  # that the issuer names, and the number another


class Concluded(NamedTuple):
    """A value, what it follows from in a word or two, and how sure it is, from 0 to 1."""

    value: str
    where: str
    confidence: float


def level_of(
    issuers: Sequence[str], number: str | None, kind: str | None, status: str | None, title: str, authority: Authority
) -> Concluded | None:
    """The level of a document; None where it has none, as a draft, or nothing says it."""
    if not issuers or status in _rules()["without"]:
        return None
    place, organ = _parts(issuers[0])
    if not place and not authority.get(issuers[0]):
        return None
    for rule in _rules()["rule"]:
        fits = (
            rule.get("place", bool(place)) == bool(place)
            and re.fullmatch(rule["by"], organ)
            and ("number" not in rule or re.search(rule["number"], number or ""))
            and ("title" not in rule or re.search(rule["title"], title))
            and ("kinds" not in rule or kind in rule["kinds"])
        )
        if fits:
            where = "issuer, number" if "number" in rule else "issuer, kind" if "kinds" in rule else "issuer"
            return Concluded(rule["level"], where, rule["sure"]) if rule["level"] else None
    return None


def region_of(issuers: Sequence[str], number: str | None, authority: Authority) -> Concluded | None:
    """The place that a document is for: 国家, a province, or a city as its issuer names it; None where nothing says."""
    signs = dict(_rules()["signs"])
    sign = re.match(rf"([{''.join(signs)}])(?:{_rules()['after_sign']})", number or "")
    signed = signs[sign[1]] if sign else ""
    for issuer in issuers[:1]:
        place, _ = _parts(issuer)
        if place:
            agrees = place.startswith(signed)
            confidence = _ISSUER if not signed else _BOTH if agrees else _AT_ODDS
            return Concluded(place, "issuer, number" if signed and agrees else "issuer", confidence)
        if authority.get(issuer):
            return Concluded(_rules()["country"], "issuer", _BOTH)
    return Concluded(signed, "number", _SIGN) if signed else None


def known_levels() -> tuple[str, ...]:
    """The levels that there are, each once, in the order of the rules."""
    return tuple(dict.fromkeys(rule["level"] for rule in _rules()["rule"] if rule["level"]))


def known_regions() -> tuple[str, ...]:
    """国家 and the provinces."""
    return (_rules()["country"], *_rules()["provinces"])


def regions_within(region: str, regions: Iterable[str]) -> tuple[str, ...]:
    """A place, and those of some ``regions`` that lie in it: 广东省 has 广东省深圳市, and 深圳市."""
    cities = tuple(_rules()["cities"].get(region, ()))
    within = (one for one in regions if one.startswith((region, *cities)))
    return tuple(dict.fromkeys((region, *within)))


@cache
def _parts(issuer: str) -> tuple[str, str]:
    """The place that an organ's name begins with, empty for none, and the rest."""
    rules = _rules()
    province = next((name for name in rules["provinces"] if issuer.startswith(name)), "")
    rest = issuer[len(province) :]
    if re.match(rules["central"], issuer):
        return "", issuer
    if city := re.match(rf"(?P<place>{rules['city']})(?P<organ>{rules['organs']})$", rest):
        return province + city["place"], city["organ"]
    return (province, rest) if province else ("", issuer)


@cache
def _rules() -> Mapping[str, Any]:
    return toml.read(DATA / "levels.toml")
