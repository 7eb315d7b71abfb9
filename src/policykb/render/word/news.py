"""News as a Word document."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.render.word.writer import Writer

if TYPE_CHECKING:
    from policykb.render.labels import Labels
    from policykb.render.news_view import View


def news(view: View, day: date, labels: Labels, corpus: Path | None) -> bytes:
    """The news of a day as the bytes of a .docx file."""
    writer = Writer(view.title, labels, corpus)
    if not view.parts:
        writer.paragraph(view.nothing)
    for part in view.parts:
        writer.heading(part.name, 1)
        for item in part.items:
            writer.heading(item.title, 2, listed=False)
            writer.paragraph("　|　".join(filter(None, (labels.day(item.day), item.about))), "Meta")
            writer.bullets(item.lines)
    return writer.finish(day, "")
