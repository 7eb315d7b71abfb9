"""Whether the index of a cluster holds what the files say: compared by digest, and mended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from policykb.corpus.findings import Finding
from policykb.engines.changes import content_digest
from policykb.engines.opensearch.cluster import MissingIndexError
from policykb.engines.opensearch.writing import held
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.opensearch.building import Building
    from policykb.engines.opensearch.cluster import Cluster

_ABANDONED = 86_400  # seconds; a build this old is nobody's any more


def examine(
    cluster: Cluster, building: Building, corpus: Corpus, *, mend: bool = False
) -> tuple[list[Finding], list[Finding]]:
    """What is wrong with the index and is still so, and what has been mended."""
    place = corpus.root / "kb.toml"
    index = building.index()
    found = [Finding(place, None, None, text, "error") for text in _blocked(cluster, index, mend)]
    found += [Finding(place, None, None, text, "error") for text in _abandoned(cluster, building, index, mend)]
    if index and (said := building.says()):
        listing = corpus.stats()
        there = held(cluster)
        other = [path for path, one in there.items()
                 if path in listing and one.stat == listing[path]
                 and one.digest != content_digest(corpus.root / path)]  # fmt: skip
        if other:
            text = _("the index holds other content of {number} files than they have, as {path}")
            found.append(Finding(place, None, None, text.format(number=f"{len(other):,}", path=min(other)), "error"))
            if mend:
                building.renew(other, said["average"])
    return ([], found) if mend else (found, [])


def _blocked(cluster: Cluster, index: str, mend: bool) -> list[str]:
    if not index:
        return []
    said = next(iter(cluster.call("GET", f"/{index}/_settings").values()))["settings"]["index"]
    if str(said.get("blocks", {}).get("write", "false")) != "true":
        return []
    if mend:
        cluster.call("PUT", f"/{index}/_settings", {"index.blocks.write": None})
    return [_("the index takes no changes: whoever built it anew did not come to an end")]


def _abandoned(cluster: Cluster, building: Building, index: str, mend: bool) -> list[str]:
    """Indexes that were being built and never took the place of ours."""
    try:
        there: dict[str, Any] = cluster.call("GET", f"/{cluster.alias}-*", allow_no_indices="true")
    except MissingIndexError:
        return []
    texts = []
    for name, one in there.items():
        said = one["mappings"].get("_meta", {}).get("policykb", {})
        ours = (
            said.get("name") == building.name and not one["aliases"]
        )  # that of policies-2024 is called policies-... too
        if name == index or not ours or time.time() - said["updated"] < _ABANDONED:
            continue
        if mend:
            cluster.call("DELETE", f"/{name}")
        texts.append(_("{name} was being built and was never finished").format(name=name))
    return texts
