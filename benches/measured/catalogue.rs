//! A catalogue of plausible Chinese and what people would ask of it, the same from the same seed.
//!
//! Words come in three layers: what stands in every text (function words), everyday words of learning, and the terms of the
//! field from `index/dictionary.txt`; behind them a long tail of names made from frequent characters, which no dictionary
//! knows. Each layer is drawn with Zipf weights. A resource is about six terms, which stand in its title and keywords and
//! come again and again in its text. One resource in ten is not for everybody.

use fastrand::Rng;
use std::io::{BufWriter, Write};
use std::path::Path;
use yuelu::search::folder::Folder;

/// What stands between other words.
const FUNCTION: &str = "的 和 在 是 了 与 对 从 把 用 为 以 及 中 上 等 要 可以 通过 进行 我们 这 一个 其 并 也 就 由 到 被 有";

/// Everyday words of courses and their descriptions.
const EVERYDAY: &str = "学习 课程 方法 生活 技术 管理 服务 社区 老年人 教育 培训 基础 应用 入门 实践 安全 健康 家庭 孩子 农村 农民 城市 \
    传统 文化 艺术 历史 故事 音乐 舞蹈 绘画 书法 摄影 手机 电脑 网络 软件 操作 步骤 工具 材料 制作 设计 加工 质量 标准 检查 维修 保养 \
    种植 养殖 土壤 肥料 病虫害 防治 水稻 蔬菜 果树 茶叶 油茶 生猪 家禽 水产 市场 销售 品牌 合作社 经营 成本 收入 就业 创业 政策 法律 合同 \
    权益 保险 医疗 护理 康复 营养 饮食 运动 心理 睡眠 高血压 糖尿病 预防 急救 照料 沟通 表达 礼仪 口语 英语 普通话 写作 阅读 语文 数学 \
    物理 化学 会计 金融 投资 理财 诈骗 识别 信息 数据 图片 视频 直播 平台 账号 密码 支付 预约 挂号 出行 旅游 环境 垃圾分类 节约 能源 电工 \
    焊接 机械 数控 汽车 建筑 施工 测量 图纸 缝纫 刺绣 编织 剪纸 陶瓷 木雕 竹编 染织 戏曲 民歌 乐器 合唱 节日 习俗 服饰 建设 发展 问题 \
    特点 过程 作用 内容 知识 能力 经验 案例 讲解 示范 练习 作业 考试 证书 教师 学员 志愿者 活动 组织 参加 介绍 了解 掌握 提高 解决 选择 \
    使用 注意 需要 能够 常见 简单 重要 主要 不同 第一 第二 最后 首先 然后 因此 如果 时间 地方 情况 工作 人员 单位 部门 项目 计划 目标 结果";

/// Frequent characters, from which names are made that no dictionary knows.
const CHARACTERS: &str = "大地子中国年时会生学家下过天去能对小多然心好看起发当成事用第道样作种开美总从无情面最女前所同日手行意动方期头\
    长儿回位分爱老名法间世两次身高已其进常正感声定见明问力理体新气实加东西南北山水火木金石田园林泉溪河湖江海云雨风雪花草树叶竹梅兰菊松柏\
    龙凤虎马牛羊鱼鸟安平康宁福寿春夏秋冬青红白黑黄玉珠文武英杰华秀芳桂";

const SURNAMES: &str = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";

const KINDS: [&str; 8] = ["course", "video", "audio", "document", "slides", "ebook", "image", "page"];
const CATEGORIES: [&str; 7] = ["vocational", "elderly", "community", "special", "continuing", "farmers", "family"];
const GROUPS: [&str; 5] = ["15", "06", "12", "13", "03"];
const CLASSES: [&str; 5] = ["craft", "music", "dance", "folklore", "drama"];
const INSTITUTIONS: usize = 300;
const NAMES: usize = 20_000;

/// The vocabulary, frequent words first in each layer.
pub struct Words {
    function: Vec<String>,
    everyday: Vec<String>,
    terms: Vec<String>,
    names: Vec<String>,
    subjects: Vec<String>,
    regions: Vec<String>,
}

