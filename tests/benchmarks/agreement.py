"""Whether two engines give the same answers: the first for one machine, the other in a cluster.

    python tests/benchmarks/agreement.py URL [ENTRIES] [QUERIES]

Over the shipped corpus, or a made one of so many entries: the judged queries (for the shipped one) and random ones of
words, phrases, wildcards, questions and operators. Counts the equal sets of hits and the equal first ten; sets of more
than 200 are compared by their number and by how many of them have each department, tag, kind, status and month.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import ranking
from benchmarks.corpora import CACHE, make
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase

TEN = 10
FETCHED = 200  # hits; larger sets are compared by their number and their facets


def queries(kb: KnowledgeBase, number: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Random queries, drawn from the texts: a third of one piece, then of several, with operators, as questions."""
    chance = Random(seed)
    entries = list(kb.policies())
    for _ in range(number):
        entry = chance.choice(entries)

        def piece(low: int, high: int, entry: Policy = entry) -> str:
            text = f"{entry.title}{entry.body}"
            at = chance.randrange(max(len(text) - high, 1))
            cut = "".join(filter(str.isalnum, text[at : at + chance.randint(low, high)]))
            return cut or "碳"

        kind = chance.choice(["one", "one", "two", "three", "phrase", "wildcard", "question", "operators", "filtered"])
        asked: dict[str, Any] = {}
        match kind:
            case "one" | "filtered":
                text = piece(1, 6)
            case "two":
                text = f"{piece(1, 5)} {piece(1, 5)}"
            case "three":
                text = f"{piece(2, 4)} {piece(2, 4)} {piece(1, 4)}"
            case "phrase":
                text = f'"{piece(1, 9)}"'
            case "wildcard":
                text = f"{piece(1, 3)}{chance.choice('*?')}{piece(1, 3)}"
            case "question":
                text = f"如何{piece(4, 12)}"
            case _:
                text = f"{piece(1, 4)} {chance.choice(['OR', 'NOT', 'AND'])} {piece(1, 4)}"
        if kind == "filtered":
            asked["dates"] = str(entry.date.year) if entry.date else None
            asked["issuers"] = entry.issuers[:1]
        yield {"query": text, **asked}


def answer(kb: KnowledgeBase, asked: dict[str, Any], most: int = 1_000_000) -> tuple[int, list[str], dict[str, float]]:
    """The number of hits, the paths of the first ten, and the scores of all, or of ``most``."""
    found = kb.search(**asked, limit=most)
    scores = {hit.path: hit.score for hit in found.hits}
    assert len(scores) == min(found.total, most), asked
    return found.total, [hit.path for hit in found.hits[:TEN]], scores


def told_apart(kb: KnowledgeBase, asked: dict[str, Any]) -> object:
    """What tells sets of hits apart without fetching them: how many have each department, tag, kind, status, month."""
    found = kb.search(**asked, limit=0, facets=True)
    return found.total, found.facets


def compare(one: KnowledgeBase, other: KnowledgeBase, asked: list[dict[str, Any]], note: Path | None) -> None:
    """Prints how many answers are equal, and writes those that are not."""
    same_set = same_ten = same_answer = 0
    for number, each in enumerate(asked):
        first, second = answer(one, each, FETCHED), answer(other, each, FETCHED)
        sets, tens = first[0] == second[0], first[1] == second[1]
        if sets:
            sets = (told_apart(one, each) == told_apart(other, each) if first[0] > FETCHED
                    else first[2].keys() == second[2].keys())  # fmt: skip
        same_set, same_ten, same_answer = same_set + sets, same_ten + tens, same_answer + (first == second)
        if note and not (sets and tens):
            line = {"asked": str(each), "totals": [first[0], second[0]], "ten": [first[1], second[1]],
                    "scores": [[s.get(p) for p in (*first[1], *second[1])] for s in (first[2], second[2])]}  # fmt: skip
            with note.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        if number % 100 == 99:
            print(f"  {number + 1}: sets {same_set}, ten {same_ten}, whole answers {same_answer}", flush=True)
    print(f"{len(asked)} queries: same sets {same_set}, same first ten {same_ten}, same answers {same_answer}")


def main(arguments: list[str]) -> None:
    url, entries, number = arguments[0], int((arguments[1:] or ["0"])[0]), int((arguments[2:] or ["2000"])[0])
    with tempfile.TemporaryDirectory() as folder:
        root, other = Path(folder, "one"), Path(folder, "other")
        if entries:
            shutil.copytree(make(CACHE / f"corpus-{entries}", entries) / "corpus", root / "corpus")
        else:
            shutil.copytree(ranking.ROOT / "corpus", root / "corpus")
        shutil.copytree(root, other)
        (other / "corpus" / "kb.toml").write_text(
            f'name = "other"\nengine = "opensearch"\n[opensearch]\nurl = "{url}"\n'
            f'index = "agreement-{uuid.uuid4().hex}"\nreplicas = 0\n', encoding="utf-8")  # fmt: skip
        note = Path(arguments[3]) if len(arguments) > 3 else None
        with KnowledgeBase.open(root) as one, KnowledgeBase.open(other) as two:
            for kb in (one, two):
                print(kb.refresh())
            if not entries:
                judgments = ranking.read_judgments(ranking.JUDGMENTS, [policy.id for policy in one.policies()])
                for name, kb in (("one machine", one), ("cluster", two)):
                    print(name, ranking.Scores.mean(ranking.evaluate(ranking.policykb(kb), judgments)))
                compare(one, two, [{"query": each.text, **each.filters} for each in judgments], note)
            compare(one, two, list(queries(one, number)), note)


if __name__ == "__main__":
    main(sys.argv[1:])
