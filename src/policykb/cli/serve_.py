"""``policykb serve``."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

import click

from policykb.cli.options import knowledge_base, own_root, today
from policykb.cli.output import say
from policykb.corpus.settings import load_settings
from policykb.errors import MissingExtraError, OutputError
from policykb.files.reading import reason
from policykb.i18n import _


@click.command("serve", help=_("Show the knowledge base as pages in the browser."))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help=_("The address to listen at."))
@click.option("--port", type=click.IntRange(0, 65535), default=8420, show_default=True, metavar="PORT")
@click.option("--allow-host", multiple=True, metavar="NAME", help=_("A name under which a proxy reaches the page."))
@click.option("--read-only", is_flag=True, help=_("Let nobody change an entry from a page."))
@click.option("--trust-network", is_flag=True, help=_("Let whoever reaches --host change entries, too."))
@click.option("--open", "open_", is_flag=True, help=_("Open the page in the browser."))
@click.pass_context
def command(
    ctx: click.Context, /, host: str, port: int, allow_host: tuple[str, ...], read_only: bool, trust_network: bool,
    open_: bool,
) -> None:  # fmt: skip
    if read_only and trust_network:
        raise click.UsageError(_("--read-only and --trust-network exclude each other"))
    try:
        import uvicorn

        from policykb.web.app import application
        from policykb.web.connections import Bounded, backlog
        from policykb.web.site import Site
    except ModuleNotFoundError:
        raise MissingExtraError(_("showing pages"), "web") from None

    local = host.casefold() == "localhost" or _is(host, "is_loopback")
    own = own_root(ctx) is not None  # the shipped entries belong to all who use the package
    with knowledge_base(ctx) as kb, contextlib.closing(_listening(host, port)) as listening:
        # not the server's own language: its users are elsewhere
        lang = ctx.obj["lang"] or load_settings(kb.corpus.root).lang or "zh_CN"
        writable = own and not read_only and (local or trust_network)
        site = Site(kb, lang=lang, today=lambda: today(ctx), writable=writable)
        app = application(site, own=host, hosts=allow_host)
        config = uvicorn.Config(
            app, http=Bounded, ws="none", log_level="warning", access_log=False, lifespan="off", backlog=backlog()
        )
        server = uvicorn.Server(config)
        named = f"[{host}]" if ":" in host else host
        address = f"http://{named}:{listening.getsockname()[1]}/"
        say(_("the page is at {address}; Ctrl-C ends it").format(address=address))
        if not local and not read_only and not trust_network:
            say(_("other machines can reach it, so it is only for reading; --trust-network lets them change entries"))
        if _is(host, "is_unspecified") and not allow_host:
            say(_("it answers to names of this machine only; --allow-host NAME for each other name that it has"))
        if open_:
            click.launch(address)
        server.run(sockets=[listening])


def _is(host: str, what: str) -> bool:
    """Whether a host is an address that is so: ``is_loopback``, ``is_unspecified`` (all that this machine has)."""
    try:
        return bool(getattr(ipaddress.ip_address(host), what))
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        text = _("cannot listen at {host}:{port}: {reason}; another --port may be free")
        raise OutputError(text.format(host=host, port=port, reason=reason(error))) from None
    # A page leaves in two pieces, and Nagle's algorithm would keep the second until the first is acknowledged, 40 ms
    # later; asyncio switches it off for the sockets that it makes itself only.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
