"""Where templates run: one from somebody else runs no code, reads no file outside its knowledge base, and ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, nodes
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter

from policykb.errors import OutputError
from policykb.i18n import _

STEPS = 20_000_000  # passes through loops, and calls: minutes; a document of 50,000 entries takes a tenth
_LONGEST = 10_000_000  # characters or items of what is multiplied
_HIGHEST = 100  # power
_ROOM = 2 << 30  # bytes of memory beside what the process has; with a digest of 50,000 entries it has 1.2 GB in all


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates have ``STEPS`` for all that they do; one that takes more is a SecurityError."""

    intercepted_binops = frozenset(["*", "**"])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left = STEPS
        self.filters["_counted"] = self._counted

    def fill(self, text: object, **words: Any) -> str:
        """`str.format` with the rules of the sandbox: no attribute leads to what is not the template's."""
        return SandboxedFormatter(self).vformat(str(text), (), words)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in list(template.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        return template

    def _counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._step()
            yield item

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SecurityError(_("it takes more than {number} steps").format(number=f"{STEPS:,}"))

    def call(self, context: Context, called: Any, /, *arguments: Any, **named: Any) -> Any:
        self._step()
        return super().call(context, called, *arguments, **named)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            huge = abs(right) > _HIGHEST or abs(left) > 10**_HIGHEST
        else:
            pairs = ((left, right), (right, left))
            huge = any(hasattr(of, "__len__") and len(of) * times > _LONGEST for of, times in pairs)
        if huge:
            raise SecurityError(
                _("{left!r:.20} {operator} {right!r:.20} is too large").format(
                    left=left, operator=operator, right=right
                )
            )
        return super().call_binop(context, operator, left, right)


class Compiled(BytecodeCache):
    """Templates that this process has compiled: each is, once, however many documents are written with it."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = {False: Compiled(), True: Compiled()}  # for HTML, for Markdown: they are not compiled alike


class Loader(FileSystemLoader):
    """Templates in folders, of which ``home`` is one that no link may lead out of."""

    def __init__(self, folders: Iterable[Path], home: Path | None) -> None:
        super().__init__(list(folders))
        self._home = home

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, is_fresh = super().get_source(environment, template)
        homes = [home for home in (self._home,) if home and Path(file).is_relative_to(home)]
        if any(not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(home)) for home in homes):
            raise OutputError(_("template {file} is a link that leads out of the knowledge base").format(file=file))
        return source, file, is_fresh


class _Bound:
    """Whatever needs more than ``_ROOM`` is a MemoryError while a template of somebody else runs, on Linux.

    The bound is one of the whole process: of several documents that are written at once the last takes it away.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = 0
        self._before = (0, 0)  # the limits, soft and hard

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if sys.platform != "linux":
            yield
            return
        import resource

        with self._lock:
            self._running += 1
            if self._running == 1:
                soft, hard = self._before = resource.getrlimit(resource.RLIMIT_AS)
                with suppress(OSError):  # without /proc there is no bound
                    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
                    room = taken + _ROOM if soft == resource.RLIM_INFINITY else min(taken + _ROOM, soft)
                    resource.setrlimit(resource.RLIMIT_AS, (room, hard))
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    resource.setrlimit(resource.RLIMIT_AS, self._before)


BOUND = _Bound()
