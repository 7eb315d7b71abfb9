"""The days that a document sets: when it takes effect, when a consultation ends, by when something is due.

Which words make a day a deadline stands in ``data/deadlines.toml``. The rules are careful rather than
complete: a full date, or the end of a year or month, after the day of publication, with a word that says so right
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.digest.duty import Duty
from policykb.domain.dates_in_text import find_dates, find_last_days
from policykb.domain.names import any_of
from policykb.domain.policy import MEETING
from policykb.files import toml
from policykb.files.packaged import data_files
from policykb.relations.standing import Standing, standings

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.search.engine import Engine

_NAMES = (
    *("after", "not_after", "ends", "before", "consultation", "drafts"),
    *("tasks", "duty", "no_duty", "between", "at", "actors", "asking", "directing", "giving"),
)
_NEAR = 8  # characters between a word such as 截止时间 and its day
_SHORT = 4  # a clause with less text beside its day does not say what is due


@dataclass(frozen=True, slots=True)
class KeyDate:
    """A day that matters; ``kind`` is effective, consultation or deadline, ``text`` the document's words.

    ``who`` has to do it, as the ``sentence`` around the words says; empty where it does not.
    """

    day: date
    kind: str
    text: str
    who: str = ""
    sentence: str = ""

    @property
    def told(self) -> str:
        """The words, with who has to do it before them where they do not say so."""
        return self.text if not self.who or self.who in self.text else f"{self.who}：{self.text}"


@dataclass(frozen=True)
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
    def of_day(cls, engine: Engine, day: date) -> Deadlines:
        """Those of the engine's corpus, its documents as they stand on a day."""
        engine.open()
        return replace(cls.load(engine.corpus.root), standings=standings(engine, day))

    def state(self, policy: Policy) -> str:
        """The state of a document where it is worth a word: it is not plainly in force, and no meeting."""
        known = self.standings.get(policy.id)
        return known.state if known and policy.kind != MEETING else ""

    def is_draft(self, policy: Policy) -> bool:
        """Whether the document is still open for comment."""
        return policy.status in self.words["drafts"] and self.over(policy) is None

    def over(self, policy: Policy) -> date | None:
        """From which day on nothing that a document wants is to come, None where it is not over."""
        known = self.standings.get(policy.id)
        return known.over if known else None

    def find(self, policy: Policy) -> tuple[KeyDate, ...]:
        """The days that a document sets, in order; one without a date sets no deadline: it may be one of the past."""
        found = {KeyDate(policy.effective, "effective", "")} if policy.effective else set()
        # far cheaper than finding dates: most texts have none of the words, and are looked at once
        words = [word for name in ("after", "before") for word in self.words[name] if word in policy.body]
        for line in policy.body.split("\n") if policy.date and words else ():
            if not any(word in line for word in words):
                continue
            for start, end, day in (*find_dates(line), *find_last_days(line, self.words["ends"])):
                if day > policy.day and self._due(line, start, end):
                    clause, sentence = _around(line, start, end)
                    asked = any(word in sentence for word in self.words["consultation"])
                    who = self._duty.who(*_within(line, start, end))
                    found.add(KeyDate(day, "consultation" if asked else "deadline", clause, who, sentence))
        over = self.over(policy)
        coming = (key for key in found if over is None or key.day < over)
        return tuple(sorted(coming, key=lambda key: (key.day, key.kind, key.text)))

    @cached_property
    def _duty(self) -> Duty:
        return Duty(self.words)

    @cached_property
    def _task(self) -> re.Pattern[str]:
        """2025年底前的量化任务：what follows is what has to be done."""
        after, tasks = any_of(self.words["after"]), any_of(self.words["tasks"])
        return re.compile(f"(?:{after})的[^，。；：]{{0,8}}(?:{tasks})：")

    def _due(self, text: str, start: int, end: int) -> bool:
        head, tail = text[max(0, start - 20) : start], text[end : end + 20]
        if self._task.match(tail):
            return True
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


def _within(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The sentence that a day stands in, without Markdown's marks before the day, and where in it the day is."""
    head = _plain(re.split("[。；]", text[:start])[-1])
    rest = re.split("[。；]", text[end:], maxsplit=1)[0]
    return head + text[start:end] + rest, len(head), len(head) + end - start


def _plain(text: str) -> str:
    return re.sub(r"^\s*(?:[-*+#>]+|\d+[.)])\s+|<[^<>]*>|[*_`\[\]<>]", "", text).strip()
