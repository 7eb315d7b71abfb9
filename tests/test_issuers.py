from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policykb.domain.issuer_lists import Signatories
from policykb.domain.issuers import Authority
from policykb.domain.organs import Former, Organ
from policykb.errors import DataError, UnknownNameError

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
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
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
        ("国家能源局电力司", NEA),
        ("NDRC", NDRC),
        ("MEE", MEE),
        ("miit", MIIT),
        ("nea", NEA),
        ("SAMR", SAMR),
        ("MOHURD", MOHURD),
        ("气候司", MEE),
        ("生态环境部应对气候变化司", MEE),
        ("生态环境部大气环境司", MEE),
        ("环评司", MEE),
        ("新能源司", NEA),
        ("环资司", NDRC),
        ("国家发展改革委环资司", NDRC),
        ("国家发改委资源节约和环境保护司", NDRC),
        ("工信部节能与综合利用司", MIIT),
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


def test_the_cabinet_stands_before_names_of_what_is_below_it() -> None:
    organs = Authority(
        [
            Organ("国务院"),
            Organ("甲乙部", parent="国务院"),
            Organ("丙丁局", parent="甲乙部"),
            Organ("戊己委"),
        ]
    )
    for prefix in ("国务院", "国务院国家"):
        assert [organs.get(prefix + name) for name in ("甲乙部", "丙丁局", "戊己委")] == ["甲乙部", "丙丁局", None]
    for prefix in ("国家", "中华人民共和国", "中华人民共和国国家"):
        assert organs.get(prefix + "戊己委") == "戊己委"


def nearest(organs: list[str], name: str) -> tuple[str, ...]:
    with pytest.raises(UnknownNameError) as caught:
        Authority(map(Organ, organs)).resolve(name)
    return caught.value.nearest


def test_the_nearest_come_first_and_three_are_enough() -> None:
    organs = ["三乙丙丁戊己", "一乙丙丁戊己", "甲乙丙丁戊己庚", "一二三丁戊己", "二乙丙丁戊己"]
    assert nearest(organs, "甲乙丙丁戊己") == ("甲乙丙丁戊己庚", "三乙丙丁戊己", "一乙丙丁戊己")
    assert nearest(organs[3:], "甲乙丙丁戊己") == ("二乙丙丁戊己",)


def test_half_alike_is_just_near_enough() -> None:
    assert nearest(["甲乙丙丁"], "甲乙戊己") == ("甲乙丙丁",)
    assert nearest(["甲乙丙"], "甲") == ("甲乙丙",)
    assert nearest(["甲乙丙丁"], "甲戊己庚") == ()
    assert nearest(["丙" + "甲乙" * 100], "甲乙" * 100) == ("丙" + "甲乙" * 100,)


def test_the_longest_office_is_taken_off() -> None:
    organs = Authority([Organ("甲乙局"), Organ("甲乙局办公")], ["厅", "办公厅"])
    assert organs.get("甲乙局办公厅") == "甲乙局"
    assert organs.find("甲乙局办公厅") == [(0, 6, "甲乙局办公")]
    longest = "中华人民共和国国家甲乙局办公办公厅"
    assert organs.split(longest + "甲乙局") == [longest, "甲乙局"]


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
        ("财 政 部和商 务 部", ["财政部", "商务部"]),
        ("甲和乙和丙和丁和财政部", ["甲和乙和丙和丁", "财政部"]),
        ("甲和乙和丙和丁和戊和财政部", ["甲和乙和丙和丁和戊和财政部"]),  # more than a name can hold
        ("财政部" * 66 + "国办", ["财政部"] * 66 + ["国办"]),
        ("财政部" * 67, ["财政部" * 67]),  # no list, but prose of 201 characters
        ("甲乙丙丁" + "、财政部" * 1249, ["甲乙丙丁"] + ["财政部"] * 1249),
        ("甲乙丙丁戊" + "、财政部" * 1249, ["甲乙丙丁戊" + "、财政部" * 1249]),
        ("财政部、XX", ["财政部", "XX"]),
        ("财政部,商务部", ["财政部", "商务部"]),
        ("财政部 World Bank", ["财政部", "World Bank"]),
        ("十部门", []),
        ("", []),
        ("、，", []),
    ],
)
def test_split(text: str, names: list[str]) -> None:
    assert AUTHORITY.split(text) == names


