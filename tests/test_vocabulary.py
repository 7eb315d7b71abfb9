from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from policykb.domain.vocabulary import Tag, Trigger, Vocabulary
from policykb.errors import DataError, UnknownNameError

VOCABULARY = Vocabulary.load(None)
REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "tags.md"

# What official documents of 2006 to 2025 are about, as their titles alone say it.
TITLES = """
碳市场 | 碳排放权交易管理办法（试行）
碳市场 | 碳排放权交易管理暂行办法
碳市场 发电 | 全国碳排放权交易市场建设方案（发电行业）
碳市场 发电 | 2019-2020年全国碳排放权交易配额总量设定与分配实施方案（发电行业）
碳市场 发电 | 2021、2022年度全国碳排放权交易配额总量设定与分配实施方案（发电行业）
碳市场 | 碳排放权登记管理规则（试行）
碳市场 | 碳排放权结算管理规则（试行）
碳市场 | 关于做好全国碳排放权交易市场第一个履约周期碳排放配额清缴工作的通知
碳市场 | 关于开展碳排放权交易试点工作的通知
碳核算 | 关于做好2023—2025年部分重点行业企业温室气体排放报告与核查工作的通知
碳市场 | 关于推进绿色低碳转型加强全国碳市场建设的意见
碳市场 钢铁 水泥 铝冶炼 | 全国碳排放权交易市场覆盖钢铁、水泥、铝冶炼行业工作方案
碳市场 钢铁 水泥 铝冶炼 | 2024、2025年度全国碳排放权交易市场钢铁、水泥、铝冶炼行业配额总量和分配方案
碳市场 | 关于做好2025年全国碳排放权交易市场有关工作的通知
自愿减排 | 温室气体自愿减排交易管理办法（试行）
自愿减排 | 温室气体自愿减排交易管理暂行办法
自愿减排 碳汇 | 温室气体自愿减排项目方法学 造林碳汇（CCER—14—001—V01）
自愿减排 | 温室气体自愿减排项目方法学 并网海上风力发电（CCER—01—002—V01）
自愿减排 非二氧化碳 | 温室气体自愿减排项目方法学 煤矿低浓度瓦斯和风排瓦斯利用
自愿减排 | 温室气体自愿减排项目审定与减排量核查实施规则
自愿减排 | 清洁发展机制项目运行管理办法
自愿减排 | 大型活动碳中和实施指南（试行）
自愿减排 区域低碳 | 广东省碳普惠交易管理办法
碳足迹 | 关于加快建立产品碳足迹管理体系的意见
碳足迹 标准计量 | 产品碳足迹核算标准编制工作指引
碳足迹 | 温室气体 产品碳足迹 量化要求和指南
碳足迹 发电 | 关于发布2023年电力碳足迹因子数据的公告
碳足迹 | 产品碳标识认证管理办法（征求意见稿）
碳足迹 | 低碳产品认证管理暂行办法
碳核算 | 关于加快建立统一规范的碳排放统计核算体系实施方案
碳核算 发电 | 企业温室气体排放核算方法与报告指南 发电设施（2022年修订版）
碳核算 | 企业温室气体排放报告核查指南（试行）
碳核算 | 首批10个行业企业温室气体排放核算方法与报告指南（试行）
碳核算 钢铁 | 中国钢铁生产企业温室气体排放核算方法与报告指南（试行）
碳核算 | 省级温室气体清单编制指南（试行）
碳核算 | 碳监测评估试点工作方案
碳核算 | 关于加强企业温室气体排放报告管理相关工作的通知
碳核算 | 关于做好2022年企业温室气体排放报告管理相关重点工作的通知
碳核算 | 国家温室气体排放因子数据库
碳足迹 标准计量 制造业 | 工业产品碳足迹核算规则团体标准推荐清单
碳双控 | 关于推动能耗双控逐步转向碳排放双控的意见
碳双控 | 单位国内生产总值二氧化碳排放降低目标责任考核评估办法
碳双控 | 完善能源消费强度和总量双控制度方案
节能降碳 碳双控 | 固定资产投资项目节能审查和碳排放评价办法
碳双控 | 碳达峰碳中和综合评价考核办法
碳汇 | 生态系统碳汇能力巩固提升实施方案
碳汇 | 海洋碳汇核算方法
碳汇 林草 | 林业碳汇项目审定和核证指南
碳汇 非二氧化碳 | 农业农村减排固碳实施方案
碳汇 | 红树林保护修复专项行动计划（2020—2025年）
标准计量 | 碳达峰碳中和标准体系建设指南
标准计量 | 建立健全碳达峰碳中和标准计量体系实施方案
标准计量 制造业 节能降碳 | 2024年度工业节能与绿色标准化工作方案
标准计量 | 国家标准化发展纲要
标准计量 | 计量发展规划（2021—2035年）
标准计量 能源转型 | 能源碳达峰碳中和标准化提升行动计划
节能降碳 | “十四五”节能减排综合工作方案
节能降碳 | “十二五”节能减排综合性工作方案
节能降碳 | 万家企业节能低碳行动实施方案
节能降碳 | 固定资产投资项目节能审查办法
节能降碳 | 关于严格能效约束推动重点领域节能降碳的若干意见
节能降碳 | 高耗能行业重点领域能效标杆水平和基准水平（2021年版）
节能降碳 制造业 | 工业能效提升行动计划
节能降碳 | 中华人民共和国节约能源法
节能降碳 | 国家重点节能低碳技术推广目录
节能降碳 制造业 | 工业节能监察办法
节能降碳 水泥 | 水泥行业节能降碳专项行动计划
节能降碳 铝冶炼 | 电解铝行业节能降碳专项行动计划
节能降碳 | 公共机构绿色低碳引领行动促进碳达峰实施方案
节能降碳 | 绿色建筑行动方案
减污降碳 | 减污降碳协同增效实施方案
减污降碳 钢铁 | 关于推进实施钢铁行业超低排放的意见
减污降碳 | 空气质量持续改善行动计划
减污降碳 | 大气污染防治行动计划
减污降碳 | 关于深入打好污染防治攻坚战的意见
应对气候变化 减污降碳 | 关于统筹和加强应对气候变化与生态环境保护相关工作的指导意见
减污降碳 区域低碳 | 城市和产业园区减污降碳协同创新试点名单
绿电绿证 | 绿色电力交易试点工作方案
绿电绿证 | 关于做好可再生能源绿色电力证书全覆盖工作 促进可再生能源电力消费的通知
绿电绿证 | 关于建立健全可再生能源电力消纳保障机制的通知
绿电绿证 | 可再生能源绿色电力证书核发和交易规则
绿电绿证 | 关于试行可再生能源绿色电力证书核发及自愿认购交易制度的通知
绿电绿证 | 关于有序推动绿电直连发展有关事项的通知
绿电绿证 | 关于2025年可再生能源电力消纳责任权重及有关事项的通知
绿电绿证 | 关于促进可再生能源绿色电力证书市场高质量发展的意见
能源转型 | 关于完善能源绿色低碳转型体制机制和政策措施的意见
能源转型 | “十四五”现代能源体系规划
能源转型 | “十四五”可再生能源发展规划
能源转型 | 可再生能源发展“十三五”规划
能源转型 | 氢能产业发展中长期规划（2021—2035年）
能源转型 | 关于加快推动新型储能发展的指导意见
能源转型 | 关于深化新能源上网电价市场化改革 促进新能源高质量发展的通知
能源转型 发电 | 全国煤电机组改造升级实施方案
节能降碳 发电 能源转型 | 煤电节能减排升级与改造行动计划（2014—2020年）
能源转型 发电 | 新一代煤电升级专项行动实施方案（2025—2027年）
能源转型 | 2025年能源工作指导意见
能源转型 | 关于大力实施可再生能源替代行动的指导意见
能源转型 | 中华人民共和国可再生能源法
能源转型 | 抽水蓄能中长期发展规划（2021—2035年）
绿色金融 | 关于构建绿色金融体系的指导意见
绿色金融 | 绿色债券支持项目目录（2021年版）
绿色金融 | 绿色信贷指引
绿色金融 应对气候变化 | 关于促进应对气候变化投融资的指导意见
绿色金融 应对气候变化 | 关于开展气候投融资试点工作的通知
绿色金融 | 银行业保险业绿色金融指引
绿色金融 | 关于推动绿色保险高质量发展的指导意见
绿色金融 | 企业可持续披露准则——基本准则（试行）
绿色金融 | 绿色金融支持项目目录（2025年版）
绿色金融 全面绿色转型 | 关于发挥绿色金融作用 服务美丽中国建设的意见
环评 | 关于加强高耗能、高排放建设项目生态环境源头防控的指导意见
环评 | 关于开展重点行业建设项目碳排放环境影响评价试点的通知
环评 | 规划环境影响评价条例
环评 区域低碳 | 关于在产业园区规划环评中开展碳排放评价试点的通知
非二氧化碳 | 甲烷排放控制行动方案
非二氧化碳 | 中国履行《关于消耗臭氧层物质的蒙特利尔议定书》国家方案（2025—2030年）
非二氧化碳 | 关于控制副产三氟甲烷排放的通知
非二氧化碳 | 2024年度氢氟碳化物配额总量设定与分配方案
非二氧化碳 | 消耗臭氧层物质管理条例
非二氧化碳 | 煤层气（煤矿瓦斯）排放标准
非二氧化碳 制造业 | 工业领域氧化亚氮排放控制行动方案
设备更新 | 推动大规模设备更新和消费品以旧换新行动方案
设备更新 制造业 | 推动工业领域设备更新实施方案
设备更新 节能降碳 | 关于统筹节能降碳和回收利用 加快重点领域产品设备更新改造的指导意见
设备更新 | 关于2025年加力扩围实施大规模设备更新和消费品以旧换新政策的通知
绿色供应链 | 企业绿色采购指南（试行）
绿色供应链 制造业 | 绿色制造 制造企业绿色供应链管理 导则
绿色供应链 | 关于积极推进供应链创新与应用的指导意见
数字化 | 数字化绿色化协同转型发展实施指南
数字化 | 数据中心绿色低碳发展专项行动计划
数字化 | 信息通信行业绿色低碳发展行动计划（2022—2025年）
数字化 能源转型 | 关于加快推进能源数字化智能化发展的若干意见
数字化 | 深入实施“东数西算”工程加快构建全国一体化算力网的实施意见
生态保护补偿 | 关于深化生态保护补偿制度改革的意见
生态保护补偿 | 关于健全生态保护补偿机制的意见
生态保护补偿 | 关于建立健全生态产品价值实现机制的意见
生态保护补偿 | 支持长江全流域建立横向生态保护补偿机制的实施方案
区域低碳 | 关于开展低碳省区和低碳城市试点工作的通知
区域低碳 | 国家碳达峰试点建设方案
区域低碳 | 关于开展零碳园区建设的通知
区域低碳 | 国家低碳工业园区试点工作方案
区域低碳 | 低碳社区试点建设指南
区域低碳 | 关于支持贵州在新时代西部大开发上闯新路的意见
区域低碳 | 浙江省碳达峰碳中和科技创新行动方案
应对气候变化 区域低碳 | 气候适应型城市建设试点工作方案
应对气候变化 | 国家适应气候变化战略2035
应对气候变化 | 国家应对气候变化规划（2014—2020年）
应对气候变化 | “十三五”控制温室气体排放工作方案
应对气候变化 | 中国应对气候变化的政策与行动2019年度报告
应对气候变化 | 中国落实国家自主贡献成效和新目标新举措
应对气候变化 | 强化应对气候变化行动——中国国家自主贡献
应对气候变化 | 中国本世纪中叶长期温室气体低排放发展战略
全面绿色转型 | 关于完整准确全面贯彻新发展理念做好碳达峰碳中和工作的意见
全面绿色转型 | 2030年前碳达峰行动方案
全面绿色转型 | 关于加快建立健全绿色低碳循环发展经济体系的指导意见
全面绿色转型 | 关于全面推进美丽中国建设的意见
全面绿色转型 | 生态文明体制改革总体方案
全面绿色转型 | 中华人民共和国国民经济和社会发展第十四个五年规划和2035年远景目标纲要
国际衔接 | 关于推进共建“一带一路”绿色发展的意见
国际衔接 应对气候变化 | 中美关于加强合作应对气候危机的阳光之乡声明
国际衔接 | 关于拓展绿色贸易的实施意见
国际衔接 应对气候变化 | 中法关于应对气候变化的联合声明
钢铁 | 关于促进钢铁工业高质量发展的指导意见
钢铁 | 钢铁行业稳增长工作方案（2025—2026年）
减污降碳 钢铁 | 关于做好钢铁企业超低排放评估监测工作的通知
建材 | 建材行业碳达峰实施方案
铝冶炼 | 有色金属行业碳达峰实施方案
铝冶炼 | 铝产业高质量发展实施方案（2025—2027年）
制造业 | 工业领域碳达峰实施方案
制造业 | “十四五”工业绿色发展规划
制造业 | 绿色制造工程实施指南（2016—2020年）
制造业 | 关于加快推动制造业绿色化发展的指导意见
制造业 | 零碳工厂建设工作指导意见
石化化工 | 石化化工行业碳达峰实施方案
石化化工 | 关于“十四五”推动石化化工行业高质量发展的指导意见
石化化工 | 现代煤化工产业创新发展布局方案
节能降碳 石化化工 | 合成氨行业节能降碳专项行动计划
焦化 | 焦化行业规范条件
建材 | 关于促进建材工业绿色发展和结构调整的指导意见
建材 | 促进绿色建材生产和应用行动方案
水泥 建材 | 水泥玻璃行业产能置换实施办法
林草 | 深化集体林权制度改革方案
林草 | “十四五”林业草原保护发展规划纲要
林草 | 全国国土绿化规划纲要（2022—2030年）
林草 | 关于科学绿化的指导意见
林草 应对气候变化 | 林业应对气候变化“十三五”行动要点
"""
ABOUT = [(title, set(tags.split())) for tags, title in (row.split(" | ") for row in TITLES.split("\n") if row)]


def fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def hits(tag: Tag, text: str, part: str) -> dict[str, float]:
    """The words of ``tag`` that count in ``text``, longest first at each place, with their weights."""
    weights = {
        fold(word): trigger.weight
        for trigger in tag.triggers
        if trigger.where in ("any", part)
        for word in trigger.words
    }
    words = "|".join(map(re.escape, sorted(weights, key=len, reverse=True)))
    return {match[0]: weights[match[0]] for match in re.finditer(words, fold(text))}


def spoken_for(title: str) -> set[str]:
    best = {tag.name: max(hits(tag, title, "title").values(), default=0.0) for tag in VOCABULARY.values()}
    return {name for name, weight in best.items() if weight >= 2 and weight >= 0.4 * max(best.values())}


def test_the_tags_are_those_of_the_reference() -> None:
    if not REFERENCE.exists():
        pytest.skip("the reference vocabulary is not beside this checkout")
    _, topics, sectors = re.split(r"^## .*$", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = [
        (name, group)
        for group, table in (("topic", topics), ("sector", sectors))
        for name in re.findall(r"^\| ([^ |a-z-]+) \|", table, flags=re.MULTILINE)
    ]
    assert [(tag.name, tag.group) for tag in VOCABULARY.values()] == rows
    assert len(VOCABULARY) == 31


def test_every_tag_has_words_for_title_and_body() -> None:
    assert len(VOCABULARY) == 31
    for name, tag in VOCABULARY.items():
        assert tag.name == name
        assert tag.description.endswith(".")
        for part in ("title", "body"):
            weights = [trigger.weight for trigger in tag.triggers if trigger.where in ("any", part)]
            assert max(weights) >= (4 if part == "title" else 0.8), (name, part)
        assert VOCABULARY.resolve(name) == name
        for alias in tag.aliases:
            assert VOCABULARY.resolve(alias) == name


@pytest.mark.parametrize(("title", "tags"), ABOUT, ids=[title for title, _ in ABOUT])
def test_titles_speak_for_their_tags(title: str, tags: set[str]) -> None:
    assert tags <= set(VOCABULARY)
    assert len(spoken_for(title) & tags) >= max(1, len(tags) - 1)


def test_titles_speak_for_little_else() -> None:
    right = sum(len(spoken_for(title) & tags) for title, tags in ABOUT)
    given = sum(len(spoken_for(title)) for title, _ in ABOUT)
    expected = sum(len(tags) for _, tags in ABOUT)
    assert right / given >= 0.97
    assert right / expected >= 0.97


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("标准计量", "节约1亿吨标准煤的高标准农田"),
        ("节能降碳", "提升系统调节能力，产能效益"),
        ("石化化工", "标准化工作方案、绿化工程和现代化工业体系"),
        ("制造业", "工业和信息化部"),
        ("能源转型", "国家能源局推广新能源汽车，仓储能力"),
        ("林草", "国家林业和草原局"),
        ("绿色金融", "国家金融监督管理总局"),
        ("碳市场", "氢氟碳化物配额和可再生能源配额"),
        ("碳核算", "碳足迹核算规则"),
        ("焦化", "聚焦化解产能，延迟焦化装置"),
    ],
)
@pytest.mark.parametrize("part", ["title", "body"])
def test_words_inside_longer_ones_say_nothing(tag: str, text: str, part: str) -> None:
    found = hits(VOCABULARY[tag], text, part)
    assert found
    assert sum(map(abs, found.values())) == 0


