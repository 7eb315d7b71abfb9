"""The query language: what is typed becomes the tree of a query.

The language, for those who want it; plain words need none of it::

    碳足迹 标识             both words (anywhere in the entry)
    "碳排放权交易"           exactly this string; “…” too (“…” inside a sentence is a part of it)
    水泥 OR 钢铁, 水泥 | 钢铁  either
    (水泥 OR 钢铁) 配额       brackets after a space or at the start group
    -征求意见稿, NOT 征求意见稿  without
    碳*, 碳?双控             * stands for any characters of a run, ? for one
    title:配额 标题:配额       only in the title
    issuer: tag: kind: status: level: region: date: number:   部门: 标签: 文种: 状态: 级别: 地区: 日期: 文号:
    依据:能源法 basis:能源法   what rests on it; so all types of relations, and cites: for any relation
    date:none 日期:无          without a date

A value with spaces is quoted: ``date:"近 三个月"``. An unknown field name is taken as plain words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policykb.domain.policy import QUERY_FIELDS
from policykb.errors import QueryError
from policykb.i18n import _
from policykb.search.nodes import And, Field, Not, Or, Phrase, Wildcard, Word

if TYPE_CHECKING:
    from policykb.search.nodes import Node

LONGEST = 5_000  # characters of a query
DEEPEST = 20  # brackets inside brackets

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<minus>-(?=[^\s-]))
    | (?P<open>\()
    | (?P<close>\))
    | (?P<or>(?:\|+|OR)(?!\S))
    | (?P<and>AND(?!\S))
    | (?P<not>NOT(?!\S))
    | (?P<quote>"|“)
    | (?P<field>[^\W\d_]{1,8}(?::|：)(?=\S))
    """,
    re.VERBOSE,
)
_SENTENCE = 12  # characters from which a ? inside is the mark of a question, not a wildcard
_WORD_END = re.compile(r"\s")


def parse(text: str) -> Node | None:
    """The query as a tree; None when it asks for nothing. Plain punctuation between words is left out.

    Raises `QueryError`, which points at the place, for an unclosed quote or bracket, an operator without its
    words and a query that is too long or too deep.
    """
    if len(text) > LONGEST:
        problem = _("a query has at most {most:,} characters, not {number:,}").format(most=LONGEST, number=len(text))
        raise QueryError(problem, query=text, position=LONGEST)
    if text.strip() in ("OR", "AND", "NOT"):
        return Word(text.strip(), text.index(text.strip()))
    return _Parser(text).alternatives(0)


def _field(written: str) -> str:
    """The field of the index, or the type of a relation, that a name stands for; '' where it is none."""
    if one := QUERY_FIELDS.get(written.lower()):
        return one.query[0]
    from policykb.domain.relation import relation_type  # most queries have no other field

    return relation_type(written) or ""


class _Parser:
    """Recursive descent over the text: alternatives, sequences, items."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0  # brackets open around the current place

    def _fail(self, problem: str, position: int) -> QueryError:
        return QueryError(problem, query=self.text, position=position)

    def _next(self) -> tuple[str, int]:
        """The kind of the next token and where it begins, after spaces; '' at the end."""
        while self.at < len(self.text):
            match = _TOKEN.match(self.text, self.at)
            if match is None or match.lastgroup is None:
                return "word", self.at
            if match.lastgroup == "space":
                self.at = match.end()
                continue
            if match.lastgroup == "field" and not _field(match[0][:-1]):
                return "word", self.at
            if match.lastgroup == "close" and not self.groups:
                return "word", self.at
            if match[0] == "“" and "”" not in self.text[match.end() :]:
                return "word", self.at
            return match.lastgroup, self.at
        return "", self.at

    def alternatives(self, depth: int) -> Node | None:
        if depth > DEEPEST:
            raise self._fail(_("more than {most} brackets inside one another").format(most=DEEPEST), self.at)
        branches: list[Node] = []
        while True:
            branch = self.sequence(depth)
            kind, start = self._next()
            if kind != "or":
                if branch is not None:
                    branches.append(branch)
                elif branches:
                    raise self._fail(_("OR needs words on both sides"), start)
                break
            if branch is None:
                raise self._fail(_("OR needs words on both sides"), start)
            branches.append(branch)
            operator = _TOKEN.match(self.text, start)
            assert operator
            self.at = operator.end()
        if len(branches) > 1:
            return Or(tuple(branches))
        return branches[0] if branches else None

    def sequence(self, depth: int) -> Node | None:
        items: list[Node] = []
        while True:
            kind, start = self._next()
            if kind in ("", "or", "close"):
                break
            if kind == "and":
                if not items:
                    raise self._fail(_("AND needs words on both sides"), start)
                self.at = start + 3
                if self._next()[0] in ("", "or", "close", "and"):
                    raise self._fail(_("AND needs words on both sides"), start)
                continue
            item = self.item(kind, start, depth)
            if item is not None:
                items.append(item)
        if len(items) > 1:
            return And(tuple(items))
        return items[0] if items else None

    def item(self, kind: str, start: int, depth: int) -> Node | None:
        if kind in ("minus", "not"):
            self.at = start + (1 if kind == "minus" else 3)
            kind, inner = self._next()
            if kind in ("", "or", "and", "close"):
                raise self._fail(_("nothing to exclude"), start)
            if depth >= DEEPEST:
                raise self._fail(_("more than {most} exclusions inside one another").format(most=DEEPEST), start)
            item = self.item(kind, inner, depth + 1)
            return Not(item) if item is not None else None
        if kind == "open":
            self.at = start + 1
            self.groups += 1
            node = self.alternatives(depth + 1)
            if self._next()[0] != "close":
                raise self._fail(_("this bracket is not closed"), start)
            self.groups -= 1
            self.at += 1
            return node
        if kind == "quote":
            value = self._quoted(start)
            return Phrase(value, start) if value.strip() else None
        if kind == "field":
            match = _TOKEN.match(self.text, start)
            assert match
            self.at = match.end()
            name = _field(match[0][:-1])
            value = self._quoted(self.at) if self.text[self.at] in '"“' else self._bare()
            if not value.strip():
                raise self._fail(_("{field} needs a value").format(field=match[0]), start)
            return Field(name, value.strip(), start)
        value = self._bare()
        asked = value.rstrip("?")  # the mark of a question
        if not re.search(r"\w", asked):
            return None
        wild = "*" in asked or ("?" in asked and len(asked) <= _SENTENCE)
        return Wildcard(asked, start) if wild else Word(asked, start)

    def _quoted(self, start: int) -> str:
        closing = '"' if self.text[start] == '"' else "”"
        end = self.text.find(closing, start + 1)
        if end < 0:
            raise self._fail(_("this quote is not closed"), start)
        self.at = end + 1
        return self.text[start + 1 : end]

    def _bare(self) -> str:
        """Text up to a space, a "quoted string" or a bracket that closes what is open outside of it."""
        start = self.at
        open_inside = 0
        self.at += self.text[start] in "“”"
        while self.at < len(self.text) and not _WORD_END.match(self.text, self.at):
            char = self.text[self.at]
            if char == '"' and self.at > start and '"' in self.text[self.at + 1 :]:
                break
            if char == "(":
                open_inside += 1
            elif char == ")":
                if not open_inside and self.groups:
                    break
                open_inside = max(open_inside - 1, 0)
            self.at += 1
        return self.text[start : self.at]
