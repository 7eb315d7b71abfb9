"""The days that a document sets: when it takes effect, when a consultation ends, by when something is due.

Which words make a day a deadline stands in ``data/deadlines.toml``. The rules are careful rather than
complete: a full date, after the day of publication, with a word that says so right beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.domain.dates_in_text import find_dates
from policykb.domain.policy import MEETING
from policykb.files import toml
from policykb.files.packaged import data_files

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.engines.whoosh.engine import WhooshEngine
    from policykb.relations.standing import Standing

_NAMES = ("after", "not_after", "before", "consultation", "drafts")
_NEAR = 8  # characters between a word such as 截止时间 and its day
_SHORT = 4  # a clause with less text beside its day does not say what is due


@dataclass(frozen=True, slots=True)
class KeyDate:
    """A day that matters; ``kind`` is effective, consultation or deadline, ``text`` the document's words."""

    day: date
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The words that introduce days that matter, by the names of the data file.

    ``standings`` are the documents that are not plainly in force, by id: of one that is over nothing is to come.
    """

    words: Mapping[str, tuple[str, ...]]
    standings: Mapping[str, Standing] = field(default_factory=dict)

    @classmethod
    def load(cls, corpus: Path | None) -> Deadlines:
        """The packaged words and those of the knowledge base; a DataError names a wrong key."""
        words: dict[str, tuple[str, ...]] = dict.fromkeys(_NAMES, ())
        for path in data_files("deadlines.toml", corpus):
            table = toml.read(path)
            with toml.naming(path):
                toml.only(table, set(_NAMES))
                words = {name: words[name] + toml.texts(table, name, []) for name in _NAMES}
        return cls(words)

    @classmethod
    def of_day(cls, engine: WhooshEngine, day: date) -> Deadlines:
        """Those of the engine's corpus, its documents as they stand on a day."""
        from policykb.relations.standing import standings  # few commands need it

        engine.open()
        return replace(cls.load(engine.corpus.root), standings=standings(engine, day))

    def state(self, policy: Policy) -> str:
        """The state of a document where it is worth a word: it is not plainly in force, and no meeting."""
        known = self.standings.get(policy.id)
        return known.state if known and policy.kind != MEETING else ""

    def is_draft(self, policy: Policy) -> bool:
        """Whether the document is still open for comment."""
        return policy.status in self.words["drafts"] and self._over(policy) is None

    def _over(self, policy: Policy) -> date | None:
        known = self.standings.get(policy.id)
        return known.over if known else None

    def find(self, policy: Policy) -> tuple[KeyDate, ...]:
        """The days that a document with a date sets, in order."""
        found = {KeyDate(policy.effective, "effective", "")} if policy.effective else set()
        words = (*self.words["after"], *self.words["before"])
        for line in policy.body.split("\n"):
            if not any(word in line for word in words):  # far cheaper than finding dates
                continue
            for start, end, day in find_dates(line):
                if day > policy.day and self._due(line, start, end):
                    clause, sentence = _around(line, start, end)
                    asked = any(word in sentence for word in self.words["consultation"])
                    found.add(KeyDate(day, "consultation" if asked else "deadline", clause))
        over = self._over(policy)
        coming = (key for key in found if over is None or key.day < over)
        return tuple(sorted(coming, key=lambda key: (key.day, key.kind, key.text)))

    def _due(self, text: str, start: int, end: int) -> bool:
        head, tail = text[max(0, start - 20) : start], text[end : end + 10]
        if tail.startswith(self.words["not_after"]):
            return False
        near = any(0 <= head.rfind(word) >= len(head) - len(word) - _NEAR for word in self.words["before"])
        return tail.startswith(self.words["after"]) or (near and not re.search("[。；]", head[-_NEAR:]))


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The clause, and the sentence, that the day stands in, without Markdown's marks."""
    tail = re.split("[，。；]", text[end:], maxsplit=1)[0]
    head = re.split("[，。；：]", text[:start])[-1]
    sentence = re.split("[。；]", text[:start])[-1]
    if len(head + tail) < _SHORT:
        head = sentence
    rest = re.split("[。；]", text[end:], maxsplit=1)[0]
    return _plain(head + text[start:end] + tail), _plain(sentence + text[start:end] + rest)


def _plain(text: str) -> str:
    return re.sub(r"^\s*(?:[-*+#>]+|\d+[.)])\s+|<[^<>]*>|[*_`\[\]<>]", "", text).strip()
