"""What is promised of a cluster, held on real nodes: the same answers, nothing lost, nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

import certificates
import nodes
from benchmarks import agreement, ranking
from conftest import write_entry
from policykb.cli.main import run as run_command
from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.engines.opensearch import engine as engines
from policykb.engines.opensearch import health, paging, sending
from policykb.engines.opensearch.building import Building
from policykb.engines.opensearch.cluster import Cluster, FullError
from policykb.engines.opensearch.engine import ClusterEngine
from policykb.engines.opensearch.mapping import about, part_of
from policykb.engines.opensearch.sending import Sender, Sent
from policykb.engines.opensearch.writing import Change, differing, held, write
from policykb.errors import IndexBusyError, IndexUnusableError
from policykb.kb import KnowledgeBase
from policykb.search.engine import all_entries
from policykb.search.links import Links
from policykb.search.nodes import Phrase, Word
from policykb.search.request import ALL, SearchRequest
from robustness import kills

pytestmark = pytest.mark.timeout(900)

# misspelt, of fields and relations, wildcards with punctuation, operators, names nearly right
ODD = """碳足及|碳排方|tanzuji|ccre|tan pai fang|trq|水尼|zzqqy|绿政|碳市场 水尼|全国碳排放权交易试场|碳捕集 哈哈哈|国国碳市|策保力|泥水料
碳排放权交易管理暂行條利|关于建立碳足迹管理体系的实施方按|发改〔2024〕*号|碳?场|CO2*|*排放|生*部|title:碳市场|number:2024
依据:碳排放权交易管理暂行条例|cites:能源法|basis:碳达峰|NOT 碳|date:none OR 水泥|"碳足迹管理 体系"|“水泥 熟料”|碳排放权交易管理暂行条例 第三条
39号|39号文|国办发39号文|国办发〔2024〕39号文件|number:39号|number:国办发39号|number:9|number:〔2024〕3号"""

KILLS = 12  # of each way to write

ONE = Policy("a", "题", date(2024, 1, 1), ("财政部",), body="水泥")


@pytest.fixture(autouse=True)
def _nodes() -> None:
    nodes.needed()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A knowledge base without entries whose index is in the cluster."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "kb.toml").write_text(nodes.settings(nodes.address()), encoding="utf-8")
    yield tmp_path


def engine_of(root: Path) -> ClusterEngine:
    return ClusterEngine(Corpus(root / "corpus"))


def cluster_of(engine: ClusterEngine) -> Cluster:
    return engine._cluster


def found(engine: ClusterEngine, text: str) -> list[str]:
    return [hit.path for hit in engine.search(SearchRequest(Phrase(text), sort="oldest", limit=ALL)).hits]


def once_before(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, between: Callable[[], object]) -> None:
    """Has another process come in between: ``between`` happens before the next call of a method, and only that one."""
    method = getattr(owner, name)

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(owner, name, method)
        between()
        return method(*arguments)

    monkeypatch.setattr(owner, name, late)


def test_judged_and_random_queries_have_the_answers_of_one_machine(tmp_path: Path) -> None:
    shutil.copytree(ranking.ROOT / "corpus", tmp_path / "one" / "corpus")
    shutil.copytree(ranking.ROOT / "corpus", tmp_path / "other" / "corpus")
    (tmp_path / "other" / "corpus" / "kb.toml").write_text(nodes.settings(nodes.address(), 3), encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "one") as one, KnowledgeBase.open(tmp_path / "other") as other:
        judgments = ranking.read_judgments(ranking.JUDGMENTS, [policy.id for policy in one.policies()])
        asked = [{"query": each.text, **each.filters} for each in judgments]
        for each in [*asked, *agreement.queries(one, 100)]:
            assert agreement.answer(one, each) == agreement.answer(other, each), each
        for text in ODD.replace("\n", "|").split("|"):
            first, second = (kb.search(text, facets=True, explain=True, limit=50) for kb in (one, other))
            assert first._replace(timings={}) == second._replace(timings={}), text


def test_a_writer_who_read_an_older_version_loses_nothing_of_another(root: Path) -> None:
    write_entry(root, ONE)
    one, other = engine_of(root), engine_of(root)
    one.refresh()
    stale = held(cluster_of(other))  # what the other one has read
    write_entry(root, replace(ONE, body="钢铁"))
    one.refresh()
    assert write(cluster_of(other), [Change("a.md", None, stale["a.md"])]) == ["a.md"]  # refused
    assert found(one, "钢铁") == ["a.md"]
    threads = [threading.Thread(target=engine.refresh) for engine in (one, other)]
    for number in range(30):
        write_entry(root, replace(ONE, id=f"n{number:02}", body="铝"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found(one, "铝")) == 30


def test_deleted_documents_change_no_score_before_or_after_a_merge(root: Path) -> None:
    for number in range(20):
        write_entry(root, replace(ONE, id=f"e{number:02}", body="水泥，" * (number % 5 + 1) + "配额。" * (number % 3)))
    engine = engine_of(root)
    engine.refresh()

    def scores() -> dict[str, float]:
        engine.refresh()
        result = engine.search(SearchRequest(Word("水泥"), limit=ALL))
        return {hit.path: hit.score for hit in result.hits}

    before = scores()
    for _turn in range(3):  # every entry is replaced, so that deleted ones outnumber the live
        for path in sorted((root / "corpus").glob("*.md")):
            path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
        assert scores() == before
    cluster_of(engine).call("POST", f"/{cluster_of(engine).alias}/_forcemerge", max_num_segments="1")
    assert scores() == before


def test_what_another_process_adds_after_the_files_were_listed_stays(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry(root, ONE)
    one, other = engine_of(root), engine_of(root)
    one.refresh()

    def added() -> None:
        write_entry(root, replace(ONE, id="b"))
        other.refresh()

    once_before(monkeypatch, Building, "update", added)
    assert one.refresh().removed == 0
    assert found(one, "水泥") == ["a.md", "b.md"]
    assert one.is_stale()  # it has not looked at all files yet
    one.refresh()
    assert not one.is_stale()


def test_a_rebuild_is_never_seen_half_done_and_takes_along_what_others_wrote(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    one, other = engine_of(root), engine_of(root)
    one.refresh()
    seen: list[int] = []
    replay = Building._replay

    def meanwhile(self: Building, *arguments: object) -> None:
        seen.append(other.search(SearchRequest(Phrase("水泥"))).total)
        replay(self, *arguments)  # type: ignore[arg-type]

    send = Sender.send

    def late(self: Sender, *arguments: Any) -> Sent:
        sent = send(self, *arguments)
        monkeypatch.setattr(Sender, "send", send)  # everything has been sent: now another process writes
        write_entry(root, replace(ONE, id="late"))
        (root / "corpus" / "e00.md").unlink()
        other.refresh()
        return sent

    monkeypatch.setattr(Building, "_replay", meanwhile)
    monkeypatch.setattr(Sender, "send", late)
    outcome = one.refresh(rebuild=True)
    assert outcome.rebuilt
    assert outcome.entries == 40
    assert seen == [40]  # the old one answered until then
    for engine in (one, other):
        assert found(engine, "水泥") == [*(f"e{number:02}.md" for number in range(1, 40)), "late.md"]
    there = cluster_of(one).call("GET", f"/{cluster_of(one).alias}-*")
    assert len(there) == 1  # nothing is left over


def test_a_rebuild_that_fails_leaves_the_old_index_open(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    engine.refresh()

    def fails(self: Building, *arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Building, "_replay", fails)
        with pytest.raises(KeyboardInterrupt):
            engine.refresh(rebuild=True)
    write_entry(root, replace(ONE, id="b"))
    engine.refresh()
    assert found(engine, "水泥") == ["a.md", "b.md"]
    assert len(cluster_of(engine).call("GET", f"/{cluster_of(engine).alias}-*")) == 1


def test_the_doctor_finds_by_digest_what_is_not_as_the_files_are_and_mends_it(root: Path) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    engine.refresh()
    other = root.with_name("elsewhere")
    shutil.copytree(root, other)
    write_entry(other, replace(ONE, body="石灰"))  # as long, in bytes
    file, when = other / "corpus" / "a.md", (root / "corpus" / "a.md").stat()
    os.utime(file, ns=(when.st_atime_ns, when.st_mtime_ns))
    elsewhere = engine_of(other)
    building = elsewhere._building()
    building.renew(["a.md"], building.says()["average"])
    assert found(engine, "石灰") == ["a.md"]
    wrong, mended = engine.examine()
    assert [finding.problem for finding in wrong] == [
        "the index holds other content of 1 files than they have, as a.md"
    ]
    assert not mended
    assert engine.examine(mend=True)[1] == wrong
    assert engine.examine() == ([], [])
    assert found(engine, "水泥") == ["a.md"]


def test_more_hits_than_a_cluster_gives_at_once_come_in_one_order(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_AT_ONCE", 7)
    for number in range(40):
        write_entry(root, replace(ONE, id=f"e{number:02}", date=date(2024, 1, number % 3 + 1)))
    engine = engine_of(root)
    engine.refresh()
    for sort in ("relevance", "newest", "oldest"):
        result = engine.search(SearchRequest(Phrase("水泥"), sort=sort, limit=ALL, facets=True))  # type: ignore[arg-type]
        assert len({hit.path for hit in result.hits}) == result.total == 40
        assert sum(result.facets["month"].values()) == 40


def test_equal_hits_stand_in_the_order_of_their_paths_wherever_a_page_ends(root: Path) -> None:
    for number in range(40):
        write_entry(root, replace(ONE, id=f"e{number * 7 % 40:02}", date=date(2024, 1, number % 3 + 1)))
    engine = engine_of(root)
    engine.refresh()
    for node in (Phrase("水泥"), None):
        for sort in ("newest", "oldest"):
            request = SearchRequest(node, sort=sort, limit=ALL)  # type: ignore[arg-type]
            hits = engine.search(request).hits
            days = [hit.policy.date for hit in hits]
            assert days == sorted(days, reverse=sort == "newest")  # type: ignore[type-var]
            paths = [hit.path for hit in hits]
            for day in set(days):
                same = [path for path, one in zip(paths, days, strict=True) if one == day]
                assert same == sorted(same)
            for limit in (1, 5, 13, 14, 20, 39):
                assert [hit.path for hit in engine.search(request._replace(limit=limit)).hits] == paths[:limit]


def test_a_query_of_any_size_is_answered_or_refused_as_on_one_machine(root: Path) -> None:
    write_entry(root, replace(ONE, body="水泥" * 3000))
    engine = engine_of(root)
    engine.refresh()
    for text in ("水泥" * 2000, "泥水" * 5000, "如何" + "水泥钢铁铝冶炼配额核查" * 100):
        assert engine.search(SearchRequest(Word(text))).total in (0, 1)
    assert found(engine, "水泥" * 2000) == ["a.md"]


def test_a_cluster_that_searches_several_segments_at_once_gives_the_same_answers(root: Path) -> None:
    engine = engine_of(root)
    for number in range(3):  # a segment each
        write_entry(root, replace(ONE, id=f"e{number}", date=date(2024, number + 1, 1)))
        engine.refresh()
    request = SearchRequest(Word("水泥"), facets=True)
    before = engine.search(request)
    index = f"/{engine._building().index()}/_settings"
    cluster_of(engine).call("PUT", index, {"index.search.concurrent_segment_search.mode": "all"})  # as operators choose
    after = engine_of(root).search(request)
    assert after._replace(timings={}) == before._replace(timings={})
    assert after.total == 3


def test_a_snapshot_stays_as_it_is_whatever_others_write(root: Path) -> None:
    for number in range(20):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    engine, other = engine_of(root), engine_of(root)
    engine.refresh()
    shown = engine.snapshot()
    request = SearchRequest(Phrase("水泥"), sort="oldest", limit=ALL, facets=True)
    before = shown.search(request)
    write_entry(root, replace(ONE, id="more", issuers=("生态环境部",)))
    (root / "corpus" / "e00.md").unlink()
    write_entry(root, replace(ONE, id="e01", body="钢铁"))
    other.refresh()
    assert shown.search(request)._replace(timings={}) == before._replace(timings={})
    assert list(shown.terms("issuer")) == ["财政部"]
    assert found(shown, "钢铁") == []
    assert len(shown.similar("e01.md", 30)) == 19
    assert shown.linked(lambda links: len(list(links.documents()))) == 20
    assert found(other, "钢铁") == ["e01.md"]
    engine.refresh()
    assert found(engine.snapshot(), "水泥") == [f"e{number:02}.md" for number in range(2, 20)] + ["more.md"]
    other.refresh(rebuild=True)  # the index that was shown goes
    assert found(shown, "水泥") == [f"e{number:02}.md" for number in range(2, 20)] + ["more.md"]
    engine.close()


def test_many_files_are_sent_by_several_processes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ALONE", 5)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    for number in range(40):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    (root / "corpus" / "wrong.md").write_text("---\ntitle: [\n", encoding="utf-8")
    told: list[tuple[int, int]] = []
    said: list[str] = []
    progress = lambda *numbers: told.append(numbers)  # noqa: E731
    engine = ClusterEngine(Corpus(root / "corpus"), say=said.append, progress=progress)
    outcome = engine.refresh()
    assert (outcome.entries, list(outcome.problems)) == (40, ["wrong.md"])
    assert told[-1] == (41, 41)
    assert any("wrong.md" in text for text in said)
    for number in range(20):  # changed, and one that is no entry any more
        write_entry(root, replace(ONE, id=f"e{number:02}", body="钢铁"))
    (root / "corpus" / "e30.md").write_text("nothing", encoding="utf-8")
    outcome = engine.refresh()
    assert (outcome.entries, outcome.changed) == (39, 21)
    assert len(found(engine, "钢铁")) == 20
    # what a process is refused is said by the one that asked it
    cluster_of(engine).call("PUT", f"/{engine._building().index()}/_settings", {"index.blocks.write": True})
    for number in range(20):
        write_entry(root, replace(ONE, id=f"e{number:02}", body="铝"))
    with pytest.raises(IndexBusyError, match="takes no changes"):
        engine.refresh(wait=0)


def test_a_node_that_is_away_is_passed_over(root: Path) -> None:
    write_entry(root, ONE)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = root / "corpus" / "kb.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(f'"{nodes.address()}"', f'["{away}", "{nodes.address()}"]'), encoding="utf-8")
        for _turn in range(4):  # which one is asked first is chosen by chance
            engine = engine_of(root)
            engine.refresh()
            assert found(engine, "水泥") == ["a.md"]


def test_a_node_behind_tls_is_searched_where_its_certificate_is_trusted(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry(root, ONE)
    own = certificates.certificate(tmp_path, "127.0.0.1")
    with certificates.proxy(certificates.context(*own), int(nodes.address().rpartition(":")[2])) as port:
        settings = root / "corpus" / "kb.toml"
        text = settings.read_text(encoding="utf-8").replace(nodes.address(), f"https://127.0.0.1:{port}")
        settings.write_text(text, encoding="utf-8")
        with pytest.raises(IndexUnusableError, match="its certificate is not trusted"):
            engine_of(root).refresh()
        monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", f"127.0.0.1:{port}")
        monkeypatch.setenv("POLICYKB_OPENSEARCH_CA", str(own[0]))
        engine = engine_of(root)
        engine.refresh()
        assert found(engine, "水泥") == ["a.md"]


def test_a_bulk_that_the_cluster_has_no_room_for_is_sent_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    call, refused = Cluster.call, [0]

    def full(self: Cluster, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        if "_bulk" in path and refused[0] < 2:
            refused[0] += 1
            raise FullError("no room")
        return call(self, method, path, body, **parameters)

    monkeypatch.setattr(Cluster, "call", full)
    assert engine.refresh().entries == 1
    assert found(engine, "水泥") == ["a.md"]
    assert refused == [2]


def test_an_index_of_somebody_else_is_left_as_it_is(root: Path) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    cluster = cluster_of(engine)
    cluster.call("PUT", f"/{cluster.alias}-theirs", {"aliases": {cluster.alias: {}}})
    for command in (engine.refresh, lambda: engine.refresh(rebuild=True), lambda: found(engine, "水泥")):
        with pytest.raises(IndexUnusableError, match="is an index of somebody else, not policykb's"):
            command()
    assert list(cluster.call("GET", f"/{cluster.alias}-*")) == [f"{cluster.alias}-theirs"]
    cluster.call("DELETE", f"/{cluster.alias}-theirs")


def named(root: Path, name: str, index: str = "") -> ClusterEngine:
    """The engine of a copy of a knowledge base under another name, with the same index or another one."""
    other = root.with_name(name)
    shutil.copytree(root, other)
    toml = other / "corpus" / "kb.toml"
    text = toml.read_text(encoding="utf-8").replace('name = "test"', f'name = "{name}"')
    own = cluster_of(engine_of(root)).alias
    toml.write_text(text.replace(own, index) if index else text, encoding="utf-8")
    return engine_of(other)


def test_two_knowledge_bases_never_share_an_index(root: Path) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    other = named(root, "theirs")
    engine.refresh()
    write_entry(root.with_name("theirs"), replace(ONE, id="b"))
    commands = (other.refresh, lambda: other.refresh(rebuild=True), lambda: found(other, "水泥"), other.is_stale,
                lambda: other.examine(mend=True))  # fmt: skip
    for command in commands:
        with pytest.raises(IndexUnusableError, match='is that of the knowledge base "test": choose another name'):
            command()
    assert found(engine_of(root), "水泥") == ["a.md"]
    cluster = cluster_of(engine)
    cluster.call("DELETE", f"/{engine._building().index()}")  # as the error says, where this is the same one renamed
    other.refresh()
    assert found(other, "水泥") == ["a.md", "b.md"]
    with pytest.raises(IndexUnusableError, match='of the knowledge base "theirs"'):
        engine.refresh()


def test_an_index_made_with_other_dictionaries_is_made_anew_by_who_asks_for_it_only(root: Path) -> None:
    write_entry(root, ONE)
    engine_of(root).refresh()
    (root / "corpus" / "synonyms.txt").write_text("水泥 = 洋灰\n", encoding="utf-8")
    for _search in range(2):
        with pytest.raises(IndexUnusableError, match="'policykb index' makes it anew"):
            found(engine_of(root), "水泥")
    engine = engine_of(root)
    engine.refresh()
    assert found(engine, "水泥") == found(engine_of(root), "水泥") == ["a.md"]


def test_a_process_that_stays_searches_no_index_of_other_dictionaries(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    assert found(engine, "水泥") == ["a.md"]
    (root / "corpus" / "synonyms.txt").write_text("水泥 = 洋灰\n", encoding="utf-8")
    monkeypatch.setattr(engines, "KEPT", -1)  # the minute in which nothing is looked at is over
    with pytest.raises(IndexUnusableError, match="'policykb index' makes it anew"):
        found(engine, "水泥")
    engine_of(root).refresh()
    assert found(engine, "水泥") == ["a.md"]


def test_entries_that_are_read_one_after_the_other_are_fetched_together(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    engine = engine_of(root)
    engine.refresh()
    asked = []
    search = Cluster.search
    counted = lambda *arguments, **options: asked.append(1) or search(*arguments, **options)  # noqa: E731
    monkeypatch.setattr(Cluster, "search", counted)
    assert [policy.id for policy in all_entries(engine)] == [f"e{number:02}" for number in reversed(range(40))]
    assert len(asked) < 5


def test_an_entry_that_is_removed_while_all_are_read_is_not_among_them(root: Path) -> None:
    for id in "ab":
        write_entry(root, replace(ONE, id=id))
    engine, other = engine_of(root), engine_of(root)
    engine.refresh()

    def read(links: Links) -> list[str]:
        documents = list(links.documents())
        if len(documents) == 2:
            (root / "corpus" / "b.md").unlink()
            other.refresh()
        return [links.entry(one)["path"] for one in documents]

    assert engine.linked(read) == ["a.md"]


def test_the_doctor_leaves_what_another_knowledge_base_builds_or_has(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    engine.refresh()
    cluster = cluster_of(engine)
    others = [named(root, name, f"{cluster.alias}-{name}") for name in ("more", "test")]  # begin as our indexes do
    for other in others:
        other.refresh()
    monkeypatch.setattr(health, "_ABANDONED", -1)
    assert engine.examine(mend=True) == ([], [])
    for one in (engine, *others):
        assert found(one, "水泥") == ["a.md"]
    cluster.call("PUT", f"/{cluster.alias}-0", {"mappings": {"_meta": about("test", "", 1.0, 0.0, {})}})
    cluster.call("PUT", f"/{cluster.alias}-1", {"mappings": {"_meta": about("theirs", "", 1.0, 0.0, {})}})
    assert [one.problem for one in engine.examine(mend=True)[1]] == [
        f"{cluster.alias}-0 was being built and was never finished"
    ]
    assert engine.examine() == ([], [])
    cluster.call("DELETE", f"/{cluster.alias}-1")


def test_of_two_processes_that_build_the_first_index_one_is_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(root, ONE)
    one, other = engine_of(root), engine_of(root)

    def built() -> None:
        other.refresh()
        write_entry(root, replace(ONE, id="b"))

    once_before(monkeypatch, Sender, "send", built)
    one.refresh()
    for engine in (one, other):
        assert found(engine, "水泥") == ["a.md", "b.md"]
    assert len(cluster_of(one).call("GET", f"/{cluster_of(one).alias}-*")) == 1


def test_of_two_processes_that_build_anew_both_come_to_an_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(root, ONE)
    one, other = engine_of(root), engine_of(root)
    one.refresh()
    once_before(monkeypatch, Sender, "send", partial(other.refresh, rebuild=True))
    assert one.refresh(rebuild=True).entries == 1
    for engine in (one, other):
        assert found(engine, "水泥") == ["a.md"]
    assert len(cluster_of(one).call("GET", f"/{cluster_of(one).alias}-*")) == 1


def test_only_the_parts_of_a_corpus_in_which_files_differ_are_listed(root: Path) -> None:
    for number in range(20):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    engine = engine_of(root)
    engine.refresh()
    listing = engine.corpus.stats()
    assert differing(cluster_of(engine), listing) == set()
    write_entry(root, replace(ONE, id="e03", body="石灰石"))
    write_entry(root, replace(ONE, id="new"))
    (root / "corpus" / "e07.md").unlink()
    expected = {part_of(path) for path in ("e03.md", "new.md", "e07.md")}
    assert differing(cluster_of(engine), engine.corpus.stats()) == expected
    assert engine.is_stale()
    outcome = engine.refresh()
    assert (outcome.entries, outcome.added, outcome.changed, outcome.removed) == (20, 1, 1, 1)
    assert differing(cluster_of(engine), engine.corpus.stats()) == set()


def test_a_full_disk_is_said_and_what_is_there_is_found(root: Path) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    engine.refresh()
    block = f"/{engine._building().index()}/_settings"
    cluster_of(engine).call("PUT", block, {"index.blocks.read_only_allow_delete": True})  # as the cluster itself does
    write_entry(root, replace(ONE, id="b"))
    with pytest.raises(IndexUnusableError, match="a disk of the cluster is full: make room"):
        engine.refresh()
    assert found(engine, "水泥") == ["a.md"]
    cluster_of(engine).call("PUT", block, {"index.blocks.read_only_allow_delete": None})
    engine.refresh()
    assert found(engine, "水泥") == ["a.md", "b.md"]


def test_a_red_index_answers_nothing_and_says_so(root: Path) -> None:
    write_entry(root, ONE)
    engine = engine_of(root)
    engine.refresh()
    cluster = cluster_of(engine)
    index = engine._building().index()
    # as if the node with its only copy had gone
    cluster.call("PUT", f"/{index}/_settings", {"index.routing.allocation.require._name": "nobody"})
    cluster.call("POST", f"/{index}/_close")
    cluster.call("POST", f"/{index}/_open", wait_for_active_shards="0")
    with pytest.raises(IndexUnusableError, match=r"cannot answer in full: .*; see GET _cluster/health"):
        found(engine, "水泥")
    cluster.call("PUT", f"/{index}/_settings", {"index.routing.allocation.require._name": None})
    cluster.call("GET", f"/_cluster/health/{index}", wait_for_status="yellow")
    assert found(engine, "水泥") == ["a.md"]


@pytest.mark.parametrize("args", [["index"], ["index", "--rebuild"]])
def test_a_killed_run_leaves_right_answers_and_work_that_can_be_finished(root: Path, args: list[str]) -> None:
    random = Random(1)
    for number in range(30):
        write_entry(root, replace(ONE, id=f"e{number:02}"))
    code, text, _, calls = kills.observe(root, args, kill_at_call=0)
    assert code == 0, text
    for number in range(KILLS):
        before = found(engine_of(root), "水泥")
        write_entry(root, replace(ONE, id=f"k{number:02}"))
        files = sorted(path.name for path in (root / "corpus").glob("*.md"))
        code, text, *_ = kills.observe(root, args, kill_at_call=random.randint(1, calls))
        assert code in (0, -signal.SIGKILL), text
        assert found(engine_of(root), "水泥") in (before, files)
        run_command(["--kb", str(root), "doctor", "--fix"])  # takes a lock away that the killed one left
        engine_of(root).refresh()
        assert found(engine_of(root), "水泥") == files
