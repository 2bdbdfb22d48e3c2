//! Names for the demo org, invented and bilingual.

/// A region: unit name, city for addresses, centre in 10⁻⁷ degrees, area code.
pub struct Region {
    /// The unit's name.
    pub unit: &'static str,
    /// The city.
    pub city: &'static str,
    /// Latitude of the centre, 10⁻⁷ degree.
    pub lat_e7: i64,
    /// Longitude of the centre, 10⁻⁷ degree.
    pub lon_e7: i64,
    /// Telephone area code.
    pub area_code: &'static str,
}

/// The three regions.
pub const REGIONS: [Region; 3] = [
    Region {
        unit: "华东 East",
        city: "上海",
        lat_e7: 312_304_000,
        lon_e7: 1_214_737_000,
        area_code: "21",
    },
    Region {
        unit: "华南 South",
        city: "广州",
        lat_e7: 231_291_000,
        lon_e7: 1_132_644_000,
        area_code: "20",
    },
    Region {
        unit: "华北 North",
        city: "北京",
        lat_e7: 399_042_000,
        lon_e7: 1_164_074_000,
        area_code: "10",
    },
];

/// Reps: name and login.
pub const REPS: [(&str, &str); 24] = [
    ("陈静", "chenjing"),
    ("Anna Keller", "anna"),
    ("李伟", "liwei"),
    ("王芳", "wangfang"),
    ("Boris Novak", "boris"),
    ("张敏", "zhangmin"),
    ("刘洋", "liuyang"),
    ("Clara Jensen", "clara"),
    ("赵磊", "zhaolei"),
    ("黄丽", "huangli"),
    ("Daniel Osei", "daniel"),
    ("周强", "zhouqiang"),
    ("吴娜", "wuna"),
    ("Elena Rossi", "elena"),
    ("徐军", "xujun"),
    ("孙艳", "sunyan"),
    ("Felix Brandt", "felix"),
    ("马超", "machao"),
    ("朱琳", "zhulin"),
    ("Grace Tan", "grace"),
    ("胡斌", "hubin"),
    ("郭雪", "guoxue"),
    ("Henrik Lund", "henrik"),
    ("何平", "heping"),
];

/// Supervisors of the regions: name and login.
pub const SUPERVISORS: [(&str, &str); 3] =
    [("林晓东", "linxiaodong"), ("Maria Santos", "maria"), ("郑国华", "zhengguohua")];

/// First parts of Chinese company names.
pub const ZH_BRANDS: [&str; 24] = [
    "恒达",
    "瑞丰",
    "鑫源",
    "华腾",
    "东升",
    "金诚",
    "博远",
    "宏图",
    "众合",
    "天成",
    "佳禾",
    "明德",
    "永盛",
    "启航",
    "海纳",
    "正泰源",
    "百川",
    "立信",
    "安捷",
    "德润",
    "中拓",
    "新锐",
    "万和",
    "长青",
];

/// Trades in Chinese, with the industry they stand for.
pub const ZH_TRADES: [(&str, &str); 10] = [
    ("机械设备", "机械制造"),
    ("精密模具", "机械制造"),
    ("电子科技", "电子"),
    ("自动化", "电子"),
    ("食品", "食品饮料"),
    ("包装材料", "包装"),
    ("医疗器械", "医疗"),
    ("化工", "化工"),
    ("建材", "建材"),
    ("物流", "物流"),
];

/// First parts of English company names.
pub const EN_BRANDS: [&str; 20] = [
    "Harbour",
    "Northgate",
    "Silverline",
    "Bluefield",
    "Orchid",
    "Summit",
    "Ironbridge",
    "Lotus",
    "Redwood",
    "Keystone",
    "Pacific",
    "Evergreen",
    "Crescent",
    "Atlas",
    "Meridian",
    "Falcon",
    "Granite",
    "Riverside",
    "Sterling",
    "Beacon",
];

