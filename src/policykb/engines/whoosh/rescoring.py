"""What word counts do not see: the query standing in a title or text as typed, its words close together."""

from __future__ import annotations

from collections.abc import Sequence

RESCORED = 200  # entries that are looked at again

# Second look: shares of the words' idf that are added for the query standing there as typed, or its words near.
IN_TITLE, IN_DOCUMENTS, IN_BODY, NEAR = 1.0, 0.6, 0.4, 0.4


def nearness(text: str, words: Sequence[str]) -> float:
    """How close together a text has all the words: 1 when nothing stands between them, 0 when one is missing."""
    places: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        start = text.find(word)
        if start < 0:
            return 0.0
        count = 0
        while start >= 0 and count < 20:
            places.append((start, number))
            start = text.find(word, start + 1)
            count += 1
    places.sort()
    needed = sum(map(len, words))
    best = len(text)
    seen: dict[int, int] = {}
    for start, number in places:
        seen[number] = start
        if len(seen) == len(words):
            best = min(best, start + len(words[number]) - min(seen.values()))
    return needed / max(best, needed)
