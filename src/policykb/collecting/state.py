"""What is remembered of a feed between two runs: ``corpus/.collected/NAME.json``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import get_args

from policykb.collecting.outcome import What
from policykb.errors import DataError
from policykb.files.atomic import write_beside
from policykb.files.reading import read_data
from policykb.i18n import _

FOLDER = ".collected"
ASKED = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}  # what is kept of an answer, as it is sent
_LARGEST = 100_000_000  # bytes
_KEPT = 5000  # items that a feed has not any more


@dataclass(slots=True)
class Known:
    """What became of an item, if it failed how often; ``id`` is what has it, ``text`` a digest of what it said."""

    what: What
    mark: str
    id: str = ""
    text: str = ""
    tries: int = 0


@dataclass(slots=True)
class FeedState:
    """What to ask with whether the feed has changed, what it called itself, how much it had, and its items by key."""

    if_changed: dict[str, str] = field(default_factory=dict)
    title: str = ""
    number: int = 0
    items: dict[str, Known] = field(default_factory=dict)


def read_state(corpus: Path, name: str) -> FeedState:
    """What is remembered, nothing before the first run. Raises DataError for a file that is none."""
    path = corpus / FOLDER / f"{name}.json"
    if not os.path.lexists(path):
        return FeedState()
    content = read_data(path, at_most=_LARGEST)
    try:
        data = json.loads(content)
        if data.pop("format") != 1:
            raise ValueError
        items = {str(key): Known(**one) for key, one in data.pop("items").items()}
        state = FeedState(**data, items=items)
        texts = [state.title, *state.if_changed, *state.if_changed.values()]
        texts += [text for one in items.values() for text in (one.mark, one.id, one.text)]
        known = state.if_changed.keys() <= set(ASKED.values()) and all(map(str.isprintable, state.if_changed.values()))
        known = known and all(one.what in get_args(What) and isinstance(one.tries, int) for one in items.values())
        if not known or not isinstance(state.number, int) or not all(isinstance(text, str) for text in texts):
            raise ValueError
        return state
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        problem = _("{path}: is not what collect wrote; remove it, and the next run begins anew")
        raise DataError(problem.format(path=path)) from None


def write_state(corpus: Path, name: str, state: FeedState, announced: set[str]) -> None:
    """Remembers what became of items; of those that the feed does not announce any more only the last 5,000."""
    gone = [key for key in state.items if key not in announced]
    for key in gone[:-_KEPT]:
        del state.items[key]
    data = {"format": 1} | asdict(state)
    text = json.dumps(data, ensure_ascii=False, indent=1)
    write_beside(corpus / FOLDER, f"{name}.json", f"{text}\n".encode("utf-8", "backslashreplace"))