def test_a_run_of_names_is_read_as_the_fewest() -> None:
    organs = Authority(map(Organ, ["甲乙", "丙丁", "戊己庚辛", "甲乙丙丁戊", "己庚辛"]))
    assert organs.split("甲乙丙丁戊己庚辛") == ["甲乙丙丁戊", "己庚辛"]
    assert Authority(map(Organ, ["甲", "乙丙", "丁戊己"])).split("甲乙丙") == ["甲", "乙丙"]


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


def numeral(number: int) -> str:
    tens, units = divmod(number, 10)
    return (
        ("一二三四五六七八九"[tens - 1] if tens > 1 else "")
        + "十" * (tens > 0)
        + "〇一二三四五六七八九"[units] * (units > 0)
    )


def test_totals_in_chinese_and_other_numerals() -> None:
    for number in range(2, 100):
        for written in (numeral(number), str(number), f"{number:03}", str(number).translate(FULL_WIDTH)):
            assert AUTHORITY.resolve_all(f"生态环境部等{written}部门") == Signatories((MEE,), number)
    for written, number in (("一十五", 15), ("两十", 20), ("两", 2), ("999", 999)):
        assert AUTHORITY.resolve_all(f"生态环境部等{written}部门") == Signatories((MEE,), number)


@pytest.mark.parametrize(
    "tail",
    [
        "等六部门办", "等六部门" + "办" * 12, "等六部门（室）", f"等六部门({'室' * 40})", "等六部门办公厅（室）联合", "等六部门 办公厅 (室) 联合",
        "等六有关部门", "等六家相关单位", "和六部门", "与六个部门", "会同六部门", "以及六部门", "及六部门", " 等 六 部门",
        "等六部门联合", "等六部委局", "等六部委", "等六委办局", "等六机构",
    ],
)  # fmt: skip
def test_what_may_stand_around_a_total(tail: str) -> None:
    assert AUTHORITY.split("生态环境部" + tail) == [MEE]
    assert AUTHORITY.resolve_all("生态环境部" + tail) == Signatories((MEE,), 6)


@pytest.mark.parametrize(
    "tail",
    ["其他部门", "有关部门", "和相关单位", "等其他有关部门", "会同多个部门", "等各部门", "等一部门", "联合", "等"],
)
def test_a_total_without_a_number(tail: str) -> None:
    assert AUTHORITY.split("生态环境部" + tail) == [MEE]
    assert AUTHORITY.resolve_all("生态环境部" + tail) == Signatories((MEE,), None)


@pytest.mark.parametrize(
    "tail",
    [
        "等六部门" + "办" * 13,
        "等六部门（）",
        f"等六部门({'室' * 41})",
        "等1000部门",
        "等六部门（（室））",
        "等六部门(（室)",
    ],
)
def test_what_is_no_total(tail: str) -> None:
    assert AUTHORITY.resolve_all("生态环境部" + tail).count is None


@pytest.mark.parametrize(
    ("text", "issuers", "count"),
    [
        ("国家发展改革委、统计局、财政部三部门", (NDRC, "国家统计局", "财政部"), None),
        ("国家发展改革委、国家发展改革委办公厅", (NDRC,), None),
        ("市场监管总局办公厅等五部门", (SAMR,), 5),
        ("卫生健康委员会和气候司", ("国家卫生健康委员会", "生态环境部"), None),  # no division of 卫生健康委
        ("北京市人民政府、北京市生态环境局办公室", ("北京市人民政府", "北京市生态环境局办公室"), None),
        ("十部门", (), 10),
        ("等两部门", (), 2),
        ("", (), None),
    ],
)
def test_resolve_all(text: str, issuers: tuple[str, ...], count: int | None) -> None:
    assert AUTHORITY.resolve_all(text) == Signatories(issuers, count)


