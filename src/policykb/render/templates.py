"""The jinja2 templates: the packaged ones, and those of the knowledge base that replace them.

A template with ``.html.`` in its name escapes every value for HTML, one with ``.md.`` for Markdown; the filters
``html_body`` and ``md_body`` give text that is safe already. `policykb.render.sandbox` says what they may do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.digest import manifest
from policykb.errors import MissingExtraError, OutputError
from policykb.files.packaged import TEMPLATES
from policykb.i18n import _
from policykb.render import body

if TYPE_CHECKING:
    from jinja2 import Environment

    from policykb.render.labels import Labels


def render(name: str, corpus: Path | None, labels: Labels, **values: Any) -> bytes:
    """A template filled in, as UTF-8; an OutputError names the template and the line that is wrong."""
    try:
        import jinja2
    except ImportError:
        raise MissingExtraError(_("writing documents"), "report") from None

    environment = _environment(corpus, labels, markdown=".md." in name)
    try:
        with _bounded(corpus):
            text = "".join(environment.get_template(name).generate(**values))
    except (RecursionError, MemoryError) as error:
        problem = _("template {place}: it takes too much memory, or calls itself")
        raise OutputError(problem.format(place=_place(error, name))) from None
    except jinja2.TemplateNotFound as error:
        raise OutputError(_("template {name} is missing").format(name=error.name)) from None
    except jinja2.TemplateSyntaxError as error:
        place = _("{file}, line {line}").format(file=error.filename or error.name, line=error.lineno)
        raise OutputError(_("template {place}: {problem}").format(place=place, problem=error.message)) from None
    except (
        jinja2.TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise OutputError(_("template {place}: {problem}").format(place=_place(error, name), problem=error)) from None
    if ".md." in name:
        text = re.sub("\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n")))
    return (text.strip("\n") + "\n").encode("utf-8", "replace")


def _bounded(corpus: Path | None) -> AbstractContextManager[None]:
    from policykb.render.sandbox import BOUND

    return BOUND() if corpus and (corpus / "templates").is_dir() else nullcontext()


def _environment(corpus: Path | None, labels: Labels, *, markdown: bool) -> Environment:
    from jinja2 import StrictUndefined
    from markupsafe import Markup

    from policykb.render.sandbox import COMPILED, Loader, Sandbox

    folders = [TEMPLATES] if corpus is None else [corpus / "templates", TEMPLATES]
    environment = Sandbox(
        loader=Loader(folders, corpus),
        bytecode_cache=COMPILED[markdown],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        # What is Markup already is not escaped again, for HTML, after this.
        finalize=(lambda value: value if isinstance(value, Markup) else Markup(body.escape(value)))
        if markdown
        else None,
    )
    environment.globals["labels"] = labels
    environment.filters |= {
        "period": labels.period,
        "day": labels.day,
        "issuers": lambda policy: labels.issuers(policy.issuers, policy.issuer_count),
        "counts": partial(counts, labels),
        "html_body": lambda text, level: Markup(body.to_html(text, level=level)),
        "md_body": lambda text, level: Markup(body.to_markdown(text, level=level)),
        "summary": body.summary,
        "svg": Markup,  # drawn by policykb, with all text escaped
        "comment": lambda covered: Markup(manifest.comment(covered)),
        "quoted": labels["words"]["quote"].format,
        "fill": environment.fill,
        "anchor": lambda id: f"e{hashlib.sha256(str(id).encode('utf-8', 'replace')).hexdigest()[:12]}",
    }
    return environment


def known_format(format: str, formats: Sequence[str]) -> None:
    """Raises OutputError for a format that is none of those."""
    if format not in formats:
        said = _("unknown format {format}; known are {formats}")
        raise OutputError(said.format(format=format, formats=", ".join(formats)))


def counts(labels: Labels, counted: Iterable[tuple[str, int]], limit: int) -> str:
    """生态环境部（18项）、工业和信息化部（7项）、另有12项: the first few names and how often they occur."""
    shown = [f"{name}（{labels['words']['entries'].format(count=count)}）" for name, count in counted]
    more = [labels["words"]["more"].format(count=len(shown) - limit)] if len(shown) > limit else []
    return str(labels["words"]["and"]).join(shown[:limit] + more)


def _place(error: Exception, name: str) -> str:
    """The template and line in which an error arose: the last frame of the traceback that is a template's."""
    place, trace = name, error.__traceback__
    while trace:
        filename = trace.tb_frame.f_code.co_filename
        if "__jinja_template__" in trace.tb_frame.f_globals or filename.endswith(".j2"):
            place = _("{file}, line {line}").format(file=filename, line=trace.tb_lineno)
        trace = trace.tb_next
    return place
