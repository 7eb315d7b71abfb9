"""The files of ``corpus/market/`` as a program writes them, for `policykb.market.files` to read again."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence

from policykb.files import toml
from policykb.i18n import _
from policykb.market.statements import DAILY, Day, Figure, FigureReport, Ratio


def dump_figures(report: FigureReport, left_out: Sequence[Figure] = ()) -> str:
    """A report's figures as TOML, one record a line; what was ``left_out`` as contradictory stands there as comment."""
    head = _(
        "Figures that policykb read from the report, each with its sentence. Hold every one against it, correct or "
        "delete what is wrong, and set reviewed = true: until then it is said wherever they are shown that nobody has "
        "looked at them. 'policykb market check' says what does not agree."
    )
    lines = [*(f"# {line}" for line in textwrap.wrap(head, 110)), "", f"reviewed = {json.dumps(report.reviewed)}", ""]
    lines += [f"{key} = {toml.quoted(getattr(report, key))}" for key in ("title", "market", "publisher")]
    lines += ["", "figures = ["]
    chapter = ""
    for figure in report.figures:
        if (here := figure.at.partition("，")[0]) != chapter:
            lines.append(f"    # {here}")
            chapter = here
        lines.append(f"    {_record(figure)},")
    for figure in left_out:
        said = _("left out, for the report says something else too: {record}").format(record=_record(figure))
        lines.append(f"    # {said}")
    lines.append("]")
    if report.ratios:
        lines += ["", "ratios = [", *(f"    {_ratio(ratio)}," for ratio in report.ratios), "]"]
    return "\n".join(lines) + "\n"


def dump_daily(days: Sequence[Day]) -> str:
    """A daily series as CSV."""
    rows = [",".join("" if (cell := getattr(day, column)) is None else f"{cell}" for column in DAILY) for day in days]
    return "\n".join((",".join(DAILY), *rows)) + "\n"


def _record(figure: Figure) -> str:
    pairs = list(_pairs(figure))
    return "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"


def _pairs(figure: Figure) -> Iterator[tuple[str, str]]:
    yield "period", toml.quoted(figure.period.name)
    for key in ("what", "value", "unit"):
        yield key, toml.quoted(getattr(figure, key))
    if figure.day:
        yield "day", figure.day.isoformat()
    if figure.marks:
        yield "marks", toml.quoted_list(figure.marks)
    if figure.over is not None:
        yield "over", toml.quoted(str(figure.over))
    for key in ("bound", "at", "note"):
        if value := getattr(figure, key):
            yield key, toml.quoted(value)
    if figure.printed:
        yield "printed", "{" + ", ".join(f"{key} = {toml.quoted(text)}" for key, text in figure.printed.items()) + "}"
    if figure.sentence:
        yield "sentence", toml.quoted(figure.sentence)


def _ratio(ratio: Ratio) -> str:
    of, to = (f"{f.period.name} {f.what}" for f in (ratio.of, ratio.to))
    texts = {"of": of, "to": to, "value": ratio.value, "bound": ratio.bound or "", "at": ratio.at}
    said = (f"{key} = {toml.quoted(text)}" for key, text in texts.items() if text or key != "bound")
    return f"{{{', '.join(said)}}}"
