from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policykb.errors import DataError, UnknownNameError
from policykb.issuers import Authority, Former, Organ, Signatories

AUTHORITY = Authority.load(None)
CANONICAL = [organ.name for organ in AUTHORITY]
WRITTEN = [(name, organ.name) for organ in AUTHORITY for name in organ.names]

NDRC = "国家发展和改革委员会"
MEE = "生态环境部"
MIIT = "工业和信息化部"
SAMR = "国家市场监督管理总局"
NEA = "国家能源局"
MOHURD = "住房和城乡建设部"
PBOC = "中国人民银行"
SASAC = "国务院国有资产监督管理委员会"


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        (NDRC, NDRC),
        ("发改委", NDRC),
        ("国家发改委", NDRC),
        ("国家发展改革委", NDRC),
        ("国家发展 改革委", NDRC),
        ("　国家发展\n改革委 ", NDRC),
        ("中华人民共和国国家发展和改革委员会", NDRC),
        ("中华人民共和国发展改革委", NDRC),
        ("国家发展改革委办公厅", NDRC),
        ("国务院国家发展改革委办公厅", NDRC),
        ("国家能源局综合司", NEA),
        ("能源局", NEA),
        ("工信部", MIIT),
        ("工业和信息化部办公厅", MIIT),
        ("市场监管总局办公厅", SAMR),
        ("市监总局", SAMR),
        ("国家工商总局", SAMR),
        ("住建部", MOHURD),
        ("统计局", "国家统计局"),
        ("数据局", "国家数据局"),
        ("央行", PBOC),
        ("国资委", SASAC),
        ("国务院国资委", SASAC),
        ("国务院财政部", "财政部"),
        ("国家财政部", "财政部"),
        ("环境保护部", MEE),
        ("环保部办公厅", MEE),
        ("国土资源部", "自然资源部"),
        ("国家林业局", "国家林业和草原局"),
        ("国家林业和草原局（国家公园管理局）", "国家林业和草原局"),
        ("国务院", "国务院"),
        ("国务院办公厅", "国务院办公厅"),
        ("国办", "国务院办公厅"),
        ("中共中央办公厅", "中共中央办公厅"),
        ("党中央", "中共中央"),
        ("全国人大常委会", "全国人民代表大会常务委员会"),
    ],
)
def test_resolve(name: str, canonical: str) -> None:
    assert AUTHORITY.resolve(name) == canonical
    assert AUTHORITY.get(name) == canonical


def test_every_name_resolves_to_its_organ() -> None:
    assert len(CANONICAL) > 150
    assert {name: AUTHORITY.get(name) for name, _ in WRITTEN} == dict(WRITTEN)


