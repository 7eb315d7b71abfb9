"""How like a word is to what was typed: by sound, by shape, by a character more, less or another.

Loaded only where nothing is found. The sounds are data, ``data/pinyin.txt``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from policykb.files import toml
from policykb.files.packaged import DATA
from policykb.files.reading import read_terms
from policykb.search.record import HAN

SURE = 0.9  # likeness of words that sound the same
_INITIALS, _LOOKS, _OTHER, _LENGTH = 0.8, 0.85, 0.7, 0.6
_SHORTEST = 3  # characters of a word in which another character makes no other word


@cache
def _sounds() -> Mapping[str, tuple[str, ...]]:
    """The sounds of each character."""
    found: dict[str, tuple[str, ...]] = {}
    for line in read_terms(DATA / "pinyin.txt"):
        sound, characters = line.split(" ")
        for char in characters:
            found[char] = (*found.get(char, ()), sound)
    return found


@cache
def _alike() -> Mapping[str, str]:
    """The characters that scanning and typing confuse with each."""
    groups = toml.read(DATA / "documents.toml")["matching"]["lookalikes"]
    return {char: group.replace(char, "") for group in groups for char in group}


def first_characters(typed: str) -> Iterator[str]:
    """The characters that a word like ``typed`` may begin with."""
    sounds, first = _sounds(), typed[0]
    yield first
    if first < HAN:
        for char, own in sounds.items():
            if any(sound[0] == first for sound in own):
                yield char
        return
    yield from typed[1:2]
    yield from _alike().get(first, "")
    same = set(sounds.get(first, ()))
    yield from (char for char, own in sounds.items() if char != first and same.intersection(own))


def numerals(word: str) -> str:
    """The numerals of a word, in figures or characters (2026, 十三五): with others it is never what was meant."""
    return "".join(filter(str.isnumeric, word))


def likeness(typed: str, word: str) -> float:
    """From 0 to 1, which means that only a space or nothing differs; both are folded."""
    if not (typed.isascii() and typed.isalpha()) and numerals(typed) != numerals(word):
        return 0.0
    if typed.isascii():
        return _romanised(typed, word) if word >= HAN else _OTHER if _one_edit(typed, word, 4) else 0.0
    if len(typed) != len(word):
        return _LENGTH if _one_edit(typed, word, _SHORTEST) else 0.0
    sounds = _sounds()
    others = [(a, b) for a, b in zip(typed, word, strict=True) if a != b]
    if all(set(sounds.get(a, ())).intersection(sounds.get(b, ())) for a, b in others):
        return SURE + 0.1 / (1 + len(others))
    if len(others) == 1:
        a, b = others[0]
        return _LOOKS if b in _alike().get(a, "") else _OTHER if len(typed) >= _SHORTEST else 0.0
    return 0.0


def _romanised(typed: str, word: str) -> float:
    """Of a word of Han characters to its sounds, or their first letters, typed in Latin letters."""
    own = [_sounds().get(char, ()) for char in word]
    if len(word) < 2 or not all(own) or len(word) > len(typed):
        return 0.0
    if len(word) == len(typed):
        fits = all(any(sound[0] == letter for sound in each) for each, letter in zip(own, typed, strict=True))
        return _INITIALS if fits and len(word) >= _SHORTEST else 0.0
    return 1.0 if any("".join(sounds) == typed for sounds in product(*own)) else 0.0


def _one_edit(one: str, other: str, shortest: int) -> bool:
    """Whether two words of so many characters differ in one: another, one more, or two that changed places."""
    short, long = sorted((one, other), key=len)
    if len(short) < shortest or len(long) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] == long[at : at + 2]
    return short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])


def one_apart(typed: str, name: str) -> bool:
    """Whether a name differs from what was typed in one character, or in two that changed places."""
    return _one_edit(typed, name, _SHORTEST)
