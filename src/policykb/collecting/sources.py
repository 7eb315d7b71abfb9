"""The feeds that documents are collected from: ``corpus/sources.toml``.

::

    [[source]]
    name = "生态环境部"
    feed = "https://www.example.gov.cn/policies.xml"
    delay = 5     # seconds between two requests to one host, 2 by default
    limit = 50    # documents a run, 20 by default
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policykb.domain.policy import is_portable
from policykb.errors import DataError
from policykb.files import toml
from policykb.i18n import _
from policykb.importing.fetching import is_url

FILE = "sources.toml"
DELAY = 2.0  # seconds between two requests to one host
LIMIT = 20  # documents that are asked for in a run
_MOST = {"delay": 600, "limit": 1000}


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed under a name: how long to wait between two requests, and how many documents to ask for in a run."""

    name: str
    feed: str
    delay: float = DELAY
    limit: int = LIMIT


def load_sources(corpus: Path) -> list[FeedSource]:
    """The sources of a knowledge base. Raises DataError with file, line and key."""
    path = corpus / FILE
    found: dict[str, FeedSource] = {}
    for table, lines in toml.rows(path, "source", ("name", "feed")):
        one = _read(table, path, lines)
        if found.setdefault(one.name.casefold(), one) is not one:
            problem = _("{name} is the name of another source, too").format(name=one.name)
            raise DataError(f"{path}:{lines['name']}: name: {problem}")
    return list(found.values())


def chosen_sources(corpus: Path, names: Sequence[str]) -> list[FeedSource]:
    """The sources of those names, all where there are none. Raises DataError for a name that there is not."""
    known = {one.name: one for one in load_sources(corpus)}
    if not known:
        problem = _('{path}: there is no source; write [[source]] with name = "…" and feed = "https://…" into it')
        raise DataError(problem.format(path=corpus / FILE))
    for name in names:
        if name not in known:
            problem = _("{path}: there is no source {name}; known are {names}")
            raise DataError(problem.format(path=corpus / FILE, name=name, names=", ".join(known)))
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def _read(table: Mapping[str, object], path: Path, lines: Mapping[str, int]) -> FeedSource:
    for key in table:
        with toml.naming(f"{path}:{lines[key]}"):
            toml.only({key: 0}, {"name", "feed", *_MOST})
    with toml.naming(f"{path}:{lines['name']}"):
        name = toml.text(table, "name").strip()
        if not is_portable(name) or not name.isprintable() or name[0] in ".-":
            raise toml.wrong("name", _("what a file can be called"), name)
    with toml.naming(f"{path}:{lines['feed']}"):
        feed = toml.text(table, "feed").strip()
        if not is_url(feed):
            raise toml.wrong("feed", _("an address that begins with http:// or https://"), feed)
    numbers: dict[str, float] = {"delay": DELAY, "limit": LIMIT}
    for key, most in _MOST.items():
        value = table.get(key, numbers[key])
        whole = key == "limit"
        right = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not right or not int(whole) <= value <= most:  # type: ignore[operator]
            wanted = _("a whole number from 1 to {most}") if whole else _("a number of seconds from 0 to {most}")
            with toml.naming(f"{path}:{lines[key]}"):
                raise toml.wrong(key, wanted.format(most=most), value)
        numbers[key] = value  # type: ignore[assignment]
    return FeedSource(name, feed, float(numbers["delay"]), int(numbers["limit"]))
