"""How much an assistant has to ask until an answer holds the facts: questions of analysts over the shipped entries.

The reader is careful and simple: it searches with the question as it was asked, then reads the hits from the first on,
their relations too, and stops when every fact has been seen. Run it: ``python -m benchmarks.assistants`` in ``tests``.
"""

from __future__ import annotations

import json
import statistics
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

QUESTIONS = Path(__file__).with_name("questions_of_analysts.toml")
ROOT = Path(__file__).parents[2]
MOST_CALLS = 7

Call = Callable[[str, dict[str, Any]], str]


class Reading(NamedTuple):
    """What it took to answer a question: the facts not seen in the end, calls, bytes of the answers."""

    ask: str
    missing: tuple[str, ...]
    calls: int
    size: int


def read(ask: str, facts: list[str], call: Call) -> Reading:
    """Asks until all facts were seen, or `MOST_CALLS` calls were made."""
    missing, calls, size = set(facts), 0, 0
    for name, arguments in _steps(ask, call):
        said = call(name, arguments)
        calls, size = calls + 1, size + len(said.encode())
        missing = {fact for fact in missing if fact not in said}
        if not missing or calls == MOST_CALLS:
            break
    return Reading(ask, tuple(sorted(missing)), calls, size)


def _steps(ask: str, call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions of the reader, in order; the first one's answer is asked for again without being counted."""
    first = {"query": ask, "limit": 5}
    yield "policy_search", first
    hits = [hit["id"] for hit in json.loads(call("policy_search", first))["hits"]]
    for id in hits:
        yield "policy_get", {"id": id}
        yield "policy_relations", {"id": id}


def questions() -> list[dict[str, Any]]:
    """``ask`` and ``facts`` of every question."""
    found: list[dict[str, Any]] = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]
    return found


def main() -> None:
    from policykb.kb import KnowledgeBase
    from policykb.mcp import server
    from policykb.mcp.tool import Desk

    with KnowledgeBase.open(ROOT) as kb:
        desk, known = Desk(kb, date.today), {one.name: one for one in server.tools(writable=False)}

        def call(name: str, arguments: dict[str, Any]) -> str:
            return str(server.answered(desk, known, name, arguments).content[0].text)  # type: ignore[union-attr]

        readings = [read(one["ask"], one["facts"], call) for one in questions()]
    for one in readings:
        print(
            f"{one.calls} calls {one.size:7,} bytes  {one.ask}  {'missing: ' if one.missing else ''}{'、'.join(one.missing)}"
        )
    calls = statistics.median(one.calls for one in readings)
    size = statistics.median(one.size for one in readings)
    right = sum(not one.missing for one in readings)
    print(f"{right} of {len(readings)} answered; in the middle {calls:g} calls, {size:,.0f} bytes")


if __name__ == "__main__":
    main()
