"""Snippets: the passage of an entry that answers the query best, with what was typed marked in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from policykb.search.request import Mark, Snippet
from policykb.text.fold import fold_with_offsets

LENGTH = 110  # characters a passage should have
LONGEST = 170  # characters it may have to end with a sentence

_MOST = 200  # matches in a passage that are looked at

_END = re.compile(r"[。！？!?；;]+[\")]*\x1f?|\x1f")
_PAUSE = re.compile(r"[，,、：:\s]")
_MARKUP = re.compile(r"[-*+#>|\s\x1f]+")  # how a line of Markdown can begin


def _pattern(exact: Iterable[str], synonyms: Iterable[str]) -> re.Pattern[str] | None:
    words = sorted({*exact, *synonyms} - {""}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words))) if words else None


def _marks(folded: str, offsets: Sequence[int], pattern: re.Pattern[str] | None, exact: frozenset[str]) -> list[Mark]:
    if pattern is None:
        return []
    return [Mark(offsets[m.start()], offsets[m.end() - 1] + 1, m[0] not in exact) for m in pattern.finditer(folded)]


def snippet(
    title: str,
    body: str,
    exact: Sequence[str],
    synonyms: Sequence[str] = (),
    within: tuple[int, int] | None = None,
) -> Snippet:
    """The best passage of ``body``: the sentences with the most different words that were typed.

    It is looked for ``within`` a part of the folded body, from one character to another, where that is given.
    ``exact`` and ``synonyms`` are folded strings. A passage lies within one paragraph; it begins and ends with a
    sentence where it can, otherwise at a comma. Without a match it is the beginning of the body.
    """
    folded, offsets = fold_with_offsets(body)
    typed = frozenset(exact)
    pattern = _pattern(exact, synonyms)
    found = [(m.start(), m.end(), m[0]) for m in pattern.finditer(folded)] if pattern else []
    in_title = tuple(_marks(*fold_with_offsets(title), pattern, typed))
    sentences = _sentences(folded, *(within or ()))
    if not sentences:
        return Snippet(title_marks=in_title)
    start, end = _best(sentences, found, typed, folded)
    if (start == 0 or folded[start - 1] == "\x1f") and (markup := _MARKUP.match(folded, start, end)):
        start = markup.end()
    if end - start > LONGEST:
        start, end = _cut(folded, start, end, found)
    while end > start and folded[end - 1] in "\x1f ":
        end -= 1
    if start >= end:
        return Snippet(title_marks=in_title)
    first, last = offsets[start], offsets[end - 1] + 1
    marks = tuple(
        Mark(offsets[s] - first, offsets[e - 1] + 1 - first, word not in typed)
        for s, e, word in found
        if start <= s and e <= end
    )
    return Snippet(body[first:last], first, marks, in_title)


def _sentences(folded: str, start: int = 0, stop: int | None = None) -> list[tuple[int, int]]:
    """Start and end of each sentence of a part; the end of a paragraph belongs to the sentence before it."""
    found = []
    stop = len(folded) if stop is None else stop
    for match in _END.finditer(folded, start, stop):
        if folded[start : match.end()].strip("\x1f "):
            found.append((start, match.end()))
        start = match.end()
    if folded[start:stop].strip():
        found.append((start, stop))
    return found


def _best(
    sentences: Sequence[tuple[int, int]],
    found: Sequence[tuple[int, int, str]],
    typed: frozenset[str],
    folded: str,
) -> tuple[int, int]:
    """The run of sentences of about `LENGTH` characters, within a paragraph, with the most to show."""

    starts = [start for start, _, _ in found]

    def worth(start: int, end: int) -> float:
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        if first == last:
            return 0.0
        inside = [word for _, stop, word in found[first : min(last, first + _MOST)] if stop <= end]
        kinds = set(inside)
        value = sum((2.0 if word in typed else 1.0) * (1 + len(word) / 4) for word in kinds)
        return value + 0.1 * min(len(inside) - len(kinds), 5)

    best, most = sentences[0], -1.0
    for first, (start, end) in enumerate(sentences):
        heading = folded[start] == "#"
        following = first + 1
        while following < len(sentences) and folded[end - 1] != "\x1f" and sentences[following][1] - start <= LENGTH:
            end = sentences[following][1]
            following += 1
        value = worth(start, end) - (1.5 if heading else 0.0)
        if value > most:
            best, most = (start, end), value
        if not found and most >= 0:  # nothing later is worth more
            break
    return best


def _cut(folded: str, start: int, end: int, found: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
    """A part of a long sentence around its first matches, from comma to comma where these are near."""
    places = [(s, e) for s, e, _ in found if start <= s and e <= end]
    centre = places[0][0] if places else start
    left = max(start, centre - LENGTH // 3)
    if left > start:
        pause = _PAUSE.search(folded, left, centre)
        left = pause.end() if pause else left
    right = min(end, left + LENGTH)
    if right < end:
        pauses = [m.start() for m in _PAUSE.finditer(folded, max(left, right - LENGTH // 3), min(end, right + 20))]
        matched = [e for s, e in places if s < right]
        right = max(pauses[-1] if pauses else right, matched[-1] if matched else left)
    return left, right
