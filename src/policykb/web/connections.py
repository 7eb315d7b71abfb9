"""`Bounded`: a connection that ends when nothing is asked on it, or nothing taken from it, in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

_PATIENCE = 20.0  # seconds without a request, or without a piece of an answer taken


class Bounded(H11Protocol):
    """uvicorn's own connection waits for ever for a first request, for the end of one's headers, for the rest of what
    was refused and for the reader of an answer: a thousand of these, and nobody else can connect.

    It looks at itself now and then. What works at a request is left alone: `policykb.web.forms` bounds what is sent.
    """

    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begins to look."""
        super().connection_made(transport)
        self._look(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Looks no more."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look(self, before: tuple[object, int] | None) -> None:
        now = (self.cycle, self.transport.get_write_buffer_size())
        idle = self.cycle is None or self.cycle.response_complete or self.flow.write_paused
        if idle and now == before:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(_PATIENCE, self._look, now)