/// What is asked: the parameters of `GET /api/v1/search`, ready to stand behind the question mark.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What kind of query it is.
    pub shape: &'static str,
    /// The parameters, escaped.
    pub parameters: String,
}

impl Words {
    /// The same words each time.
    pub fn new() -> Self {
        let mut random = Rng::with_seed(7);
        let split = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let folder = Folder::default();
        let lines = |file: &str| folder.lines(file).expect("a file of the index data").into_iter().map(|(_, line)| line);
        let mut terms: Vec<String> = lines("dictionary.txt").map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect();
        random.shuffle(&mut terms);
        let mut everyday = split(EVERYDAY);
        random.shuffle(&mut everyday);
        let characters: Vec<char> = CHARACTERS.chars().filter(|letter| !letter.is_whitespace()).collect();
        let name = |random: &mut Rng| (0..random.usize(2..4)).map(|_| characters[zipf(random, characters.len())]).collect();
        let names = (0..NAMES).map(|_| name(&mut random)).collect();
        let codes = |file: &str| lines(file).skip(1).map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect();
        Self {
            function: split(FUNCTION),
            everyday,
            terms,
            names,
            subjects: codes("codes/subjects.tsv"),
            regions: codes("codes/regions.tsv"),
        }
    }

    fn word<'a>(&'a self, random: &mut Rng, about: &[&'a str]) -> &'a str {
        match random.u8(..100) {
            0..26 => pick(&self.function, random),
            26..62 => pick(&self.everyday, random),
            62..80 => about[random.usize(..about.len())],
            80..88 => pick(&self.terms, random),
            _ => pick(&self.names, random),
        }
    }

    fn sentences(&self, random: &mut Rng, about: &[&str], characters: usize) -> String {
        let mut text = String::with_capacity(characters * 3 + 64);
        let mut written = 0;
        while written < characters {
            for place in 0..random.usize(4..12) {
                let word = self.word(random, about);
                text.push_str(word);
                written += word.chars().count();
                if place == 5 {
                    text.push('，');
                }
            }
            text.push('。');
        }
        text
    }

    /// One row of a catalogue for `yuelu import`, as a line.
    fn row(&self, number: usize, random: &mut Rng) -> String {
        let six: Vec<&str> = (0..6).map(|place| pick(if place < 4 { &self.terms } else { &self.names }, random)).collect();
        let everyday = pick(&self.everyday, random);
        let title = match random.u8(..3) {
            0 => format!("{}{everyday}", six[0]),
            1 => format!("{}与{}的{everyday}", six[0], six[1]),
            _ => format!("{}：{}{everyday}第{}讲", six[0], six[2], random.u8(1..30)),
        };
        let (short, long) = (random.usize(40..120), random.usize(150..700));
        let mut row = serde_json::json!({
            "id": format!("HN-{number:07}"),
            "title": title,
            "description": self.sentences(random, &six, short),
            "body": self.sentences(random, &six, long),
            "kind": KINDS[zipf(random, KINDS.len())],
            "category": CATEGORIES[zipf(random, CATEGORIES.len())],
            "subjects": [pick(&self.subjects, random)],
            "keywords": [six[0], six[1], six[2], everyday],
            "language": ["zh-CN"],
            "region": [pick(&self.regions, random)],
            "institution": institution(zipf(random, INSTITUTIONS)),
            "creators": [person(random), person(random)],
            "licence": "CC-BY-4.0",
            "published": format!("20{:02}-{:02}-{:02}", random.u8(10..26), random.u8(1..13), random.u8(1..29)),
        });
        if random.u8(..12) == 0 {
            row["ethnic_groups"] = serde_json::json!([GROUPS[zipf(random, GROUPS.len())]]);
            row["heritage_class"] = CLASSES[zipf(random, CLASSES.len())].into();
        }
        match random.u8(..100) {
            0..5 => row["visibility"] = "registered".into(),
            5..8 => row["visibility"] = "organisation".into(),
            8..10 => row["access"] = serde_json::json!({"visibility": "protocol", "any": ["elders"], "all": []}),
            _ => {}
        }
        row.to_string()
    }

    /// Writes a catalogue of so many rows.
    pub fn write(&self, path: &Path, rows: usize) {
        let mut random = Rng::with_seed(23);
        let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).expect("a file"));
        for number in 0..rows {
            writeln!(file, "{}", self.row(number, &mut random)).expect("room on the disk");
        }
        file.flush().expect("room on the disk");
    }

    /// So many queries, in the order in which they come: names and topics of one to three words, among them many of two
    /// characters, phrases in quotation marks, and some narrowed by a filter. What is frequent in texts is asked often.
    pub fn queries(&self, count: usize) -> Vec<Asked> {
        let mut random = Rng::with_seed(31);
        let short: Vec<String> = self.terms.iter().chain(&self.everyday).filter(|word| word.chars().count() == 2).cloned().collect();
        (0..count).map(|_| self.query(&mut random, &short)).collect()
    }

    fn query(&self, random: &mut Rng, short: &[String]) -> Asked {
        let one = |random: &mut Rng| pick(if random.u8(..3) == 0 { &self.everyday } else { &self.terms }, random).to_owned();
        let (shape, text, filter) = match random.u8(..100) {
            0..25 => ("one word", one(random), String::new()),
            25..45 => ("two characters", pick(short, random).to_owned(), String::new()),
            45..70 => ("two words", format!("{} {}", one(random), one(random)), String::new()),
            70..85 => ("three words", format!("{} {} {}", one(random), one(random), pick(&self.everyday, random)), String::new()),
            85..92 => ("phrase", format!("\"{}\"", pick(&self.terms, random)), String::new()),
            _ => {
                let filter = match random.u8(..3) {
                    0 => format!("&category={}", CATEGORIES[zipf(random, CATEGORIES.len())]),
                    1 => format!("&kind={}", KINDS[zipf(random, KINDS.len())]),
                    _ => format!("&region={}", pick(&self.regions, random)),
                };
                ("filter", format!("{} {}", one(random), one(random)), filter)
            }
        };
        Asked { shape, parameters: format!("q={}{filter}&limit=10", yuelu::domain::address::escaped(&text)) }
    }
}