def test_a_division_after_any_name_is_a_name_of_its_own() -> None:
    for name, organ in WRITTEN:
        for office in ("", "办公厅"):
            if AUTHORITY.get(name + office) == organ:
                assert AUTHORITY.resolve_all(f"{name}{office}和气候司").issuers[-1] == MEE, name + office


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
        ("某央行", []),
        ("由央行", [("央行", PBOC)]),
        ("市发展改革委", []),
        ("各市）财政部", []),
        ("各省(区、市)发展改革委、各省（市、区）发改委、各省(市、区)发展改革委", []),
        ("各省的财政部", [("财政部", "财政部")]),
        ("公安部位", []),
        ("某兵团生态环境部，某兵团国家能源局", [(NEA, NEA)]),
        ("没有部门", []),
        ("", []),
    ],
)
def test_find(text: str, mentions: list[tuple[str, str]]) -> None:
    assert [(text[start:end], name) for start, end, name in AUTHORITY.find(text)] == mentions


@pytest.mark.parametrize(
    "text",
    [
        "由央行",
        "经央行",
        "据央行",
        "和央行",
        "与央行",
        "及央行",
        "向央行",
        "对央行",
        "从央行",
        "在央行",
        "被央行",
        "让央行",
    ]
    + [
        "请央行",
        "央行和",
        "央行与",
        "央行及",
        "央行等",
        "央行将",
        "央行已",
        "央行正在",
        "央行在",
        "央行的",
        "央行对",
        "央行发布",
    ]
    + ["央行印发", "央行公布", "央行关于", "央行联合", "央行会同", "央行表示", "央行出台", "央行宣布", "央行有关"]
    + ["央行相关", "央行要求", "央行提出", "央行就", "（央行）", "1央行2"],
)
def test_neighbours_that_leave_a_short_name_alone(text: str) -> None:
    assert [(text[start:end], name) for start, end, name in AUTHORITY.find(text)] == [("央行", PBOC)]


@pytest.mark.parametrize("text", ["X央行", "央行X", "XX央行", "央行行长", "某央行的", "由央行长"])
def test_neighbours_that_make_a_short_name_part_of_a_word(text: str) -> None:
    assert AUTHORITY.find(text) == []


@pytest.mark.parametrize(
    "name",
    [
        "国家能源局",
        "国务院办公厅",
        "中国人民银行",
        "中华人民共和国生态环境部",
        "中央军委",
        "中共中央",
        "全国人大常委会",
        "最高人民法院",
    ],
)
def test_a_national_name_is_no_local_one(name: str) -> None:
    for before in ("河北省", "北京市", "各区", "某县", "各州", "某盟", "各旗", "各级", "各地方", "各省（区、市）"):
        text = before + name
        assert [text[start:end] for start, end, _ in AUTHORITY.find(text)] == [name]
        assert AUTHORITY.find(before + "生态环境部") == []


def test_organs_are_values() -> None:
    for one, same in (
        (Former("甲"), Former("甲")),
        (Organ("甲"), Organ("甲")),
        (Signatories(("甲",)), Signatories(("甲",))),
    ):
        assert {one, same} == {one}
        assert not hasattr(one, "__dict__")


