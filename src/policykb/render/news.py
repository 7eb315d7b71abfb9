"""News as text, Markdown, HTML, Word, Atom or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policykb.render.news_view import document

if TYPE_CHECKING:
    from policykb.news.news import News
    from policykb.render.labels import Labels

DOCUMENTS = ("md", "html", "docx", "atom")  # in Chinese, whatever the language of messages
FORMATS = ("text", *DOCUMENTS, "json")


def render(news: News, form: str, *, labels: Labels, corpus: Path | None, columns: int) -> bytes | str:
    """The news in one of ``FORMATS``; ``corpus`` is the folder whose templates replace the packaged ones."""
    if form == "text":
        from policykb.render.terminal import news as terminal

        return terminal.news(news, columns)
    if form == "json":
        from policykb.render.news_records import news_record
        from policykb.render.records import as_json

        return as_json(news_record(news))
    view = document(news, labels)
    if form == "atom":
        from policykb.render import feeds

        return feeds.news(view, news)
    if form == "docx":
        from policykb.render.word import documents

        return documents.news(view, news.today, labels, corpus)
    from policykb.render import templates

    return templates.render(f"news.{form}.j2", corpus, labels, view=view)
