"""`Snapshot`: what the last run of the news saw, in ``corpus/.news/NAME.json``, one entry a line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import FIELDS, OF_THE_FILE
from policykb.errors import DataError
from policykb.files.atomic import write_beside
from policykb.files.reading import MAX_OWN, read_data
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

FOLDER = ".news"
BODY = "body"  # under which the digest of the text stands
STATE = "state"
_TEXTS = ("date", STATE, BODY)  # by which entries are compared
_TOLD = tuple(one.name for one in FIELDS if one.name not in OF_THE_FILE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The day of the run, and of each entry, by id, what `seen` gives and its state."""

    day: date
    entries: Mapping[str, Mapping[str, Any]]


def snapshot_path(corpus: Path, name: str) -> Path:
    """Where the snapshot of a saved search is, or that of everything where the name is empty."""
    return corpus / FOLDER / f"{name or 'all'}.json"


def seen(policy: Policy, state: str) -> dict[str, Any]:
    """The fields that an entry has, as plain data, its state, and a digest of its text."""
    plain = policy.as_data()
    fields = {name: plain[name] for name in _TOLD if plain[name] not in (None, "", [])}
    body = hashlib.sha256(policy.body.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return fields | {STATE: state, BODY: body}


def read_snapshot(path: Path) -> Snapshot | None:
    """The last snapshot, None where there is none yet. Raises DataError for a file that is none."""
    if not os.path.lexists(path):
        return None
    content = read_data(path, at_most=MAX_OWN)
    try:
        data = json.loads(content)
        day, entries = date.fromisoformat(data["day"]), data["entries"]
        texts = [one.get(key) for one in entries.values() for key in _TEXTS]
        titled = all(isinstance(one["title"], str) for one in entries.values())
        if data["format"] != 1 or not titled or not all(isinstance(text, str | None) for text in texts):
            raise ValueError
        return Snapshot(day, entries)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        problem = _("{path}: is no snapshot of news; remove it, and the next run begins anew")
        raise DataError(problem.format(path=path)) from None


def write_snapshot(path: Path, day: date, policies: Iterable[Policy], states: Mapping[str, str]) -> None:
    """Writes what a run saw. Raises OutputError."""
    found = {policy.id: seen(policy, states.get(policy.id, "")) for policy in policies}
    rows = ",\n".join(f"{_json(id)}: {_json(found[id])}" for id in sorted(found))
    text = f'{{"format": 1, "day": "{day}", "entries": {{\n{rows}\n}}}}\n'
    write_beside(path.parent, path.name, text.encode("utf-8", "backslashreplace"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