@pytest.mark.parametrize(
    ("tag", "alone", "listed"),
    [
        ("钢铁", "钢铁的排放", "水泥、钢铁、建材"),
        ("水泥", "水泥的排放", "钢铁、水泥、建材"),
        ("建材", "建材的排放", "钢铁、建材、有色"),
        ("石化化工", "化工的排放", "石化、化工、建材"),
        ("非二氧化碳", "甲烷的排放", "二氧化碳、甲烷、氧化亚氮、氢氟碳化物、全氟化碳、六氟化硫和三氟化氮"),
    ],
)
def test_an_enumeration_says_less_than_the_word_alone(tag: str, alone: str, listed: str) -> None:
    weigh = {text: sum(hits(VOCABULARY[tag], text, "body").values()) for text in (alone, listed)}
    assert 0 < weigh[listed] < weigh[alone]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("碳市场", "碳市场"),
        (" 碳 市场　", "碳市场"),
        ("全国碳市场", "碳市场"),
        ("ccer", "自愿减排"),
        ("ＣＣＥＲ", "自愿减排"),
        ("电解铝", "铝冶炼"),
        ("绿证", "绿电绿证"),
        ("环境影响评价", "环评"),
    ],
)
def test_resolve(name: str, tag: str) -> None:
    assert VOCABULARY.resolve(name) == tag


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("钢铁业", ("钢铁",)), ("碳足迹管", ("碳足迹",)), ("xyz", ())],
)
def test_unknown_tags_suggest_the_nearest(name: str, nearest: tuple[str, ...]) -> None:
    with pytest.raises(UnknownNameError) as caught:
        VOCABULARY.resolve(f" {name} ")
    assert (caught.value.kind, caught.value.name) == ("tag", name)
    assert caught.value.nearest[:1] == nearest
    assert len(caught.value.nearest) <= 3


