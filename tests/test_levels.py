"""效力级别 and 地区: what follows from issuer, number and kind, and what is left open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.levels import known_levels, level_of, region_of
from policykb.domain.wording import status_of

ROOT = Path(__file__).parents[1]
AUTHORITY = Authority.load(None)

CASES = [
    ("全国人民代表大会常务委员会", None, "法律", "中华人民共和国甲法", "法律", "国家"),
    ("全国人民代表大会常务委员会", None, "决定", "关于设立甲日的决定", "有关法律问题的决定", "国家"),
    ("国务院", "国务院令第775号", "条例", "甲管理暂行条例", "行政法规", "国家"),
    ("国务院", "国发〔2021〕23号", "方案", "甲行动方案", "规范性文件", "国家"),
    ("国务院办公厅", "国办发〔2024〕39号", "通知", "关于甲的通知", "规范性文件", "国家"),
    ("生态环境部", "生态环境部令第19号", "办法", "甲管理办法（试行）", "部门规章", "国家"),
    ("生态环境部", "环气候〔2024〕30号", "通知", "关于甲的通知", "规范性文件", "国家"),
    ("国家市场监督管理总局", None, "通知", "关于甲的通知", "规范性文件", "国家"),
    ("最高人民法院", "法释〔2020〕1号", "解释", "关于甲的解释", "司法解释", "国家"),
    ("中共中央", None, "条例", "甲工作条例", "党内法规", "国家"),
    ("中共中央", None, "意见", "关于甲的意见", "党内规范性文件", "国家"),
    ("浙江省人民代表大会常务委员会", None, "条例", "浙江省甲条例", "地方性法规", "浙江省"),
    ("广东省人民政府", "广东省人民政府令第300号", "办法", "广东省甲办法", "地方政府规章", "广东省"),
    ("浙江省人民政府", "浙政发〔2022〕3号", "通知", "关于甲的通知", "地方规范性文件", "浙江省"),
    ("广西壮族自治区生态环境厅", "桂环发〔2022〕3号", "通知", "关于甲的通知", "地方规范性文件", "广西壮族自治区"),
    ("深圳市生态环境局", "深环〔2023〕1号", "通知", "关于甲的通知", "地方规范性文件", "深圳市"),
    ("内蒙古自治区呼和浩特市人民政府", None, "通知", "关于甲的通知", "地方规范性文件", "内蒙古自治区呼和浩特市"),
    ("北京市海淀区人民政府", None, "意见", "关于甲的意见", "地方规范性文件", "北京市海淀区"),
    # what cannot be told is left open
    ("生态环境部", None, "办法", "甲管理办法", None, "国家"),
    ("广东省人民政府", None, "办法", "广东省甲办法", None, "广东省"),
    ("生态环境部", None, "指南", "甲指南（征求意见稿）", None, "国家"),
    ("生态环境部", None, "答复", "关于甲的答复", None, "国家"),
    ("某某协会", None, "通知", "关于甲的通知", None, None),
]


@pytest.mark.parametrize(("issuer", "number", "kind", "title", "level", "region"), CASES)
def test_level_and_region(
    issuer: str, number: str | None, kind: str, title: str, level: str | None, region: str | None
) -> None:
    found = level_of((issuer,), number, kind, status_of(title), title, AUTHORITY)
    assert (found and found.value) == level
    assert found is None or (0.5 < found.confidence < 1 and found.where)
    place = region_of((issuer,), number, AUTHORITY)
    assert (place and place.value) == region


def test_a_place_that_issuer_and_number_agree_on_is_surer() -> None:
    def sure(number: str | None) -> float:
        found = region_of(("浙江省人民政府",), number, AUTHORITY)
        assert found is not None
        return found.confidence

    assert sure("浙政发〔2022〕3号") > sure(None) > sure("粤府〔2022〕3号")
    alone = region_of((), "浙政发〔2022〕3号", AUTHORITY)
    assert alone is not None
    assert (alone.value, alone.where) == ("浙江省", "number")
    assert region_of((), None, AUTHORITY) is None


NOTICE = """浙江省人民政府关于印发甲方案的通知

浙政发〔2022〕3号

各市、县（市、区）人民政府：

现将《甲方案》印发给你们，请认真贯彻执行。

浙江省人民政府

2022年3月4日
"""


def test_an_addition_concludes_them_and_says_how_surely(run: Callable[..., Run], tmp_path: Path) -> None:
    kb, file = tmp_path / "kb", tmp_path / "a.txt"
    file.write_text(NOTICE, encoding="utf-8")
    run("init", str(kb))
    done = run("add", str(file), kb=kb)
    assert "地方规范性文件  (concluded from issuer, " in done.out
    assert "浙江省  (concluded from issuer, number, " in done.out
    found = json.loads(run("list", "--level", "地方规范性文件", "--facets", "--format", "json", kb=kb).out)
    assert found["total"] == 1
    assert (found["facets"]["level"], found["facets"]["region"]) == ({"地方规范性文件": 1}, {"浙江省": 1})
    assert run("search", "region:浙江省", "--format", "paths", kb=kb).out.count("\n") == 1
    assert run("list", "--region", "广东省", "--format", "paths", kb=kb).out == ""
    assert "did you mean" in run("list", "--level", "法规", kb=kb).err
    assert run("list", "--level", "法规", kb=kb).code == 1
    assert set(known_levels()) >= {
        "法律",
        "行政法规",
        "部门规章",
        "规范性文件",
        "地方性法规",
        "地方政府规章",
        "党内法规",
    }


def test_a_search_for_a_province_finds_what_is_for_its_cities(tmp_path: Path, run: Run) -> None:
    kb = tmp_path / "kb"
    run("init", str(kb))
    folder = kb / "corpus" / "2031"
    folder.mkdir()
    for n, region in enumerate(("广东省", "深圳市", "广东省广州市南沙区", "浙江省", "国家")):
        (folder / f"{n}.md").write_text(
            f"---\ntitle: 雨水收集办法之{n}\ndate: 2031-05-0{n + 1}\nissuers: [财政部]\nregion: {region}\n---\n\n雨水。\n",
            "utf-8",
        )
    paths = run("search", "雨水", "--region", "广东省", "--format", "paths", kb=kb).out.split()
    assert sorted(Path(path).name for path in paths) == ["0.md", "1.md", "2.md"]
    assert run("search", "region:广东省", "--format", "paths", kb=kb).out.count("\n") == 3
    assert run("search", "雨水", "--region", "深圳市", "--format", "paths", kb=kb).out.count("\n") == 1
    assert run("search", "雨水", "--region", "国家", "--format", "paths", kb=kb).out.count("\n") == 1


def test_the_shipped_policies_have_them_where_nothing_is_in_doubt() -> None:
    corpus = Corpus(ROOT / "corpus")
    policies = [corpus.read(path) for path in corpus.paths()]
    for one in policies:
        level = level_of(one.issuers, one.number, one.kind, one.status, one.title, AUTHORITY)
        region = region_of(one.issuers, one.number, AUTHORITY)
        assert one.level == (level.value if level and level.confidence >= 0.9 else None), one.id
        assert one.region == (region.value if region and region.confidence >= 0.9 else None), one.id
    assert {one.level for one in policies} == {"法律", "行政法规", "规范性文件", None}
