"""One entry for reading in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import style

from policykb.render.body import to_html
from policykb.render.facts import facts
from policykb.render.terminal.html import lines
from policykb.render.terminal.widths import fit, text_of, width, wrap
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy


def render(policy: Policy, columns: int) -> str:
    """The title, what the entry says of itself, and its body, in lines of at most ``columns``."""
    title = visible(policy.title)
    found = [style(title[start:end], bold=True) for start, end in wrap(title, columns)]
    found += [style(visible(policy.id), dim=True), ""]
    rows = facts(policy)
    head = max((width(label) for label, _ in rows), default=0)
    for label, text in rows:
        for line in visible(text).split("\n"):
            for start, end in wrap(line, columns - head - 2):
                found.append(style(fit(label, head), dim=True) + "  " + line[start:end])
                label = ""
    found += ["", *lines(to_html(policy.body, level=1), columns)]
    return text_of(line.rstrip() for line in found)
