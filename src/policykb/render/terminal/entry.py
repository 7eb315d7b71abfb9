"""One entry: in the terminal, as JSON, as an HTML page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

LABELS = {
    "date": "发布日期",
    "date_end": "结束日期",
    "issuers": "发文机关",
    "number": "发文字号",
    "kind": "文种",
    "status": "状态",
    "effective": "施行日期",
    "tags": "标签",
    "documents": "文件",
    "source": "来源",
}


def facts(policy: Policy) -> list[tuple[str, str]]:
    """The metadata that an entry has, as label and text, in the order of official documents."""
    issuers = "、".join(policy.issuers)
    if policy.issuer_count:
        issuers += f"等{policy.issuer_count}部门"
    values = {
        "date": policy.date.isoformat(),
        "date_end": policy.date_end.isoformat() if policy.date_end else "",
        "issuers": issuers,
        "number": policy.number or "",
        "kind": policy.kind or "",
        "status": policy.status or "",
        "effective": policy.effective.isoformat() if policy.effective else "",
        "tags": "、".join(policy.tags),
        "documents": "\n".join(f"《{name}》" for name in policy.documents),
        "source": policy.source or "",
    }
    return [(LABELS[key], value) for key, value in values.items() if value]


def as_dict(policy: Policy) -> dict[str, Any]:
    """An entry with all its fields as plain data."""
    return {
        "id": policy.id,
        "title": policy.title,
        "date": policy.date.isoformat(),
        "issuers": list(policy.issuers),
        "issuer_count": policy.issuer_count,
        "tags": list(policy.tags),
        "kind": policy.kind,
        "status": policy.status,
        "documents": list(policy.documents),
        "number": policy.number,
        "effective": policy.effective and policy.effective.isoformat(),
        "date_end": policy.date_end and policy.date_end.isoformat(),
        "source": policy.source,
        "extra": dict(policy.extra),
        "body": policy.body,
    }


def as_json(policy: Policy, path: str) -> str:
    """An entry as JSON, version 1: the keys of the front matter, ``body``, and ``path`` in the knowledge base."""
    return json.dumps({"format": 1, **as_dict(policy), "path": path}, ensure_ascii=False, indent=2, default=str)


def body_html(body: str) -> str:
    """Markdown as HTML in which nothing can run: cleaned after conversion."""
    import markdown
    import nh3

    return nh3.clean(markdown.markdown(visible(body), extensions=["tables", "sane_lists"]))


def as_html(policy: Policy) -> str:
    """An entry as a page of its own."""
    from html import escape

    rows = "".join(
        f"<tr><th>{label}</th><td>{escape(visible(text)).replace(chr(10), '<br>')}</td></tr>"
        for label, text in facts(policy)
    )
    title = escape(visible(policy.title))
    return (
        '<!doctype html>\n<html lang="zh-Hans"><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style>\n"
        f"<h1>{title}</h1>\n<table>{rows}</table>\n{body_html(policy.body)}\n</html>"
    )


_STYLE = (
    "body{max-width:42em;margin:2em auto;padding:0 1em;line-height:1.7;"
    "font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif}"
    "th{text-align:left;vertical-align:top;white-space:nowrap;padding-right:1.5em;font-weight:normal;color:#555}"
)


def show(policy: Policy, *, color: bool | None = None) -> None:
    """Prints an entry for reading, through the pager on a terminal where it does not fit."""
    import sys

    from rich.console import Console
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console(no_color=color is False, highlight=False, width=None if sys.stdout.isatty() else 80)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    for label, text in facts(policy):
        table.add_row(label, Text(visible(text)))

    def render() -> None:
        console.print(Text(visible(policy.title), style="bold"))
        console.print(Text(visible(policy.id), style="dim"))
        console.print(Padding(table, (1, 0)))
        console.print(Markdown(visible(policy.body)))

    if sys.stdout.isatty() and len(policy.body) > 40 * console.height:
        with console.pager(styles=color is not False):
            render()
    else:
        render()