def test_an_office_is_its_department_unless_it_is_an_organ() -> None:
    own = {organ.name for organ in AUTHORITY if organ.office_of}
    assert {"国务院办公厅", "中共中央办公厅"} <= own
    for name in CANONICAL:
        expected = name + "办公厅" if name + "办公厅" in own else name
        assert AUTHORITY.get(name + "办公厅") == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "中央",
        "国家",
        "国务院中央军委",  # two organs, not one with a prefix
        "办公厅",
        "综合司",
        "部",
        "民委",
        "北京市人民政府",
        "河北省发展改革委",
        "中国钢铁工业协会",
        "生态环境部门",
    ],
)
def test_unknown_names(name: str) -> None:
    assert AUTHORITY.get(name) is None
    with pytest.raises(UnknownNameError):
        AUTHORITY.resolve(name)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("发改局", NDRC),
        ("环保总局办", MEE),
        ("国家气候局", "中国气象局"),
        ("市监局", SAMR),
        ("国家能源部", NEA),
        ("住房与城建部", MOHURD),
    ],
)
def test_unknown_names_suggest_the_nearest(name: str, first: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        AUTHORITY.resolve(f" {name} ")
    assert (caught.value.kind, caught.value.name) == ("department", name)
    assert caught.value.nearest[0] == first
    assert len(caught.value.nearest) <= 3
    assert len(set(caught.value.nearest)) == len(caught.value.nearest)


def test_nothing_near_suggests_nothing() -> None:
    with pytest.raises(UnknownNameError) as caught:
        AUTHORITY.resolve("xyz")
    assert caught.value.nearest == ()


def test_bare_names_only_where_they_mean_one_organ() -> None:
    both = Authority([Organ("国家海洋局"), Organ("国务院海洋局", parent="国家海洋局"), Organ("国家粮食局")])
    assert both.get("粮食局") == "国家粮食局"
    assert both.get("海洋局") is None
    assert both.get("国家海洋局") == "国家海洋局"


def test_names_and_covers() -> None:
    assert AUTHORITY.names(MEE)[0] == MEE
    assert {"环境保护部", "环保部", "国家环境保护总局"} <= set(AUTHORITY.names(MEE))
    assert AUTHORITY.covers("国务院") == ("国务院", "国务院办公厅")
    assert AUTHORITY.covers("国务院办公厅") == ("国务院办公厅",)
    assert AUTHORITY.covers(NDRC) == (NDRC,)
    assert AUTHORITY.names("北京市人民政府") == AUTHORITY.covers("北京市人民政府") == ("北京市人民政府",)
    assert len(AUTHORITY) == len(CANONICAL)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("生态环境部、国家发展改革委等九部门", ["生态环境部", "国家发展改革委"]),
        ("中共中央 国务院", ["中共中央", "国务院"]),
        ("中共中央国务院", ["中共中央", "国务院"]),
        ("中办国办", ["中办", "国办"]),
        ("国务院 中央军委", ["国务院", "中央军委"]),
        ("国务院中央军委", ["国务院", "中央军委"]),
        ("国务院国资委", ["国务院国资委"]),
        ("国家粮食和物资储备局", ["国家粮食和物资储备局"]),
        ("住房和城乡建设部和工业和信息化部", ["住房和城乡建设部", "工业和信息化部"]),
        (
            "国家粮食和物资储备局、住房和城乡建设部以及工业和信息化部",
            ["国家粮食和物资储备局", "住房和城乡建设部", "工业和信息化部"],
        ),
        (
            "生态环境部会同财政部，商务部;教育部；科技部",
            ["生态环境部", "财政部", "商务部", "教育部", "科技部"],
        ),
        ("生态环境部与国家发展改革委及财政部", ["生态环境部", "国家发展改革委", "财政部"]),
        ("商务部联合中国钢铁工业协会", ["商务部", "中国钢铁工业协会"]),
        ("北京市人民政府和生态环境部", ["北京市人民政府", "生态环境部"]),
        ("北京市住房和城乡建设委员会", ["北京市住房和城乡建设委员会"]),
        ("中国石油和化学工业联合会", ["中国石油和化学工业联合会"]),
        ("中央和国家机关工委", ["中央和国家机关工委"]),
        ("工业和信息化部、住房城\n乡建设部、交通运输部", ["工业和信息化部", "住房城乡建设部", "交通运输部"]),
        ("财 政 部\n生态环境部", ["财政部", "生态环境部"]),
        ("World Bank、财政部", ["World Bank", "财政部"]),
        ("World Bank 财政部", ["World Bank", "财政部"]),
        ("某协会 某学会", ["某协会", "某学会"]),
        ("工业和信息化部办公厅 国家能源局综合司", ["工业和信息化部办公厅", "国家能源局综合司"]),
        ("生态环境部会同有关部门", ["生态环境部"]),
        ("生态环境部等", ["生态环境部"]),
        ("生态环境部、财政部联合", ["生态环境部", "财政部"]),
        ("十部门", []),
        ("", []),
        ("、，", []),
    ],
)
def test_split(text: str, names: list[str]) -> None:
    assert AUTHORITY.split(text) == names


@pytest.mark.parametrize(
    ("tail", "count"),
    [
        ("等九部门", 9),
        ("等6部门", 6),
        ("等 15 部门", 15),
        ("等１５个部门", 15),
        ("等十部门联合", 10),
        ("等十五个部门", 15),
        ("等二十部门", 20),
        ("等三十六个部门", 36),
        ("等九部委", 9),
        ("等五部委局", 5),
        ("等三家单位", 3),
        ("等六部门办公厅（室）", 6),
        ("等六部门办公厅(综合司、办公室)", 6),
        ("等十一个部门：", 11),
        ("六部门", 6),
        ("等部门", None),
        ("等有关部门", None),
        ("等多部门", None),
        ("等十余部门", None),
        ("等单位", None),
        ("等", None),
        ("两部门", None),  # as many as are listed
        ("二部门", None),
        ("", None),
    ],
)
def test_stated_total(tail: str, count: int | None) -> None:
    assert AUTHORITY.resolve_all("生态环境部、国家发展改革委" + tail) == Signatories((MEE, NDRC), count)


@pytest.mark.parametrize(
    ("text", "issuers", "count"),
    [
        ("国家发展改革委、统计局、财政部三部门", (NDRC, "国家统计局", "财政部"), None),
        ("国家发展改革委、国家发展改革委办公厅", (NDRC,), None),
        ("市场监管总局办公厅等五部门", (SAMR,), 5),
        ("北京市人民政府、北京市生态环境局办公室", ("北京市人民政府", "北京市生态环境局办公室"), None),
        ("十部门", (), 10),
        ("等两部门", (), 2),
        ("", (), None),
    ],
)
def test_resolve_all(text: str, issuers: tuple[str, ...], count: int | None) -> None:
    assert AUTHORITY.resolve_all(text) == Signatories(issuers, count)