def knowledge_base(folder: Path, toml: str) -> Path:
    (folder / "tags.toml").write_text(toml, encoding="utf-8")
    return folder


NEW = """
[[tag]]
name = "氢能"
group = "topic"
description = "Hydrogen."
aliases = ["绿氢"]
triggers = [{ words = ["氢能", "绿氢"], weight = 4, where = "title" }, { words = ["煤制氢"], weight = -0.5 }]
"""


def test_without_a_file_of_its_own_a_knowledge_base_has_the_packaged_tags(tmp_path: Path) -> None:
    assert Vocabulary.load(tmp_path) == VOCABULARY
    assert VOCABULARY.retired == ()


def test_a_knowledge_base_adds_tags(tmp_path: Path) -> None:
    vocabulary = Vocabulary.load(knowledge_base(tmp_path, NEW))
    assert list(vocabulary) == [*VOCABULARY, "氢能"]
    assert vocabulary["氢能"] == Tag(
        "氢能",
        "topic",
        "Hydrogen.",
        (Trigger(("氢能", "绿氢"), 4.0, "title"), Trigger(("煤制氢",), -0.5, "any")),
        aliases=("绿氢",),
    )
    assert vocabulary.resolve("绿氢") == "氢能"


def test_a_tag_of_the_same_name_replaces_in_its_place(tmp_path: Path) -> None:
    toml = "[[tag]]\nname = '钢铁'\ngroup = 'mine'\ndescription = 'Steel.'"
    vocabulary = Vocabulary.load(knowledge_base(tmp_path, toml))
    assert list(vocabulary) == list(VOCABULARY)
    assert vocabulary["钢铁"] == Tag("钢铁", "mine", "Steel.")
    with pytest.raises(UnknownNameError):
        vocabulary.resolve("钢铁工业")