def test_latin_names_are_whole_words() -> None:
    agency = Authority([Organ("国际机构", ("IEA", "World Bank"))])
    text = "IEA, LIEA, IEAs, 经IEA批准 World Bank"
    assert [text[start:end] for start, end, _ in agency.find(text)] == ["IEA", "IEA", "World Bank"]
    assert agency.find(text)[1][0] == text.index("经") + 1
    assert [agency.find(text) for text in ("LIEA", "的LIEA", "2IEA", "IEA2")] == [[], [], [], []]
    mixed = Authority([Organ("某机构", ("A股局",))])
    assert [bool(mixed.find(text)) for text in ("A股局", "经A股局", "BA股局")] == [True, True, False]


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
    begin = time.process_time()
    AUTHORITY.resolve_all(text)
    AUTHORITY.find(text)
    assert time.process_time() - begin < 10


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
        ("[[issuer]]\naliases = ['某局']", ["issuers.toml: issuer: name is missing"]),
        ("[[issuer]]\nname = ' '", ["name", "empty"]),
        ("[[issuer]]\nname = 3", ["name", "text"]),
        ("[[issuer]]\nname = '某局'\n[[issuer]]\nname = '某局'", ["issuer 某局: stands in the file twice"]),
        ("[[issuer]]\nname = '某局'\nalias = ['某']", ["某局", "alias", "aliases"]),
        ("[[issuer]]\nname = '某局'\naliases = [3]", ["某局", "aliases"]),
        ("[[issuer]]\nname = '某局'\naliases = ['发改委']", ["某局", "发改委", NDRC]),
        ("[[issuer]]\nname = '某局'\naliases = ['发 改 委']", ["某局", NDRC]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '环保部'}]", ["某局", "环保部", MEE]),
        ("[[issuer]]\nname = '某局'\nparent = '某部'", ["issuer 某局: parent: 某部 is not"]),
        ("[[issuer]]\nname = '某局'\noffice_of = '发改委'", ["issuer 某局: office_of: 发改委 is not"]),
        ("[[issuer]]\nname = '某局'\nparent = []", ["某局", "parent"]),
        ("[[issuer]]\nname = '某局'\nformer = ['老局']", ["某局", "former", "tables"]),
        ("[[issuer]]\nname = '某局'\nformer = [{from = 1990}]", ["issuer 某局: former: name is missing"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', until = 1990}]", ["某局", "until", "from"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', from = '1990'}]", ["某局", "from", "year"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', to = 90}]", ["某局", "to", "year", "90"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', to = true}]", ["某局", "to", "year"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', from = 1899}]", ["某局", "from", "year", "1899"]),
        ("[[issuer]]\nname = '某局'\nformer = [{name = '老局', to = 2101}]", ["某局", "to", "year", "2101"]),
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


def test_the_years_of_a_former_name_are_1900_to_2100(tmp_path: Path) -> None:
    for start, end in ((1900, 1900), (1900, 2100), (2100, 2100)):
        former = f"{{name = '老局', from = {start}, to = {end}}}"
        authority = Authority.load(knowledge_base(tmp_path, f"[[issuer]]\nname = '某局'\nformer = [{former}]"))
        assert list(authority)[-1].former == (Former("老局", (), start, end),)


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


@pytest.mark.parametrize(
    ("written", "organ"),
    [
        ("NDRC", "国家发展和改革委员会"),
        ("MEE", "生态环境部"),
        ("miit", "工业和信息化部"),
        ("气候司", "生态环境部"),
        ("应对气候变化司", "生态环境部"),
    ],
)
def test_names_as_people_write_them(written: str, organ: str) -> None:
    assert Authority.load(None).get(written) == organ


def test_a_contraction_suggests_the_department() -> None:
    with pytest.raises(UnknownNameError) as caught:
        Authority.load(None).resolve("生环部")
    assert "生态环境部" in str(caught.value)


def test_divisions_of_no_department_are_none() -> None:
    for name in ("国务院某司", "上海市发展改革委价格司", "某司", "司", "甲公司", "环保部门司令部"):
        assert AUTHORITY.get(name) is None, name


@pytest.mark.parametrize("name", ["两办", "中央两办"])
def test_a_name_of_several_departments(name: str) -> None:
    both = ("中共中央办公厅", "国务院办公厅")
    assert AUTHORITY.together(name) == both
    assert AUTHORITY.resolve_all(name) == Signatories(both)
    assert AUTHORITY.resolve_all(f"{name}、生态环境部") == Signatories((*both, MEE))
    assert AUTHORITY.together("国办") == ()


def test_names_together_are_names_of_issuers(tmp_path: Path) -> None:
    (tmp_path / "issuers.toml").write_text(
        '[[together]]\nnames = ["三家"]\nissuers = ["教育部", "不存在部"]\n', "utf-8"
    )
    with pytest.raises(DataError, match="不存在部"):
        Authority.load(tmp_path)


def test_a_division_does_not_begin_with_a_conjunction() -> None:
    assert AUTHORITY.resolve_all("中共中央、中共中央办公厅和节能司").issuers == (
        "中共中央", "中共中央办公厅", "工业和信息化部",
    )  # fmt: skip
