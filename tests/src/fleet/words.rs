//! What reps write. Sentences are put together from parts with numbers in them,
//! so that they compress about as well as people's notes do: pages of one
//! repeated sentence would flatter every figure.

use super::dice::Dice;

const CITIES: [&str; 16] = [
    "上海", "苏州", "无锡", "杭州", "宁波", "南京", "合肥", "青岛", "济南", "郑州", "武汉", "长沙",
    "广州", "佛山", "深圳", "成都",
];
const FIRST: [&str; 24] = [
    "远景", "浦江", "恒信", "华泰", "金桥", "瑞丰", "同创", "凯达", "博远", "中联", "鼎盛", "东方",
    "宏业", "新源", "永泰", "大成", "兴隆", "天工", "精诚", "安科", "力得", "海川", "联众", "振华",
];
const SECOND: [&str; 12] = [
    "精密机械",
    "自动化设备",
    "轴承制造",
    "电子科技",
    "液压件",
    "数控机床",
    "汽车零部件",
    "包装机械",
    "仪器仪表",
    "新材料",
    "电机",
    "食品机械",
];
const FORM: [&str; 4] = ["有限公司", "股份有限公司", "集团有限公司", "厂"];
const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗",
];
const GIVEN: [&str; 20] = [
    "建国", "志强", "秀英", "丽", "伟", "芳", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "娟",
    "涛", "明", "超", "思远", "晓红",
];
const TITLES: [&str; 8] =
    ["采购总监", "采购经理", "技术部长", "设备主管", "生产厂长", "总经理", "财务经理", "质量经理"];
const INDUSTRIES: [&str; 8] =
    ["机床制造", "汽车零部件", "食品加工", "电子组装", "工程机械", "包装印刷", "纺织", "能源设备"];
const SIZES: [&str; 4] = ["50 人以下", "50-200 人", "200-500 人", "500 人以上"];
const REGIONS: [&str; 5] = ["华东", "华北", "华中", "华南", "西南"];
const PRODUCTS: [&str; 12] = [
    "P4 级角接触球轴承",
    "P5 级深沟球轴承",
    "滚珠丝杠 2510",
    "直线导轨 HG25",
    "伺服电机 1.5 kW",
    "减速机 60:1",
    "电主轴 24000 转",
    "油雾润滑单元",
    "联轴器 GS28",
    "密封圈套件",
    "张紧轮组件",
    "磁栅尺 5 微米",
];
const RIVALS: [&str; 8] = ["NSK", "SKF", "FAG", "THK", "HIWIN", "人本", "洛轴", "哈轴"];
const SUBJECTS: [&str; 12] = [
    "客户",
    "采购部",
    "技术部",
    "设备科",
    "总经理",
    "生产车间",
    "质量部",
    "财务部",
    "对方厂长",
    "维修班",
    "工艺组",
    "项目组",
];
const DEEDS: [&str; 20] = [
    "确认了二期设备的技术参数",
    "同意先试用两套样品",
    "要求把交期缩短到",
    "对上批货的温升数据表示满意",
    "希望付款条件改为月结",
    "提出年度框架协议的想法",
    "担心备件供应不稳定",
    "正在对比三家报价",
    "已把我们列入合格供应商",
    "要求补充出口包装的报价",
    "答应下周安排产线参观",
    "反馈安装尺寸差",
    "计划明年增加产能",
    "暂停了原定的采购计划",
    "愿意做行业参考客户",
    "需要总部批准后才能下单",
    "索要第三方检测报告",
    "对售后响应速度不满意",
    "请我们参加技术交流会",
    "预计首批订单数量",
];
const TAILS: [&str; 12] = [
    "，约",
    "，数量",
    "，时间定在",
    "，预算",
    "，差额",
    "，首批",
    "，目标价",
    "，周期",
    "，折扣",
    "，库存",
    "，误差",
    "，批次",
];
const UNITS: [&str; 12] =
    ["天", "套", "周后", "万元", "元", "件", "元一套", "个工作日", "个百分点", "箱", "微米", "号"];
const STEPS: [&str; 12] = [
    "寄出样品并约定试用评估会议",
    "提交正式报价",
    "与技术部确认接口图纸",
    "安排工程师到现场测量",
    "跟进合同条款的法务意见",
    "准备年度框架协议草案",
    "回访样品试用结果",
    "协调仓库备货",
    "补充检测报告和材质证明",
    "邀请客户参观工厂",
    "核对应收账款",
    "整理竞品对比资料",
];
const ROADS: [&str; 10] = [
    "涞坊路",
    "人民路",
    "工业大道",
    "科技园路",
    "滨江路",
    "建设路",
    "创新街",
    "长江路",
    "园区中路",
    "兴业路",
];

/// A company's name.
pub fn company(dice: &mut Dice) -> String {
    let (city, first) = (dice.pick(&CITIES), dice.pick(&FIRST));
    let (second, form) = (dice.pick(&SECOND), dice.pick(&FORM));
    // Some in Latin letters, as real lists have them.
    if dice.once_in(12) {
        return format!("{} {} Trading {}", dice.pick(&RIVALS), first_latin(dice), dice.below(900));
    }
    format!("{city}{first}{second}{form}")
}

fn first_latin(dice: &mut Dice) -> &'static str {
    dice.pick(&["Nordlicht", "Acme", "Bluewater", "Kestrel", "Juniper", "Halcyon"])
}

/// A person's name.
pub fn person(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&SURNAMES), dice.pick(&GIVEN))
}

/// A mobile number as people type it.
pub fn mobile(dice: &mut Dice) -> String {
    format!("13{} {:04} {:04}", dice.below(10), dice.below(10_000), dice.below(10_000))
}

/// A street address.
pub fn address(dice: &mut Dice) -> String {
    let (city, road) = (dice.pick(&CITIES), dice.pick(&ROADS));
    format!("{city}市{road} {} 号 {} 幢", dice.between(1, 2999), dice.between(1, 30))
}

/// A clause of about 10 to 20 characters.
pub fn clause(dice: &mut Dice) -> String {
    let (subject, deed) = (dice.pick(&SUBJECTS), dice.pick(&DEEDS));
    let (tail, unit) = (dice.pick(&TAILS), dice.pick(&UNITS));
    format!("{subject}{deed}{tail} {} {unit}", dice.between(2, 960))
}

/// What came out, in a few words.
pub fn brief(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&SUBJECTS), dice.pick(&DEEDS))
}

/// A note of one to three clauses: 20 to 80 characters.
pub fn note(dice: &mut Dice) -> String {
    let clauses: Vec<String> = (0..dice.between(1, 3)).map(|_| clause(dice)).collect();
    clauses.join("；")
}

/// A next step.
pub fn step(dice: &mut Dice) -> &'static str {
    dice.pick(&STEPS)
}

/// A product.
pub fn product(dice: &mut Dice) -> &'static str {
    dice.pick(&PRODUCTS)
}

/// A competitor.
pub fn rival(dice: &mut Dice) -> &'static str {
    dice.pick(&RIVALS)
}

/// A job title.
pub fn title(dice: &mut Dice) -> &'static str {
    dice.pick(&TITLES)
}

/// An industry.
pub fn industry(dice: &mut Dice) -> &'static str {
    dice.pick(&INDUSTRIES)
}

/// A headcount band.
pub fn size(dice: &mut Dice) -> &'static str {
    dice.pick(&SIZES)
}

/// A region.
pub fn region(dice: &mut Dice) -> &'static str {
    dice.pick(&REGIONS)
}
