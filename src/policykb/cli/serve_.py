"""``policykb serve``."""

from __future__ import annotations

import contextlib
import socket

import click

from policykb.cli.options import knowledge_base, today
from policykb.cli.output import say
from policykb.corpus.settings import load_settings
from policykb.errors import OutputError
from policykb.i18n import _


@click.command("serve", help=_("Show the knowledge base as pages in the browser."))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help=_("The address to listen at."))
@click.option("--port", type=click.IntRange(0, 65535), default=8420, show_default=True, metavar="PORT")
@click.option("--allow-host", multiple=True, metavar="NAME", help=_("A name under which a proxy reaches the page."))
@click.option("--open", "open_", is_flag=True, help=_("Open the page in the browser."))
@click.pass_context
def command(ctx: click.Context, /, host: str, port: int, allow_host: tuple[str, ...], open_: bool) -> None:
    try:
        import uvicorn

        from policykb.web.app import application
        from policykb.web.guard import LOOPBACK
        from policykb.web.site import Site
    except ModuleNotFoundError as error:
        raise OutputError(_("{name} is missing: pip install 'policykb[web]'").format(name=error.name)) from None

    with knowledge_base(ctx) as kb, contextlib.closing(_listening(host, port)) as listening:
        address = f"http://{host}:{listening.getsockname()[1]}/"
        # not the server's own language: its users are elsewhere
        site = Site(kb, lang=ctx.obj["lang"] or load_settings(kb.corpus.root).lang or "zh_CN", today=lambda: today(ctx))
        app = application(site, hosts={*LOOPBACK, host, *allow_host})
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        say(_("the page is at {address}; Ctrl-C ends it").format(address=address))
        if open_:
            click.launch(address)
        server.run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        text = _("cannot listen at {host}:{port}: {reason}; another --port may be free")
        raise OutputError(text.format(host=host, port=port, reason=error.strerror)) from None