/// Queries from a file, one a line.
pub fn lines(path: &Path, most: usize) -> Vec<Asked> {
    let text = std::fs::read_to_string(path).expect("the queries");
    let queries = text.lines().filter(|line| !line.trim().is_empty()).take(most);
    let asked = |query: &str| format!("q={}&limit=10", yuelu::domain::address::escaped(query));
    queries.map(|query| Asked { shape: "as given", parameters: asked(query) }).collect()
}

fn institution(number: usize) -> String {
    let places = ["长沙", "株洲", "湘潭", "衡阳", "邵阳", "岳阳", "常德", "张家界", "益阳", "郴州", "永州", "怀化", "娄底", "湘西"];
    let kinds = ["开放大学", "社区学院", "老年大学", "职业技术学院", "文化馆"];
    format!("{}第{}{}", places[number % places.len()], number / 70 + 1, kinds[number / places.len() % kinds.len()])
}

fn person(random: &mut Rng) -> String {
    let letter = |text: &str, random: &mut Rng| {
        let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        letters[random.usize(..letters.len())]
    };
    let given: String = (0..random.usize(1..3)).map(|_| letter(CHARACTERS, random)).collect();
    format!("{}{given}", letter(SURNAMES, random))
}

fn pick<'a>(words: &'a [String], random: &mut Rng) -> &'a str {
    &words[zipf(random, words.len())]
}

/// A place among so many, the first ones most often: about as 1 / (place + 3).
fn zipf(random: &mut Rng, of: usize) -> usize {
    let offset = 3.0_f64;
    let point = offset * ((of as f64 + offset) / offset).powf(random.f64()) - offset;
    (point as usize).min(of - 1)
}