@given(
    st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=6, unique_by=lambda pair: pair[1]),
    st.data(),
)
def test_any_list_of_names_is_read_back(names: list[tuple[str, str]], data: st.DataObject) -> None:
    separators = st.sampled_from(["、", "，", "、\n", "; ", " ", "\n", "和", "与", "及", "以及", "会同"])
    text = names[0][0]
    for name, _ in names[1:]:
        text += data.draw(separators) + name
    total = data.draw(st.integers(len(names) + 1, 99))
    canonical = tuple(organ for _, organ in names)
    assert AUTHORITY.resolve_all(text) == Signatories(canonical, None)
    assert AUTHORITY.resolve_all(f"{text}等{total}个部门") == Signatories(canonical, total)


@given(st.text(st.sampled_from("国务院国家发改委财政部和与、 等九部门办公厅\nx（）：联合会同"), max_size=60))
def test_splitting_loses_no_name(text: str) -> None:
    names = AUTHORITY.split(text)
    assert all(name == name.strip() and name for name in names)
    position = 0
    joined = "".join(text.split())
    for name in names:
        position = joined.index("".join(name.split()), position) + len("".join(name.split()))


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("央行宣布，中国人民银行", [("央行", PBOC), ("中国人民银行", PBOC)]),
        ("应由央行会同财政部印发", [("央行", PBOC), ("财政部", "财政部")]),
        ("央行办公厅秘书局称", [("央行办公厅秘书局", PBOC)]),
        ("国办发〔2024〕39号", [("国办", "国务院办公厅")]),
        ("中央行政机关、人行道和全国办公场所", []),
        ("企业向银行", []),
        ("中央企业和中央财政", []),
        ("党中央、国务院", [("党中央", "中共中央"), ("国务院", "国务院")]),
        ("国务院办公厅关于", [("国务院办公厅", "国务院办公厅")]),
        ("国家发展改革委办公厅关于", [("国家发展改革委办公厅", NDRC)]),
        ("中华人民共和国生态环境部令", [("中华人民共和国生态环境部", MEE)]),
        ("原环境保护部", [("环境保护部", MEE)]),
        ("财政部门、商务部分支、科技部署、公安部队", []),
        (
            "财政部分别，商务部署名，生态环境部门户网站",
            [("财政部", "财政部"), ("商务部", "商务部"), (MEE, MEE)],
        ),
        ("河北省发展改革委、北京市发改委、各省（区、市）发展改革委、地方发改委", []),
        ("各省（区、市）国家发展改革委", [("国家发展改革委", NDRC)]),
        ("住房和城乡建设部和工业和信息化部", [(MOHURD, MOHURD), (MIIT, MIIT)]),
        ("没有部门", []),
        ("", []),
    ],
)
def test_find(text: str, mentions: list[tuple[str, str]]) -> None:
    assert [(text[start:end], name) for start, end, name in AUTHORITY.find(text)] == mentions


def test_latin_names_are_whole_words() -> None:
    agency = Authority([Organ("国际机构", ("IEA", "World Bank"))])
    text = "IEA, LIEA, IEAs, 经IEA批准 World Bank"
    assert [text[start:end] for start, end, _ in agency.find(text)] == ["IEA", "IEA", "World Bank"]
    assert agency.find(text)[1][0] == text.index("经") + 1


@given(st.lists(st.sampled_from([name for name, _ in WRITTEN if len(name) > 2] + ["，", "印发的", "x "])))
def test_mentions_are_in_order_and_resolve(parts: list[str]) -> None:
    text = "。".join(parts)
    mentions = AUTHORITY.find(text)
    assert [AUTHORITY.get(text[start:end]) for start, end, _ in mentions] == [name for *_, name in mentions]
    ends = [0, *(end for _, end, _ in mentions)]
    assert all(start >= end for (start, *_), end in zip(mentions, ends, strict=False))


@pytest.mark.parametrize(
    "text",
    [
        "国务院" * 30_000,
        ("国务院和x" * 40 + "、") * 20,
        "和国务院" * 1_200 + "x",
        "等部门" * 30_000 + "!",
        "九 " * 50_000,
        " " * 100_000 + "x",
    ],
)
def test_hostile_lists_take_no_time(text: str) -> None:
    begin = time.perf_counter()
    AUTHORITY.resolve_all(text)
    AUTHORITY.find(text)
    assert time.perf_counter() - begin < 10


def knowledge_base(folder: Path, toml: str) -> Path:
    (folder / "issuers.toml").write_text(toml, encoding="utf-8")
    return folder


