"""The data files of a knowledge base: with a byte order mark or without, and never a pipe."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from policykb.corpus.confusions import load_confusions
from policykb.corpus.corpus import Corpus
from policykb.corpus.locate import stated_language
from policykb.corpus.settings import Settings, load_settings
from policykb.digest.key_dates import Deadlines
from policykb.domain.issuers import Authority
from policykb.domain.relation import load_relation_words
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError, DataError, DocumentError
from policykb.files import toml
from policykb.files.journal import JOURNAL, Write, finish, write_all
from policykb.files.reading import MAX_BYTES, read_regular, read_terms
from policykb.market import market
from policykb.render.labels import Labels
from policykb.text.thesaurus import Thesaurus, all_terms, fingerprint

READERS: dict[str, Callable[[Path], object]] = {
    "kb.toml": load_settings,
    "issuers.toml": Authority.load,
    "tags.toml": Vocabulary.load,
    "labels.toml": Labels.load,
    "confusions.toml": load_confusions,
    "deadlines.toml": Deadlines.load,
    "relations.toml": load_relation_words,
    "terms.txt": lambda corpus: all_terms(corpus, Authority.load(None), Vocabulary.load(None)),
    "synonyms.txt": lambda corpus: Thesaurus.compile(corpus, Authority.load(None)),
    "stopwords.txt": lambda corpus: Thesaurus.compile(corpus, Authority.load(None)),
    "questions.txt": lambda corpus: Thesaurus.compile(corpus, Authority.load(None)),
    "market/2024.toml": market.load,
    "market/daily.csv": market.load,
}


def put(corpus: Path, name: str, content: bytes) -> Path:
    path = corpus / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_only_regular_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(DataError, match="cannot be read: ") as caught:
        READERS[name](tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    if name == "kb.toml":
        assert stated_language(tmp_path.parent) is None
    if name in ("terms.txt", "tags.toml"):
        with pytest.raises(DataError, match="cannot be read: "):
            fingerprint(tmp_path)


@pytest.mark.parametrize("name", [name for name in READERS if name.endswith(".toml")])
def test_a_mistake_in_toml_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    for content, line in ((b"\n\nx = = 1\n", 3), (b"\nx = [\n", 3), (b"x = 1\n# \xff", 2)):
        path = put(tmp_path, name, content)
        with pytest.raises(DataError) as caught:
            READERS[name](tmp_path)
        assert str(caught.value).startswith(f"{path}:{line}: not ")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    content = {
        "kb.toml": 'name = "库"',
        "tags.toml": '[[tag]]\nname = "水权"\ngroup = "topic"\ndescription = "x"',
        "issuers.toml": '[[issuer]]\nname = "某某局"',
        "labels.toml": '[market]\nhigh = "高"',
        "deadlines.toml": 'after = ["止"]',
        "relations.toml": '[cues.basis]\nbefore = ["照"]',
        "terms.txt": "水权",
        "synonyms.txt": "水权 = 取水许可",
        "stopwords.txt": "之乎",
        "questions.txt": "何也",
        "market/2024.toml": 'title = "报告"\nmarket = "m"\npublisher = "p"',
    }
    for name, text in content.items():
        put(tmp_path, name, f"\ufeff{text}\r\n".encode())
    assert load_settings(tmp_path) == Settings("库")
    authority = Authority.load(tmp_path)
    assert "水权" in Vocabulary.load(tmp_path)
    assert authority.get("某某局") == "某某局"
    assert Labels.load(tmp_path)["market"]["high"] == "高"
    assert Deadlines.load(tmp_path).words["after"][-1] == "止"
    assert read_terms(tmp_path / "terms.txt") == ["水权"]
    assert market.load(tmp_path).reports[0].title == "报告"
    put(tmp_path, "thesaurus", Thesaurus.compile(tmp_path, authority).encode())
    thesaurus = Thesaurus.open(tmp_path / "thesaurus")
    assert thesaurus.synonyms("水权") == ["取水许可"]
    assert thesaurus.is_stopword("之乎")
    assert thesaurus.asks("何也")


def test_a_data_file_has_a_largest_size(tmp_path: Path) -> None:
    path = put(tmp_path, "tags.toml", b"#" * MAX_BYTES)
    assert toml.read(path) == {}
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(DataError, match="larger than 20 MB"):
        toml.read(path)


def test_a_number_without_measure_is_no_defect(tmp_path: Path) -> None:
    path = put(tmp_path, "tags.toml", b"x = " + b"9" * 10_000)
    with pytest.raises(DataError, match="not TOML"):
        toml.read(path)


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "file", b"x")
    status = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda _: status)  # what it was a moment ago
    with pytest.raises(OSError, match="a pipe"):
        read_regular(path)


def test_a_pipe_as_journal_or_entry_is_refused(tmp_path: Path) -> None:
    entry = tmp_path / "a.md"
    os.mkfifo(entry)
    with pytest.raises(DocumentError, match="a pipe"):
        Corpus(tmp_path).read(entry)
    with pytest.raises(CorpusError, match="a pipe"):
        write_all([Write(entry, b"new", b"old")], lock=tmp_path)
    os.mkfifo(tmp_path / JOURNAL)
    with pytest.raises(CorpusError, match="a pipe"):
        finish(tmp_path)
