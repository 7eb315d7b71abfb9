"""Real titles, asked for as people remember them: how often the document that is meant comes first.

    python tests/benchmarks/known_items.py FOLDER [--titles 500] [--verbose]

``FOLDER`` is a knowledge base; its titles are drawn from a fixed seed. Each is asked for by its short name (without the
state, the brackets at its end, the notice that issues it), by half of that, with one wrong character, and, where the
entry has one, by its number. A version of the same document is as good as the document; a half is answered by any
title that has it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, too

from benchmarks.public import interval
from policykb.domain.policy import Policy
from policykb.errors import QueryError
from policykb.kb import KnowledgeBase
from policykb.text.fold import fold

WRONG = "的一是在不了有和人这中大为上个国我以要他"  # the commonest characters
SHORTEST = 4  # characters of a name that still says which document is meant


def plain(title: str) -> str:
    """A title as people say it."""
    issued = re.search(r"关于(?:印发|发布|公布)《(.+)》的(?:通知|公告)", title)
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", issued[1] if issued else title)
    return bare.removeprefix("中华人民共和国")


def asked(policy: Policy, random: Random) -> Iterator[tuple[str, str]]:
    """The ways in which a document is asked for: which, and the query."""
    name = plain(policy.title)
    yield "short name", name
    half = len(name) // 2
    yield "half", name[:half] if random.random() < 0.5 else name[half:]
    at = random.randrange(len(name))
    yield "typo", name[:at] + random.choice(WRONG.replace(name[at], "")) + name[at + 1 :]
    if policy.number:
        yield "number", policy.number


def is_answer(way: str, query: str, policy: Policy, first: Policy) -> bool:
    """Whether the first hit is what was asked for."""
    if way == "number":
        return first.number == policy.number
    if way == "half":
        return fold(query) in fold(first.title)
    return fold(plain(first.title)) == fold(plain(policy.title))


def first_hit(kb: KnowledgeBase, query: str) -> Policy | None:
    """The first hit; None for a query that finds, or asks for, nothing."""
    try:
        hits = kb.search(query, limit=1, fresh=False).hits
    except QueryError:
        return None
    return hits[0].policy if hits else None


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Known items: real titles asked for as people remember them.")
    parser.add_argument("folder", type=Path, help="a knowledge base")
    parser.add_argument("--titles", type=int, default=500)
    parser.add_argument("--verbose", action="store_true", help="list what was not answered")
    options = parser.parse_args(arguments)
    random = Random(3)
    right: defaultdict[str, list[float]] = defaultdict(list)
    with KnowledgeBase.open(options.folder) as kb:
        kb.refresh()
        every = {policy.title: policy for policy in kb.policies() if len(plain(policy.title)) >= SHORTEST}
        for title in random.sample(sorted(every), min(options.titles, len(every))):
            for way, query in asked(every[title], random):
                first = first_hit(kb, query)
                found = first is not None and is_answer(way, query, every[title], first)
                right[way].append(float(found))
                if options.verbose and not found:
                    print(f"{way}: {query}\n    wanted {title}\n    found  {first.title if first else 'nothing'}")
    print("| | titles | first |\n| --- | ---: | ---: |")
    for way, values in right.items():
        low, high = interval(values)
        print(f"| {way} | {len(values)} | {sum(values) / len(values):.3f} ({low:.3f}–{high:.3f}) |")


if __name__ == "__main__":
    main(sys.argv[1:])