def test_without_a_file_of_its_own_a_knowledge_base_has_the_packaged_organs(tmp_path: Path) -> None:
    assert list(Authority.load(tmp_path)) == list(AUTHORITY)


def test_a_knowledge_base_adds_and_replaces(tmp_path: Path) -> None:
    corpus = knowledge_base(
        tmp_path,
        """
        offices = ["调查总队"]
        [[issuer]]
        name = "北京市人民政府"
        aliases = ["北京市政府"]
        former = [{ name = "北平市人民政府", from = 1949, to = 1949, aliases = ["北平市政府"] }]
        [[issuer]]
        name = "北京市人民政府办公厅"
        parent = "北京市人民政府"
        office_of = "北京市人民政府"
        [[issuer]]
        name = "生态环境部"
        """,
    )
    authority = Authority.load(corpus)
    assert authority.get("北京市政府") == authority.get("北平市政府") == "北京市人民政府"
    assert authority.covers("北京市人民政府") == ("北京市人民政府", "北京市人民政府办公厅")
    assert authority.get("北京市人民政府办公厅") == "北京市人民政府办公厅"
    assert authority.get("国家统计局调查总队") == "国家统计局"
    assert authority.get("国家统计局综合司") == "国家统计局"
    assert authority.names("生态环境部") == ("生态环境部",)
    assert authority.get("环保部") is None
    organs = {organ.name: organ for organ in authority}
    assert organs["北京市人民政府"].former == (Former("北平市人民政府", ("北平市政府",), 1949, 1949),)
    assert [organ.name for organ in authority] == [*CANONICAL, "北京市人民政府", "北京市人民政府办公厅"]


@pytest.mark.parametrize(
    ("toml", "complaints"),
    [
        ("[[issuer]", ["TOML"]),
        ("a = " + "[" * 5000, ["TOML"]),
        ("department = []", ["department", "no such key", "issuer"]),
        ("offices = '办公厅'", ["offices", "list of texts"]),
        ("offices = ['']", ["offices", "empty"]),
        ("issuer = 3", ["issuer", "list of tables"]),
        ("issuer = ['某局']", ["issuer", "list of tables"]),
        ("[[issuer]]\naliases = ['某局']", ["issuer", "name is missing"]),
        ("[[issuer]]\nname = ' '", ["name", "empty"]),
        ("[[issuer]]\nname = 3", ["name", "text"]),
        ("[[issuer]]\nname = '某局'\n[[issuer]]\nname = '某局'", ["某局", "twice"]),
        ("[[issuer]]\nname = '某局'\nalias = ['某']", ["某局", "alias", "aliases"]),
        ("[[issuer]]\nname = '某局'\naliases = [3]", ["某局", "aliases"]),
        ("[[issuer]]\nname = '某局'\naliases = ['发改委']", ["某局", "发改委", NDRC]),
        ("[[issuer]]\nname = '某局'\naliases = ['发 改 委']", ["某局", NDRC]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '环保部'}]", ["某局", "环保部", MEE]),
        ("[[issuer]]\nname = '某局'\nparent = '某部'", ["某局", "parent", "某部"]),
        ("[[issuer]]\nname = '某局'\noffice_of = '发改委'", ["某局", "office_of", "发改委"]),
        ("[[issuer]]\nname = '某局'\nparent = []", ["某局", "parent"]),
        ("[[issuer]]\nname = '某局'\nformer = ['老局']", ["某局", "former", "tables"]),
        ("[[issuer]]\nname = '某局'\nformer = [{from = 1990}]", ["某局", "former", "name is missing"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', until = 1990}]", ["某局", "until", "from"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', from = '1990'}]", ["某局", "from", "year"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', to = 90}]", ["某局", "to", "year", "90"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', to = true}]", ["某局", "to", "year"]),
        (
            "[[issuer]]\nname = '某局'\nformer = [{name = '老局', from = 2000, to = 1999}]",
            ["老局", "2000", "1999"],
        ),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, toml: str, complaints: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        Authority.load(knowledge_base(tmp_path, toml))
    for complaint in [str(tmp_path / "issuers.toml"), *complaints]:
        assert complaint in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "issuers.toml").write_bytes("name = '发改委'".encode("gb18030"))
    with pytest.raises(DataError, match="UTF-8"):
        Authority.load(tmp_path)
    (tmp_path / "issuers.toml").unlink()
    (tmp_path / "issuers.toml").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        Authority.load(tmp_path)


def test_parents_in_a_circle_do_no_harm() -> None:
    circle = Authority([Organ("国家甲乙局", parent="国家丙丁局"), Organ("国家丙丁局", parent="国家甲乙局")])
    assert circle.get("甲乙局") == "国家甲乙局"
