"""Keeping the index in step with the corpus: what changed, and building it anew without anybody noticing."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.corpus.folder import id_of
from policykb.corpus.settings import load_settings
from policykb.engines.changes import content_digest, versions
from policykb.engines.opensearch.cluster import BlockedError, MissingIndexError
from policykb.engines.opensearch.mapping import about, document, part_of, record_of, settings, unpacked
from policykb.engines.opensearch.paging import each
from policykb.engines.opensearch.selection import EVERYTHING
from policykb.engines.opensearch.sending import Sender
from policykb.engines.opensearch.writing import Change, Held, differing, held, write
from policykb.errors import IndexBusyError, IndexUnusableError
from policykb.i18n import _
from policykb.search.engine import Outcome

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.changes import Listing
    from policykb.engines.opensearch.cluster import Cluster

_SAMPLE = 300  # entries by whose length the weights of a new index are measured
_ROUNDS = 5  # in which what others changed meanwhile is looked at again
_AT_ONCE = 1000  # paths of one request
_REMEMBERED = 1000  # files that are no entries: every node holds them in memory


class Building:
    """Writes the index of one corpus."""

    def __init__(
        self, cluster: Cluster, corpus: Corpus, lexicon: Path, progress: Callable[[int, int], None] | None
    ) -> None:
        self._cluster, self._corpus = cluster, corpus
        self.name = load_settings(corpus.root).name
        self._sender = Sender(cluster, corpus, lexicon, progress)
        self._digests: dict[str, str] = {}

    # -- in step

    def index(self) -> str:
        """The index behind the alias, empty where there is none. Raises IndexUnusableError where it is not ours."""
        alias, url = self._cluster.alias, self._cluster.url
        try:
            found = self._cluster.call("GET", f"/{alias}")
        except MissingIndexError:
            return ""
        name, *others = found
        if name == alias or others or "policykb" not in found[name]["mappings"].get("_meta", {}):
            text = _("{url}: {name} is an index of somebody else, not policykb's; choose another name in kb.toml")
            raise IndexUnusableError(text.format(url=url, name=alias))
        other = found[name]["mappings"]["_meta"]["policykb"].get("name", self.name)
        if other != self.name:
            text = _(
                '{url}: the index {name} is that of the knowledge base "{other}": choose another name for the index in '
                'kb.toml. If this is "{other}" renamed, delete {index} there: it is made anew from the files'
            )
            raise IndexUnusableError(text.format(url=url, name=alias, other=other, index=name))
        return str(name)

    def says(self) -> Mapping[str, Any]:
        """What the index says of itself, empty for one that policykb did not make."""
        found = next(iter(self._cluster.call("GET", f"/{self._cluster.alias}/_mapping").values()))
        said: Mapping[str, Any] = found["mappings"].get("_meta", {}).get("policykb", {})
        return said

    def update(self, said: Mapping[str, Any], listing: Listing) -> Outcome:
        """Writes in what the files that are listed differ from the index; ``said`` is what it says of itself."""
        left_out = said["left_out"]
        parts = differing(self._cluster, {path: stat for path, stat in listing.items() if path not in left_out})
        before = held(self._cluster, {"terms": {"part": sorted(parts)}}) if parts else {}
        known = {path: one.digest for path, one in before.items()} | {
            path: digest for path, (digest, _) in left_out.items()
        }
        touched = [path for path, stat in listing.items() if path in left_out or
                   (part_of(path) in parts and (path not in before or before[path].stat != stat))]  # fmt: skip
        changed = [path for path in touched if known.get(path) != content_digest(self._corpus.root / path)]
        gone = [path for path in known if path not in listing]
        later = self._listed(gone) if gone else {}  # what another process has added since the files were listed stays
        gone = [path for path in gone if path not in later]
        problems = {path: text for path, (_, text) in left_out.items() if path in listing and path not in changed}
        self._digests = {path: digest for path, digest in known.items() if path in problems}
        self._write(changed, gone, before, said["average"], problems, listing)
        new = sum(path not in known for path in changed)
        self._note(said["average"], problems)
        count = self._cluster.counts([EVERYTHING])[0]
        return Outcome(count, new, len(changed) - new, len(gone), problems=problems)

    def renew(self, paths: list[str], average: float) -> None:
        """Writes documents of files anew."""
        self._write(paths, [], self._held_of(paths), average, {}, self._corpus.stats())

    def _write(
        self,
        changed: list[str],
        gone: list[str],
        now: Mapping[str, Held],
        average: float,
        problems: dict[str, str],
        listing: Listing,
    ) -> None:
        """Writes and removes documents; of those that somebody else has written meanwhile the files decide again."""
        for _round in range(_ROUNDS):
            if not changed and not gone:
                return
            overtaken = write(self._cluster, (Change(path, None, now[path]) for path in gone if path in now))
            sent = self._sender.send([path for path in changed if path in listing], listing, now, average)
            self._digests |= sent.digests
            problems |= sent.problems
            overtaken += sent.overtaken
            self._refreshed(self._cluster.alias)
            if not overtaken:
                return
            now = self._held_of(overtaken)
            listing = self._listed(overtaken)
            digests = {path: content_digest(self._corpus.root / path) for path in listing}
            changed = [path for path in listing if path not in now or now[path].digest != digests[path]]
            gone = [path for path in overtaken if path in now and path not in listing]

    def _listed(self, paths: Sequence[str]) -> Listing:
        """Those of some files that are there now; no others are looked at."""
        some = set(paths)
        return {path: stat for path, stat in self._corpus.stats(set(map(id_of, some))).items() if path in some}

    def _held_of(self, paths: Sequence[str], index: str = "") -> dict[str, Held]:
        """What an index holds of some files, by default ours."""
        found: dict[str, Held] = {}
        for at in range(0, len(paths), _AT_ONCE):
            found |= held(self._cluster, {"terms": {"path": paths[at : at + _AT_ONCE]}}, index)
        return found

    def _refreshed(self, index: str) -> None:
        self._cluster.call("POST", f"/{index}/_refresh")

    def _note(self, average: float, problems: Mapping[str, str], index: str = "") -> None:
        """Has the index say of itself when it was last in step, and which files are no entries."""
        some = islice(problems.items(), _REMEMBERED)
        left_out = {path: (self._digests.get(path, ""), text) for path, text in some}
        body = {"_meta": about(self.name, versions(self._corpus.root), average, time.time(), left_out)}
        self._cluster.call("PUT", f"/{index or self._cluster.alias}/_mapping", body)

    # -- anew

    def build(self, old: str) -> Outcome:
        """Makes a new index beside the old one, which answers until the new one has everything, and then goes."""
        cluster, options = self._cluster, self._cluster.settings
        before = held(cluster) if old else {}
        listing = self._corpus.stats()
        problems: dict[str, str] = {}
        average = self._average_length(list(listing))
        new = f"{cluster.alias}-{time.time_ns():x}-{os.urandom(3).hex()}"
        body = settings(options.shards)
        body["mappings"]["_meta"] = about(self.name, versions(self._corpus.root), average, time.time(), {})
        cluster.call("PUT", f"/{new}", body)
        blocked = False
        try:
            sent = self._sender.send(list(listing), listing, {}, average, new)
            self._digests |= sent.digests
            problems |= sent.problems
            if old:
                blocked = True
                cluster.call("PUT", f"/{old}/_settings", {"index.blocks.write": True})
                self._replay(old, before, new, average)
            fitted = {"refresh_interval": "1s", "number_of_replicas": options.replicas}
            cluster.call("PUT", f"/{new}/_settings", {"index": fitted})
            self._refreshed(new)
            self._note(average, problems, new)
            actions: list[Any] = [{"add": {"index": new, "alias": cluster.alias}}]
            there = self.index()  # where there was none, another process may have built one as well
            actions += [{"remove_index": {"index": there}}] if there else []
            cluster.call("POST", "/_aliases", {"actions": actions})
        except BaseException:
            with contextlib.suppress(Exception):
                if blocked:
                    cluster.call("PUT", f"/{old}/_settings", {"index.blocks.write": None})
            with contextlib.suppress(Exception):
                cluster.call("DELETE", f"/{new}")
            raise
        later = self.update(self.says(), self._corpus.stats())  # what changed since the files were listed
        return Outcome(later.entries, later.entries, rebuilt=bool(old), problems=later.problems)

    def _average_length(self, paths: list[str]) -> float:
        """The length of some entries from everywhere in the corpus, by which the weights of a new index count."""
        some = paths[:: -(-len(paths) // _SAMPLE) or 1]
        lengths = [record.length for _path, record, _digest in self._sender.records(some, {}) if record]
        return max(sum(lengths) / len(lengths), 1.0) if lengths else 1.0

    def _replay(self, old: str, before: Mapping[str, Held], new: str, average: float) -> None:
        """Does to the new index what others did to the old one since ``before``; the files, looked at next, decide."""
        self._refreshed(old)
        after = held(self._cluster)
        written = [path for path, one in after.items() if path not in before or before[path].seq != one.seq]
        gone = [path for path in before if path not in after]
        if not written and not gone:
            return
        self._refreshed(new)
        there = self._held_of([*written, *gone], new)
        changes = [Change(path, None, there[path]) for path in gone if path in there]
        for at in range(0, len(written), _AT_ONCE):
            query = {"terms": {"path": written[at : at + _AT_ONCE]}}
            body = {"query": query, "sort": [{"path": {"order": "asc"}}], "stored_fields": "_none_",
                    "docvalue_fields": ["blob", "day", "path"]}  # fmt: skip
            for hit in each(self._cluster, body):
                path, day = hit["fields"]["path"][0], hit["fields"]["day"][0]
                record = record_of(unpacked(hit["fields"]["blob"][0]), day)
                made = document(record, after[path].digest, after[path].stat, average)
                changes.append(Change(path, made, there.get(path)))
        write(self._cluster, changes, new)


def patiently(wait: float, say: Callable[[str], None], work: Callable[[], Outcome]) -> Outcome:
    """Does what writes, again and again while another process builds the index anew, up to ``wait`` seconds.

    Raises `IndexBusyError` where that takes longer.
    """
    end, told = time.monotonic() + wait, False
    while True:
        try:
            return work()
        except MissingIndexError:  # another process has put a new one in its place
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        except BlockedError as error:
            if time.monotonic() > end:
                text = _("the index takes no changes: {reason}; another process builds it, or a disk of the cluster is "
                         "full; if neither is so, 'policykb doctor --fix' opens it")  # fmt: skip
                raise IndexBusyError(text.format(reason=error)) from None
            if not told:
                say(
                    _("waiting up to {seconds} s for another process that writes the index").format(seconds=f"{wait:g}")
                )
                told = True
            time.sleep(0.2)
