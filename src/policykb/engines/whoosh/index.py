"""The index: a folder of Whoosh segments and what is known of the corpus they were made from.

README.md beside this file says what its files hold. Of Whoosh it uses segments with their columns, and nothing that
is pickled: opening an index, even a stranger's, runs none of its content.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage

from policykb.engines.sums import DamagedIndexError, checksum, decoding, is_regular, write_json
from policykb.engines.whoosh.codec import PackedCodec
from policykb.engines.whoosh.folder import NAME, discard, generation_in
from policykb.engines.whoosh.kept import Kept
from policykb.engines.whoosh.reader import Reader
from policykb.engines.whoosh.state import SMALL, manifest_name, read_manifest, read_state, write_manifest
from policykb.i18n import _
from policykb.ranking.searcher import Searcher
from policykb.text.lexicon import Lexicon
from policykb.text.thesaurus import Thesaurus

if TYPE_CHECKING:
    from policykb.engines.whoosh.state import Manifest, State

_LOOKS = 3  # a look at a folder may miss a file that is new and one that it replaces


class Index:
    """The index in ``folder``; nothing is read or made until it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: State | None = None  # of the snapshot that `searcher` opened last
        self._storage = FileStorage(str(folder))

    def generation(self) -> int:
        """The number of the newest generation, -1 without one."""
        for _look in range(_LOOKS):
            try:
                names = os.listdir(self.folder)
            except FileNotFoundError:
                break
            found = [number for name in names if (number := generation_in(name)) is not None]
            for number in sorted(found, reverse=True):
                if is_regular(self.folder / f"state_{number}.json"):
                    return number
        return -1

    def state(self, generation: int) -> State:
        """The state of a generation; `DamagedIndexError` if it cannot be read."""
        return read_state(self.folder / f"state_{generation}.json")

    def manifest(self, state: State) -> Manifest:
        """The corpus files of a generation; `DamagedIndexError` if it cannot be read."""
        return read_manifest(self.folder / state.manifest)

    def verify(self, state: State, *, thorough: bool = False) -> None:
        """Compares the index's files with their sums; `DamagedIndexError` names the first that differs.

        A large file whose size and time are as recorded is taken as good unless ``thorough``.
        """
        for name, (size, when, crc) in state.sums.items():
            path = self.folder / name
            try:
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode):
                    raise DamagedIndexError(_("{name} is no file of an index").format(name=name))
                if status.st_size != size:
                    text = _("{name} has {bytes} bytes, not {recorded}")
                    raise DamagedIndexError(text.format(name=name, bytes=status.st_size, recorded=size))
                if (thorough or size <= SMALL or status.st_mtime_ns != when) and checksum(path)[2] != crc:
                    raise DamagedIndexError(_("{name} is not as it was written").format(name=name))
            except FileNotFoundError as error:
                raise DamagedIndexError(_("{name} is missing").format(name=name)) from error

    def reader(self, state: State) -> Reader:
        """A snapshot of the generation of a state. FileNotFoundError when a newer one has replaced it meanwhile."""
        codec = PackedCodec()
        with decoding():
            segments = [
                W3Segment(codec, NAME, doccount=count, segid=id, deleted=set(deleted))
                for id, count, deleted in state.segments
            ]
            return Reader(self._storage, segments, Kept(self.folder, state.segments))

    def searcher(self, state: State) -> Searcher:
        """What searches a generation, with the dictionaries it was made with. Raises as `reader` does."""
        reader = self.reader(state)
        with decoding():
            lexicon, thesaurus = (
                Lexicon.open(self.folder / state.lexicon),
                Thesaurus.open(self.folder / state.thesaurus),
            )
        self.opened = state
        return Searcher(reader, lexicon, thesaurus)

    def note_unchanged(self, state: State, generation: int, listing: str, manifest: Manifest) -> None:
        """Records that the corpus files have other times but the same contents."""
        name = manifest_name(generation, listing)
        write_manifest(self.folder / name, manifest)
        write_json(self.folder / f"state_{generation}.json", state._replace(listing=listing, manifest=name)._asdict())
        if name != state.manifest:
            discard(self.folder / state.manifest)