def test_a_retired_tag_is_hidden_and_its_name_free_as_an_alias(tmp_path: Path) -> None:
    toml = "[[tag]]\nname = '碳双控'\nretired = true" + NEW.replace("绿氢", "碳双控")
    vocabulary = Vocabulary.load(knowledge_base(tmp_path, toml))
    assert "碳双控" not in vocabulary
    assert [tag.name for tag in vocabulary.retired] == ["碳双控"]
    assert vocabulary.retired[0].retired
    assert vocabulary.resolve("碳双控") == "氢能"
    with pytest.raises(UnknownNameError):
        vocabulary.resolve("碳排放双控")


def test_a_knowledge_base_can_replace_the_vocabulary(tmp_path: Path) -> None:
    assert list(Vocabulary.load(knowledge_base(tmp_path, "replace = true" + NEW))) == ["氢能"]
    assert list(Vocabulary.load(knowledge_base(tmp_path, "replace = false" + NEW)))[0] == "碳市场"
    assert len(Vocabulary.load(knowledge_base(tmp_path, "replace = true"))) == 0


TAG = "[[tag]]\nname = '某'\ngroup = 'topic'\ndescription = 'x'\n"


@pytest.mark.parametrize(
    ("toml", "complaints"),
    [
        ("[[tag", ["TOML"]),
        ("a = " + "[" * 5000, ["TOML"]),
        ("tags = []", ["tags", "no such key", "replace, tag"]),
        ("replace = 1", ["replace", "true or false"]),
        ("tag = 3", ["tag", "list of tables"]),
        ("tag = ['某']", ["tag", "list of tables"]),
        ("[[tag]]\ngroup = 'topic'", ["tag", "name"]),
        ("[[tag]]\nname = ' '", ["name", "empty"]),
        ("[[tag]]\nname = '某'\ndescription = 'x'", ["某", "group"]),
        ("[[tag]]\nname = '某'\ngroup = 'topic'", ["某", "description"]),
        ("[[tag]]\nname = '某'\nretired = 'yes'", ["某", "retired", "true or false"]),
        (TAG + TAG, ["某", "twice"]),
        (TAG + "trigger = []", ["某", "trigger", "triggers"]),
        (TAG + "aliases = '别名'", ["某", "aliases", "list of texts"]),
        (TAG + "aliases = ['']", ["某", "aliases", "empty"]),
        (TAG + "aliases = ['钢铁']", ["某", "钢铁"]),
        (TAG + "aliases = ['ｃｃｅｒ']", ["某", "ｃｃｅｒ", "自愿减排"]),
        (TAG + "triggers = ['词']", ["某", "triggers", "tables"]),
        (TAG + "triggers = [{weight = 1}]", ["某", "words"]),
        (TAG + "triggers = [{words = [' '], weight = 1}]", ["某", "words", "empty"]),
        (TAG + "triggers = [{words = ['词']}]", ["某", "weight", "-10 to 10", "None"]),
        (TAG + "triggers = [{words = ['词'], weight = '3'}]", ["某", "weight"]),
        (TAG + "triggers = [{words = ['词'], weight = true}]", ["某", "weight"]),
        (TAG + "triggers = [{words = ['词'], weight = nan}]", ["某", "weight"]),
        (TAG + "triggers = [{words = ['词'], weight = -10.1}]", ["某", "weight", "-10.1"]),
        (TAG + "triggers = [{words = ['词'], weight = 1, where = 'end'}]", ["某", "where", "body", "end"]),
        (TAG + "triggers = [{words = ['词'], weight = 1, were = 'body'}]", ["某", "were", "where"]),
        (TAG + "triggers = [{words = ['词', '词'], weight = 1}]", ["某", "词 has two weights"]),
        (
            TAG + "triggers = [{words = ['CO2'], weight = 1}, {words = ['ｃo2'], weight = 2, where = 'body'}]",
            ["某", "two weights"],
        ),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, toml: str, complaints: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        Vocabulary.load(knowledge_base(tmp_path, toml))
    for complaint in [str(tmp_path / "tags.toml"), *complaints]:
        assert complaint in str(caught.value)


def test_a_word_may_weigh_differently_in_title_and_body(tmp_path: Path) -> None:
    title, body = (
        "{words = ['词'], weight = 10, where = 'title'}",
        "{words = ['词'], weight = -10, where = 'body'}",
    )
    vocabulary = Vocabulary.load(knowledge_base(tmp_path, f"{TAG}triggers = [{title}, {body}]"))
    assert [trigger.weight for trigger in vocabulary["某"].triggers] == [10.0, -10.0]


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "tags.toml").write_bytes("replace = '是'".encode("gb18030"))
    with pytest.raises(DataError, match="UTF-8"):
        Vocabulary.load(tmp_path)
    (tmp_path / "tags.toml").unlink()
    (tmp_path / "tags.toml").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        Vocabulary.load(tmp_path)
