"""`Bounded`: a connection that ends when nothing is asked on it, or nothing taken from it, in time; not too many."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

_PATIENCE = 20.0  # seconds without a request, or without a piece of an answer taken
_MOST = 500  # connections
_AT_ONCE = 64  # of them taken before a look at how many there are; asyncio logs each that it has no file for


@cache
def most() -> int:
    """How many connections are kept: the index and documents need some of the files that this process may open."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows, where connections are no files
        return _MOST
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files == resource.RLIM_INFINITY else min(_MOST, files // 3)


def backlog() -> int:
    """How many connections are taken at once: beside those that are kept, two such lots can be there."""
    return min(_AT_ONCE, most() // 3)


class Bounded(H11Protocol):
    """uvicorn's own connection waits for ever for a first request, for the end of one's headers, for the rest of what
    was refused and for the reader of an answer: a thousand of these, and nobody else can connect.

    It looks at itself now and then. What works at a request is left alone: `policykb.web.forms` bounds what is sent.
    Where there are too many, one that nothing is asked on makes room for the newest.
    """

    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begins to look."""
        super().connection_made(transport)
        if len(self.connections) > most():
            others = cast("set[Bounded]", self.connections - {self})
            ended = next((one for one in others if one._unasked), self)
            self.connections.discard(ended)  # now: many may come before it is closed
            ended.transport.abort()
        self._look(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Looks no more."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    @property
    def _unasked(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _look(self, before: tuple[object, int] | None) -> None:
        now = (self.cycle, self.transport.get_write_buffer_size())
        if (self._unasked or self.flow.write_paused) and now == before:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(_PATIENCE, self._look, now)