/// Trades in English, with the industry they stand for.
pub const EN_TRADES: [(&str, &str); 8] = [
    ("Precision Tools", "机械制造"),
    ("Electronics", "电子"),
    ("Foods", "食品饮料"),
    ("Packaging", "包装"),
    ("Medical", "医疗"),
    ("Chemicals", "化工"),
    ("Building Supply", "建材"),
    ("Logistics", "物流"),
];

/// Surnames and given names of contacts.
pub const CONTACT_SURNAMES: [&str; 12] =
    ["高", "罗", "梁", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾"];
/// Given names of contacts.
pub const CONTACT_GIVEN: [&str; 12] = [
    "建国", "丽华", "志强", "秀英", "文博", "思远", "佳怡", "海涛", "雨桐", "俊杰", "晓燕", "子涵",
];
/// Titles of contacts.
pub const TITLES: [&str; 6] =
    ["采购经理", "总经理", "技术总监", "财务主管", "生产主管", "设备工程师"];

/// Needs heard on visits.
pub const NEEDS: [&str; 6] =
    ["缩短交货期", "降低能耗", "本地备件", "分期付款", "操作培训", "提高良品率"];
/// Competitors that customers name.
pub const COMPETITORS: [&str; 4] = ["恒力精机", "Norden Machines", "华锐数控", "Tessin Automation"];
/// What is said of them.
pub const SEEN: [&str; 5] = [
    "报价比我们低8%，交货期要多三周。",
    "They offered a free trial unit for two months.",
    "新款已在同行试用，客户在等结果。",
    "Service engineers are far away; the customer hesitates.",
    "老设备是他们的，明年换代。",
];
/// Help that reps want: what kind, in words.
pub const HELP: [(&str, &str); 5] = [
    ("quote", "客户要求分期报价，需要财务确认条件。"),
    ("technical", "An engineer should join the trial on the customer's part."),
    ("delivery", "客户要求提前两周交货，请确认产能。"),
    ("invoice", "发票抬头有误，需要重开。"),
    ("technical", "客户现场电压不稳，请技术支持给出方案。"),
];
/// Streets.
pub const STREETS: [&str; 8] =
    ["人民路", "工业大道", "科技园路", "建设路", "中山路", "创新街", "滨江路", "高新路"];
/// Products.
pub const PRODUCTS: [&str; 6] =
    ["FX-200 数控机", "FX-350 数控机", "视觉检测仪", "伺服套件", "年度保养", "备件包"];

/// What customers complain of.
pub const COMPLAINTS: [&str; 5] =
    ["备件到货慢", "售后响应不及时", "设备噪音偏大", "发票金额有误", "Delivery was two days late"];

/// What customers want to know.
pub const ENQUIRIES: [&str; 5] = [
    "询问年度保养价格",
    "索取同行业案例",
    "询问交货周期",
    "Asks for a training date",
    "询问付款条件",
];

/// Results of a visit, in the words of a rep.
pub const RESULTS: [&str; 8] = [
    "介绍了新款设备,客户技术负责人表示感兴趣,要求提供同行业案例。",
    "确认了三季度采购计划,预算已报财务审批。",
    "现场查看产线,节拍瓶颈在第二工序,建议配套视觉检测。",
    "对方更换了采购负责人,重新介绍了合作历史和服务内容。",
    "Walked the line with the plant engineer; they want a trial on one cell before the order.",
    "客户反馈备件到货慢,已答应本周内给出改进方案。",
    "Price discussed; payment terms are the open point, finance joins the next call.",
    "完成年度保养回访,设备运行正常,客户愿意作为参考客户。",
];

/// What comes next, in the words of a rep.
pub const NEXT_STEPS: [&str; 6] = [
    "发送案例资料",
    "提交报价单",
    "安排样机演示",
    "约总经理面谈",
    "Send revised quote",
    "跟进预算审批",
];
