"""Relations between documents: how they are written in front matter, found in texts, and what follows for validity."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policykb.corpus import entry_format
from policykb.corpus.check import check
from policykb.corpus.corpus import Corpus
from policykb.digest.manifest import content_hash
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy
from policykb.domain.relation import RELATION_TYPES, load_relation_words, reading, relation_type
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import DataError
from policykb.kb import KnowledgeBase
from policykb.mining.mining import mine
from policykb.text.title_keys import title_key

SHIPPED = Path(__file__).parent.parent / "corpus"
WRITTEN = """\
---
title: 关于甲的通知
date: 2024-06-04
issuers: [国务院]
ended: {date: 2025年1月1日, by: 国务院令第800号}
relations:
  # said by the ministry itself
  - {type: 依据, target: 乙条例, decided: 2025-01-02}  # sure
  - type: cites
    target: "丙办法"
tags: [碳市场]
---
正文。
"""


# ---- front matter


def test_relations_are_read_from_front_matter() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    assert policy.ended == ({"date": date(2025, 1, 1), "by": "国务院令第800号"},)
    assert policy.relations == (
        {"type": "basis", "target": "乙条例", "decided": date(2025, 1, 2)},
        {"type": "cites", "target": "丙办法"},
    )
    assert Policy.from_data(policy.as_data()) == policy
    assert entry_format.parse(entry_format.dump(policy), id="甲") == policy


def test_an_edit_of_relations_keeps_every_other_byte() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    assert entry_format.edit(WRITTEN, {"relations": list(policy.relations), "ended": list(policy.ended)}) == WRITTEN
    new = {"type": "repeals", "target": "丁: 戊", "partial": True}
    added = entry_format.edit(WRITTEN, {"relations": [*policy.relations, new]})
    assert added == WRITTEN.replace('"丙办法"\n', "\"丙办法\"\n  - {type: repeals, target: '丁: 戊', partial: true}\n")
    assert entry_format.edit(added, {"relations": list(policy.relations)}) == WRITTEN
    fewer = entry_format.edit(WRITTEN, {"relations": list(policy.relations[:1])})
    assert fewer == WRITTEN.replace('  - type: cites\n    target: "丙办法"\n', "")
    assert "relations" not in entry_format.edit(WRITTEN, {"relations": None})


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{type: 依据}", ":6: relations: target is missing"),
        ("{type: 抄袭, target: 乙}", ":6: relations.type: 抄袭 is no relation; known are basis, "),
        ("[{type: basis, target: 3}]", ":6: relations.target: must be text, not '3'"),
        ("乙", ":6: relations: must be made of type: …, target: …"),
        ("[{typ: basis}]", ":6: relations.typ: there is no such key here; known are type, "),
        ("{type: basis, target: 乙, partial: maybe}", ":6: relations.partial: 'maybe' is not true or false"),
        ("{type: basis, target: 乙, date: 2024-02-30}", ":6: relations.date: 2024-02-30 is not a day"),
        ("\n- {type: basis, target: 乙}\n- {type: '', target: 丙}", ":8: relations.type: is empty"),
    ],
)
def test_what_is_wrong_with_relations_is_said_with_line_and_key(written: str, problem: str) -> None:
    text = WRITTEN.partition("relations")[0] + f"relations: {written}\n---\n正文\n"
    (found,) = entry_format.examine(text, id="甲").problems
    assert problem in str(found)


def test_every_type_has_names() -> None:
    assert [relation_type(name) for name in RELATION_TYPES] == [*RELATION_TYPES]
    named = [relation_type(name) for name in ("依据", "落实", "修改", "废止", "代替", "定稿", "解读", "提及")]
    assert named == [*RELATION_TYPES]
    assert relation_type("修订") == "amends"
    assert relation_type("抄袭") is None


def test_a_digest_sees_that_relations_changed() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    changed = entry_format.parse(WRITTEN.replace("2025年1月1日", "2025年1月2日"), id="甲")
    assert content_hash(policy) != content_hash(changed)


# ---- what texts say

# every relation that the entries of 2024 state, read by hand
GOLD = {
    ("2024-02-02", "cites", "关于做好2023—2025年部分重点行业企业温室气体排放报告与核查工作的通知"),
    ("2024-03-15", "cites", "企业温室气体排放核算与报告填报说明 铝冶炼"),
    ("2024-03-15", "basis", "碳排放权交易管理暂行条例"),
    ("2024-04-02", "implements", "〈关于消耗臭氧层物质的蒙特利尔议定书〉基加利修正案"),
    ("2024-04-02", "cites", "关于严格控制第一批氢氟碳化物化工生产建设项目的通知"),
    ("2024-04-02", "cites", "2024年度氢氟碳化物配额总量设定与分配方案"),
    ("2024-04-03", "cites", "企业温室气体排放核算与报告指南"),
    ("2024-04-03", "cites", "企业温室气体排放核查技术指南"),
    ("2024-04-12", "implements", "关于加快建立统一规范的碳排放统计核算体系实施方案"),
    ("2024-06-04", "cites", "中共中央 国务院关于全面推进美丽中国建设的意见"),
    ("2024-06-04", "cites", "2030年前碳达峰行动方案"),
    ("2024-06-04", "cites", "关于加快建立产品碳足迹管理体系的意见"),
    ("2024-06-29", "cites", "2021、2022年度全国碳排放权交易配额总量设定与分配实施方案（发电行业）"),
    ("2024-09-09", "cites", "中共中央 国务院关于全面推进美丽中国建设的意见"),
    ("2024-09-09", "cites", "2030年前碳达峰行动方案"),
    ("2024-09-09", "cites", "关于加快建立产品碳足迹管理体系的意见"),
    ("2024-09-09", "cites", "关于建立碳足迹管理体系的实施方案"),
    ("2024-10-08", "implements", "加快构建碳排放双控制度体系工作方案"),
    ("2024-11-06", "cites", "联合国气候变化框架公约"),
    ("2024-12-03", "cites", "全国碳排放权交易市场覆盖水泥、钢铁、电解铝行业工作方案（征求意见稿）"),
    ("2024-12-03", "cites", "企业温室气体排放核算与报告填报说明 钢铁生产"),
}


def test_all_relations_of_the_shipped_entries_are_found_and_no_others() -> None:
    found = set()
    for policy in Corpus(SHIPPED).policies():
        for one in mine(policy).relations:
            found.add((policy.id[:10], one.type, one.title))
            assert policy.body[one.offset :].startswith(one.quote)
    assert found == GOLD


def test_a_mark_that_closes_belongs_to_the_sentence_before_it() -> None:
    body = "第四条修改为“由甲办理。”二、将《丰泽登记办法》第三条修改为“由乙办理。”三、将《丰泽收费办法》第二条修改为“不收。”"
    first, second = mine(entry(body)).relations
    assert first.quote == "二、将《丰泽登记办法》第三条修改为“由乙办理。”"
    assert second.quote == "三、将《丰泽收费办法》第二条修改为“不收。”"
    assert body[second.offset :].startswith(second.quote)


def entry(body: str, title: str = "关于甲工作的通知", **fields: object) -> Policy:
    values = {"date": date(2024, 3, 1), "issuers": ("国务院",)} | fields
    return Policy(id="2024-03-01-甲", title=title, body=body, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # basis
        ("根据《乙法》《丙条例》（国务院令第700号）和《丁办法》，制定本通知。", ["basis 乙法", "basis 丙条例 国务院令第700号", "basis 丁办法"]),
        ("根据国办发〔2024〕39号文件要求，现通知如下。", ["basis  国办发〔2024〕39号"]),
        ("按照《乙规划》要求，提出以下措施。", ["basis 乙规划"]),
        ("以《乙法》为依据，制定本通知。", ["basis 乙法"]),
        ("以《乙法》普及为重点。", ["cites 乙法"]),
        ("违反的，依照《中华人民共和国乙法》给予处罚。", ["cites 中华人民共和国乙法"]),
        ("根据国务院部署，现将有关情况通报如下，《乙方案》另行印发。", ["cites 乙方案"]),
        ("第三十条 有关部门应当依照《乙法》的规定，制定预案。", ["cites 乙法"]),
        ("第九条 当事人依据《乙法》主张权利的，予以支持。", ["cites 乙法"]),
        ("对决定不服的，依照《乙法》的规定办理。", ["cites 乙法"]),
        ("第一条 为了保护甲，根据《乙法》（以下简称乙法）、《丙条例》等，结合本市实际，制定本条例。", ["basis 乙法", "basis 丙条例"]),
        ("根据《乙法》等有关法律法规和国务院《丙条例》，制定本办法。", ["basis 乙法", "basis 丙条例"]),
        ("根据《乙法》和某省人民政府发布的《丙规定》，制定本办法。", ["basis 乙法", "basis 丙规定"]),
        ("根据《乙法》，参照《丙条例》，制定本办法。", ["basis 乙法", "cites 丙条例"]),
        ("正文。\n\n正文。\n\n二、各单位根据《乙办法》开展检查。", ["cites 乙办法"]),
        ("正文。\n\n正文。\n\n二、按照《乙办法》（某发〔2020〕3号文印发）办理。", ["cites 乙办法 某发〔2020〕3号"]),
        ("正文。\n\n正文。\n\n为规范丁工作，根据《乙办法》，现就有关事项提出如下要求。", ["basis 乙办法"]),
        ("各单位应严格按照《乙办法》办理，现将要求通知如下。", ["cites 乙办法"]),
        ("按照要求开展《乙编码》培训，现将安排通知如下。", ["cites 乙编码"]),
        # implements
        ("可以认定其履行了《乙法》规定的义务。", ["cites 乙法"]),
        ("为履行《乙公约》，制定本办法。", ["implements 乙公约"]),
        ("为深入贯彻落实《乙意见》，现通知如下。", ["implements 乙意见"]),
        ("为贯彻实施《乙法》，根据《丙条例》制定本办法。", ["implements 乙法", "basis 丙条例"]),
        ("在保护信息方面，某某部严格贯彻落实《乙法》有关规定。各部门认真落实《丙意见》。", ["cites 乙法", "implements 丙意见"]),
        ("《乙法》配套制度加快建立。《丙规定（征求意见稿）》公开征求意见。", ["cites 乙法", "cites 丙规定（征求意见稿）"]),
        # what is repealed, whole and in part
        ("本通知自2024年5月1日起施行。《乙办法》（国发〔2010〕1号）同时废止。", ["repeals 乙办法 国发〔2010〕1号"]),
        ("本通知自2024年5月1日起施行，《乙办法》同时废止。", ["repeals 乙办法 2024-05-01"]),
        ("《乙办法》《丙办法》自本通知施行之日起废止。", ["repeals 乙办法", "repeals 丙办法"]),
        ("1985年8月14日国务院批准的《乙办法》，1999年1月2日国务院、中央军委下发的《丙规定》同时废止。", ["repeals 乙办法", "repeals 丙规定"]),
        ("根据《乙决定》第二次修正的《丙办法》同时废止。", ["cites 乙决定", "repeals 丙办法"]),
        ("2014年7月30日原某局令第4号公布的《乙办法》同时废止。", ["repeals 乙办法 某局令第4号"]),
        ("2002年8月2日 中华人民共和国国务院令第359号公布", []),
        ("《乙办法》第三条同时废止。", ["repeals 乙办法 partial"]),
        ("《乙办法》《丙办法》第三条同时废止。", ["repeals 乙办法", "repeals 丙办法 partial"]),
        ("《乙办法》《丙办法》中有关规定同时废止。", ["repeals 乙办法 partial", "repeals 丙办法 partial"]),
        ("《关于甲工作的通知》（国发〔2001〕3号）同时废止。", ["repeals 关于甲工作的通知 国发〔2001〕3号"]),
        ("某部印发的《乙办法》（某发〔2001〕5号），自公告之日起废止。", ["repeals 乙办法 某发〔2001〕5号"]),
        ("《乙办法》（某发〔2001〕5号）、某某司《关于丙的通知》同时废止。", ["repeals 乙办法 某发〔2001〕5号", "repeals 关于丙的通知"]),
        ("某部公告〔2003〕第6号第六条、《乙办法》第三、四条关于丁的规定不再执行。", ["repeals  某部公告〔2003〕第6号 partial", "repeals 乙办法 partial"]),
        ("《乙办法》继续有效，自即日起废止《丙办法》。", ["cites 乙办法", "repeals 丙办法"]),
        ("《乙公告》在《丙协议》签署过渡期结束后废止。", ["cites 乙公告", "cites 丙协议"]),
        ("撤销采取《乙法》规定的措施。", ["cites 乙法"]),
        ("决定停止执行某某部《关于丙的通知》。", ["repeals 关于丙的通知"]),
        ("现决定废止《乙办法》。", ["repeals 乙办法"]),
        ("《乙办法》废止前已经批准的，继续有效。", ["cites 乙办法"]),
        ("《乙办法》未废止。", ["cites 乙办法"]),
        ("适时废止《乙办法》。", ["cites 乙办法"]),
        ("下列文件予以废止：\n\n1.《乙办法》（国发〔2010〕1号）\n2.关于丙工作的通知（国发〔2011〕2号）\n\n其他文件见《丁目录》。", ["repeals 乙办法 国发〔2010〕1号", "repeals 关于丙工作的通知 国发〔2011〕2号", "cites 丁目录"]),
        # what is amended, and what is only going to be
        ("一、对《乙条例》作如下修改：\n\n第二条改为第三条。", ["amends 乙条例"]),
        ("将《乙条例》第三条修改为：“甲。”", ["amends 乙条例"]),
        ("加快修订《乙条例》。", ["cites 乙条例"]),
        ("本标准代替《乙规范》。", ["replaces 乙规范"]),
        ("可使用电子指令代替《乙说明》。", ["cites 乙说明"]),
        ("近年来，各地认真贯彻落实《乙意见》，成效明显。", ["cites 乙意见"]),
        ("为落实某某对《乙请示》的批示，现通知如下。", ["cites 乙请示"]),
        ("《乙办法》停止执行，现将要求通知如下：\n\n一、加强管理，按照《丙指引》办理。", ["repeals 乙办法", "cites 丙指引"]),
        ("《乙规范》由本标准代替。", ["replaces 乙规范"]),
        # names
        ("现将《关于甲工作的通知》印发。", []),
        ("出示《许可证》和《申请表》。", []),
        ("应当制作《询问笔录》，并核对《营业执照》和《资料清单》。", []),
        ("根据《乙管理办法》（以下简称《办法》），执行《办法》第三条。", ["basis 乙管理办法"]),
        ("《国务院关于印发〈乙方案〉的通知》（国发〔2021〕23号）提出要求。", ["cites 国务院关于印发〈乙方案〉的通知 国发〔2021〕23号"]),
        ("参见《乙指南（试行）》和《乙指南（征求意见稿）》。", ["cites 乙指南（试行）", "cites 乙指南（征求意见稿）"]),
        ("《乙意见》提出要求。《乙意见》还提出目标。根据《乙意见》，现通知如下。", ["basis 乙意见"]),
        ("按《乙管理办法》（甲部 丙部 丁部公告〔2009〕第10号发布，以下简称《乙办法》）执行。《乙办法》另有规定。", ["cites 乙管理办法 丁部公告〔2009〕第10号"]),
        ("适用经决定修改的《乙法》。", ["cites 乙法"]),
        ("《〈乙公约〉丙修正案》生效。", ["cites 〈乙公约〉丙修正案"]),
        ("与某某签订的《丙协议》、由银行出具的《乙的函》；延续某发〔2022〕1号政策。", ["cites  某发〔2022〕1号"]),
        ("自《协议》生效之日起，《个人信用报告》中无记录，改造项目不受某发〔2017〕2号文限制。", ["cites  某发〔2017〕2号"]),
        ("填写《乙申报说明》，签订《丙协议》，唱《丁进行曲》，用《戊系统》。", []),
        ("为落实《乙制造2025》《丙规划》，根据《丁2030》（某发〔2021)3号)，制定本计划。", ["implements 乙制造2025", "implements 丙规划", "basis 丁2030 某发〔2021〕3号"]),
        ("《乙方案》详见附件1。", []),
        ("根据某某印发的《乙规划》，按照某某印发的《丙意见》，现启动丁工作。", ["basis 乙规划", "basis 丙意见"]),
        ("按照《乙规范》（附件2）和《丙目录》（见附件）报送，参照《丁规范》执行。", ["cites 丁规范"]),
        ("参照《乙登记表》（某发〔2015〕3号）报送。", ["cites 乙登记表 某发〔2015〕3号"]),
        ("取得《乙设计条件》后，回复《丙说明》；甲与乙签署了《丁协议》，加入《戊协定》。", ["cites 戊协定"]),
        ("按照《乙发展报告》和《丙确认函》办理；签署《丁协定》。", ["cites 丁协定"]),
        ("生产《乙产品目录》（详见附件，以下简称《产品目录》）所列物资，参照《丙目录》执行。", ["cites 丙目录"]),
        ("为做好工作，制订本《措施》；本《实施方案》另行解释；推广《丙示范文本》的样本《丁办法》。", ["cites 丁办法"]),
        ("就《建议（讨论稿）》作了说明。", []),
        ("发布了<关于公开征求《乙办法（征求意见稿）>意见的公告》。", ["cites 乙办法（征求意见稿）"]),
        # what is done under another document, and not the document itself
        ("正文。\n\n正文。\n\n按照《乙通知》要求，积极参与丙等方案编制及项目实施，做好丁服务。", ["cites 乙通知"]),
        ("按照新老有别的原则，对已取得许可的项目，按照《乙法》的规定申报。", ["cites 乙法"]),
        ("为保护丙，按照《乙意见》要求，各单位开展丁行动。", ["basis 乙意见"]),
        ("本通知所称丙，是指依据《乙办法》设立的机构。", ["cites 乙办法"]),
        ("今年3月，网站上的《乙公告》显示“已废止”。", ["cites 乙公告"]),
        ("根据2020年5月12日某府令第275号第一次修改", ["cites  某府令第275号"]),
        # what the document itself brings
        ("《乙办法》已经某部第3次会议审议通过，现予公布。\n\n第一条 《乙办法》所称丙，按《丁标准》确定。", ["cites 丁标准"]),
        ("某部制定了《乙办法》和《丙细则》，现印发给你们，请遵照执行。", []),
        ("对《乙旧规定》进行了修订，现将修订后的《乙规定》印发给你们。", ["cites 乙旧规定"]),
        ("现将《乙通知》（某发〔2015〕3号）的附件《丙目录》予以调整。", ["cites 乙通知 某发〔2015〕3号", "cites 丙目录"]),
        # numbers
        ("某办发〔2024〕9号\n\n各有关单位：\n根据某发〔2024〕8号文，现通知如下。", ["basis  某发〔2024〕8号"]),
        ("中国人民银行 国家某某局公告（2020）第 3 号\n\n现公告如下。", []),
        ("按国家发展和改革委员会令第29号和住房和城乡建设部公告2020年第2号办理。", ["cites  国家发展和改革委员会令第29号", "cites  住房和城乡建设部公告2020年第2号"]),
        ("参照《乙办法》（试行）和《丙规范》（征求意见稿）执行。", ["cites 乙办法（试行）", "cites 丙规范（征求意见稿）"]),
        ("参照《乙法》、《乙法修正案》（以下分别简称为《法》、《修正案》及《修正案（二）》）执行。", ["cites 乙法", "cites 乙法修正案"]),
        ("索引号：1 发文字号：某发〔2024〕9号 主题分类：其他\n\n按某发〔2024〕8号办理。", ["cites  某发〔2024〕8号"]),
        ("某发〔2024〕9号 某某市人民政府\n关于甲工作的通知\n\n正文。", []),
        ("某发〔2024〕9号 关于甲工作的通知\n\n正文。", []),
        ("消息称措施即将出台。全文如下：\n\n某发〔2024〕9号\n\n某市教育局 某市财政局关于甲工作的通知\n\n正文。", []),
        ("消息称措施即将出台。\n\n某发〔2024〕9号\n\n关于乙工作的通知\n\n正文。", ["cites  某发〔2024〕9号"]),
        ("中华人民共和国某某部 中华人民共和国丙和丁部公告第16号\n\n为做好工作，现公告如下。", []),
        ("按2022年10月8日某省人民政府令第310号修改；符合某发〔2022〕6号规定的。", ["cites  某省人民政府令第310号", "cites  某发〔2022〕6号"]),
        # standards
        ("本标准代替 GB/T 7714—2005《乙著录》。与 GB/T 7714—2005 相比，变化如下。", ["replaces 乙著录 GB/T 7714—2005"]),
        ("代替 GB/T 1677—1981, GB/T 1678—1981\n\n本文件代替 HJ 75-2017。按照GB/T 1.1—2009起草。", ["replaces  GB/T 1677—1981", "replaces  GB/T 1678—1981", "replaces  HJ 75-2017"]),
        ("参照《乙标志》（GB 18597-2001）执行，以纸质说明代替电子说明。", ["cites 乙标志 GB 18597-2001"]),
        ("《丙办法》（某发〔2015〕3号）自本办法施行之日起由本办法代替。", ["replaces 丙办法 某发〔2015〕3号"]),
        # lists that go on
        ("为贯彻落实中央某某工作领导小组《乙通知》（国发〔2020〕9号）和国务院联防联控机制《丙通知》要求，制定本方案。", ["implements 乙通知 国发〔2020〕9号", "implements 丙通知"]),
        ("根据省住建厅等9部门印发的《乙通知》、某市住建局、财政局、自然资源和规划局《丙措施》（建房〔2023〕1号），制定以下措施。", ["basis 乙通知", "basis 丙措施 建房〔2023〕1号"]),
        ("根据《乙通知》，为做好丙工作和《丁办法》的宣传，制定本方案。", ["basis 乙通知", "cites 丁办法"]),
        ("根据《征求意见稿》，拟提高额度。", []),
        ("根据《乙法》及其实施条例、《丙法》，制定本办法。", ["basis 乙法", "basis 丙法"]),
        ("根据《乙法》等法律法规，以及《丙意见》《丁计划》等文件的规定，制定本办法。", ["basis 乙法", "basis 丙意见", "basis 丁计划"]),
        ("根据《乙条例》、《乙细则》（（1989）某字第6号）、《丙办法》，制定本办法。", ["basis 乙条例", "basis 乙细则", "basis 丙办法"]),
        ("1987年4月29日国务院发布的《乙办法》和1990年11月22日《国务院关于修改〈乙办法〉的决定》同时废止。", ["repeals 乙办法", "repeals 国务院关于修改〈乙办法〉的决定"]),
        ("某法院《乙解释》（法释〔1999〕18号），某法院、某检察院《丙解释》同时废止。", ["repeals 乙解释 法释〔1999〕18号", "repeals 丙解释"]),
        ("《乙办法》（某令〔2005〕第2号）、《丙规程》同时终止执行。", ["repeals 乙办法 某令〔2005〕第2号", "repeals 丙规程"]),
        ("三、修改《乙办法》（某令〔2009〕第2号发布）\n将第八条修改为：“甲。”", ["amends 乙办法 某令〔2009〕第2号"]),
        ("某部决定将《乙办法》（某令〔2009〕第2号）第六条“二十万元”的内容，修改为“三十万元”。", ["amends 乙办法 某令〔2009〕第2号"]),
        ("《乙办法》（某发〔2022〕17号）第二条关于丙的有关规定，调整为“丁”。", ["amends 乙办法 某发〔2022〕17号"]),
        ("决定对《乙办法》的部分条款予以调整。", ["amends 乙办法"]),
        ("废止下列文件：\n\u3000\u2028\u2028\u20281．《丙通知》\n  2．《丁通知》 \n", ["repeals 丙通知", "repeals 丁通知"]),
        ("提出对《乙办法》的修改建议。修改《乙办法》的工作继续进行。", ["cites 乙办法"]),
        ("现对某法院《乙规定》，某检察院《丙意见》作如下补充、修改：", ["amends 乙规定", "amends 丙意见"]),
        ("根据2005年12月19日第十届某某代表大会常务委员会第二十四次会议《关于修改〈乙条例〉的决定》第一次修正。", ["cites 关于修改〈乙条例〉的决定"]),
    ],
)  # fmt: skip
def test_what_a_text_says_of_others(body: str, expected: list[str]) -> None:
    found = mine(entry(body)).relations
    said = [
        " ".join(
            filter(None, (f"{one.type} {one.title}", one.number, one.date and str(one.date), one.partial and "partial"))
        )
        for one in found
    ]
    assert sorted(said) == sorted(expected)
    for one in found:
        assert body[one.offset :].startswith(one.quote)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于修改《乙条例》的决定", "amends 乙条例"),
        ("关于废止《乙办法》的通知", "repeals 乙办法"),
        ("关于贯彻落实《乙意见》的通知", "implements 乙意见"),
        ("《乙方案》政策解读", "interprets 乙方案"),
        ("中华人民共和国乙法实施条例", "implements 中华人民共和国乙法"),
        ("关于印发《乙方案》的通知", None),
        ("【某市】《关于乙的通知》", None),
        ("《乙若干措施》的通知", None),
        ("【某市】《关于乙的通知（征求意见稿）》（已撤稿）", None),
        ("【某市】关于《乙办法（征求意见稿）》等公开征求意见的公告", None),
        ("【某市人民政府办公厅】《关于乙的通知》（某政办发〔2018〕62号）", None),
        ("关于印发《乙方案》（试行）和《丙办法》（修订版）的通知", None),
        ("关于在某地暂时调整实施《乙条例》有关规定的决定", "cites 乙条例"),
        ("某部令〔2024〕第3号（丁办法）", None),
        ("财政部 某部公告〔2024〕第3号（丁办法）", None),
        ("某部公告〔2024〕第3号（修改《财政部关于乙的通知》）", "amends 财政部关于乙的通知"),
        ("关于同意乙的批复（某金委〔2024〕6号）", None),
        ("某局关于实施乙补贴的通知——某建〔2024〕60号", None),
        ("关于转发某建〔2024〕60号的通知", "cites "),
    ],
)
def test_what_a_title_says_of_others(title: str, expected: str | None) -> None:
    found = [f"{one.type} {one.title}" for one in mine(entry("正文。", title)).relations]
    assert found == ([expected] if expected else [])


def test_a_sentence_says_more_than_the_title() -> None:
    (one,) = mine(entry("正文。\n\n《乙办法》自2024年5月1日起废止。", "关于废止《乙办法》的通知")).relations
    assert (one.type, one.date) == ("repeals", date(2024, 5, 1))
    assert one.quote == "《乙办法》自2024年5月1日起废止。"
    (one,) = mine(entry("参见《乙办法》。", "关于废止《乙办法》的通知")).relations
    assert (one.type, one.offset) == ("repeals", -1)


def test_a_document_may_call_itself_in_short() -> None:
    title = "关于公开征求《某市公积金贷款管理规定（征求意见稿）》意见的通知"
    said = mine(entry("修订后的《贷款规定》共8章。参照《贷款条例》《存款规定》执行。", title)).relations
    assert [one.title for one in said] == ["贷款条例", "存款规定"]


def test_a_document_is_what_its_decree_issues() -> None:
    """某部令〔2024〕第3号（丁办法） is 丁办法, and what it says of that it says of itself."""
    decree = "财政部 交通运输部令〔2024〕第3号（丁办法）"
    assert title_key(decree) == title_key("丁办法")
    assert title_key("【某市】关于丁的通知") == title_key("某市人民政府关于丁的通知") == title_key("关于丁的通知")
    assert mine(entry("《丁办法》已经部务会议通过，现予公布。", decree)).relations == []


@pytest.mark.parametrize(
    ("body", "effective", "expires"),
    [
        ("本通知自2024年5月1日起施行。", date(2024, 5, 1), None),
        ("本通知自印发之日起施行，有效期五年。", date(2024, 3, 1), date(2029, 2, 28)),
        ("本通知自2024年5月1日起施行，有效期至2026年12月31日。", date(2024, 5, 1), date(2026, 12, 31)),
        ("本办法自2024年5月1日起试行，试行期两年。", None, date(2026, 2, 28)),
        ("本办法自2024年5月1日起施行，有效期为2年。", date(2024, 5, 1), date(2026, 4, 30)),
        ("本通知自2024年5月1日至2026年12月31日施行。", date(2024, 5, 1), date(2026, 12, 31)),
        ("本公告自2024年5月1日起执行至2027年12月31日。", date(2024, 5, 1), date(2027, 12, 31)),
        ("本办法自2024年5月1日起施行，至2026年4月30日止。", date(2024, 5, 1), date(2026, 4, 30)),
        ("本政策执行期限至2025年12月31日。", None, date(2025, 12, 31)),
        ("本意见自发布之日起实施，有效期自发布之日起三年。", date(2024, 3, 1), date(2027, 2, 28)),
        ("申报自2024年5月1日至2024年6月30日受理。", None, None),
        ("自2024年1月1日至2027年12月31日，对本规定所列企业免征增值税。", None, None),
        ("许可证有效期五年。", None, None),
        ("本办法规定的证书有效期为3年。", None, None),
        ("《乙办法》自2024年5月1日起施行。", None, None),
    ],
)
def test_from_when_to_when_a_document_is_in_force(body: str, effective: date | None, expires: date | None) -> None:
    found = mine(entry(body))
    assert (found.effective and found.effective.day, found.expires and found.expires.day) == (effective, expires)


def test_what_is_in_force_from_its_publication_is_so_from_that_day() -> None:
    body = "本办法自发布之日起施行。"
    soon, late = date(2024, 3, 15), date(2026, 3, 15)  # the latter is when somebody put a copy on the web
    assert mine(entry(body, published=soon)).effective == (soon, 0, len(body) - 1)
    assert mine(entry(body, published=late)).effective == (date(2024, 3, 1), 0, len(body) - 1)
    assert mine(entry("本办法自印发之日起施行。", published=soon)).effective == (date(2024, 3, 1), 0, 11)
    assert mine(entry(body, date=None, published=late)).effective == (late, 0, len(body) - 1)


def test_check_finds_days_out_of_order(tmp_path: Path) -> None:
    head = "---\ntitle: 关于甲的通知\ndate: 2024-06-04\nissuers: [国务院]\neffective: 2024-06-01\nexpires: 2024-05-01\n---\n正文。\n"
    (tmp_path / "2024-06-04-甲.md").write_text(head, encoding="utf-8")
    found = check(Corpus(tmp_path), Authority.load(None), Vocabulary.load(None))
    assert [(one.line, one.key, one.problem) for one in found] == [
        (5, "effective", "2024-06-01 is before date, 2024-06-04"),
        (6, "expires", "2024-05-01 is before date, 2024-06-04"),
        (6, "expires", "2024-05-01 is before effective, 2024-06-01"),
    ]


# ---- words of a knowledge base


def test_a_knowledge_base_adds_words_that_say_what_is_meant(tmp_path: Path) -> None:
    own = '[cues.basis]\nbefore = ["秉承"]\n\n[cues.basis.after_needed]\n"以" = ["为遵循"]\n\n[names]\nno_documents = ["通讯"]\n'
    (tmp_path / "relations.toml").write_text(own, encoding="utf-8")
    body = "秉承《乙法》，以《丙条例》为遵循，制定本通知。参见《丁工作通讯》。"
    with reading(tmp_path):
        said = [f"{one.type} {one.title}" for one in mine(entry(body)).relations]
    assert said == ["basis 乙法", "basis 丙条例"]
    assert {one.type for one in mine(entry(body)).relations} == {"cites"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[cues.basis]\nafter = []\n\n[cues.based]\n", "relations.toml:4: based: no such key; it takes "),
        ("[cues.basis]\nbefore = ['按']\nbehind = ['按']\n", "relations.toml:3: behind: no such key; it takes "),
        ("[cues.basis]\nbefore = '按'\n", "relations.toml:2: before: must be a list of texts that are not empty, not '按'"),
        ("[cues.between]\nlongest = 3\n", "relations.toml:2: longest: no such key; it takes bodies, stops"),
        ("[label]\nbasis = '根据'\n", "relations.toml:1: label: no such key; it takes cues, lists, names, titles"),
        ("[cues]\nbasis = 3\n", "relations.toml:2: basis: must be a table, not 3"),
        ("[cues.basis\n", "relations.toml:1: not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_words_of_a_knowledge_base_is_said(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "relations.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        load_relation_words(tmp_path)
    assert problem in str(raised.value)


def test_the_index_follows_the_words_of_a_knowledge_base(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "kb.toml").write_text('name = "库"\n', encoding="utf-8")
    policy = entry("正文。\n\n正文。\n\n秉承《乙法》，制定本通知。")
    (corpus / "2024-03-01-甲.md").write_text(entry_format.dump(policy), encoding="utf-8")
    kb = KnowledgeBase.open(tmp_path)
    assert kb.search("basis:乙法").total == 0
    (corpus / "relations.toml").write_text('[cues.basis]\nbefore = ["秉承"]\n', encoding="utf-8")
    assert KnowledgeBase.open(tmp_path).search("basis:乙法").total == 1
    (corpus / "relations.toml").write_text("[cues.basis]\nbefore = 3\n", encoding="utf-8")
    with pytest.raises(DataError, match="relations.toml:2: before: must be"):
        KnowledgeBase.open(tmp_path).search("basis:乙法")
