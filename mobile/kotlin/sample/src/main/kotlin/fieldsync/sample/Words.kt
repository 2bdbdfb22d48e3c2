package fieldsync.sample

import java.util.Locale

/** The languages that every text is there in. */
public enum class Language {
    /** English. */
    EN,

    /** Simplified Chinese. */
    ZH_CN,

    /** Traditional Chinese. */
    ZH_TW,

    ;

    /** Finds a phone's language. */
    public companion object {
        /** The nearest to a phone's own. */
        public fun of(locale: Locale): Language = when {
            locale.language != "zh" -> EN
            locale.script == "Hant" || locale.country in setOf("TW", "HK", "MO") -> ZH_TW
            else -> ZH_CN
        }
    }
}

/** A text in every language; `%s` stands for what it is about. */
public enum class Word(
    private val en: String,
    private val zhCn: String,
    private val zhTw: String,
) {
    /** The sync pill when all is sent. */
    SYNCED("synced %s", "已同步 %s", "已同步 %s"),

    /** The sync pill while something waits. */
    WAITING("%s waiting", "%s 条待同步", "%s 筆待同步"),

    /** The sync pill without a way to the server. */
    OFFLINE("offline, %s waiting", "离线，%s 条待同步", "離線，%s 筆待同步"),

    /** The sync pill before the first sync. */
    NOT_SYNCED("not synced yet", "尚未同步", "尚未同步"),

    /** The sync pill while it runs. */
    SYNCING("syncing…", "正在同步…", "正在同步…"),

    /** Something of this phone's was not taken. */
    NOT_TAKEN("%s not taken by the server", "%s 条未被服务器接收", "%s 筆未被伺服器接收"),

    /** Heading: the day's plan. */
    PLAN("Today's plan", "当日计划", "當日計畫"),

    /** Heading: overdue visits. */
    OVERDUE("Overdue visits", "逾期拜访", "逾期拜訪"),

    /** Heading: reminders. */
    FOLLOW_UPS("Follow-ups due", "待跟进", "待跟進"),

    /** Heading: what has to be decided. */
    ALERTS("Alerts", "提示", "提示"),

    /** Heading: my figures. */
    MY_NUMBERS("My numbers", "我的数据", "我的數據"),

    /** My score. */
    SCORE("Score %s", "绩效评分 %s", "績效評分 %s"),

    /** The score is the server's too. */
    OFFICIAL("same as the office's", "与后台一致", "與後台一致"),

    /** The score is only this phone's. */
    PROVISIONAL("provisional: %s not yet at the server", "暂计：%s 条尚未到达服务器", "暫計：%s 筆尚未到達伺服器"),

    /** Not everything is here. */
    UNKNOWN("not synced yet", "尚未同步", "尚未同步"),

    /** Visits that count. */
    VISITS("%s visits counted", "%s 次拜访已计入", "%s 次拜訪已計入"),

    /** Visits that do not. */
    NOT_COUNTED("%s not counted", "%s 次未计入", "%s 次未計入"),

    /** Heading: targets of my own. */
    MY_TARGETS("My targets", "我的目标", "我的目標"),

    /** Heading: targets of my units and of the whole. */
    OTHER_TARGETS("Team and company", "团队与公司", "團隊與公司"),

    /** Heading: other targets that were asked for. */
    ASKED_FOR("Target adjustments", "目标调整", "目標調整"),

    /** Whose the whole's target is. */
    EVERYBODY("Whole company", "全公司", "全公司"),

    /** How much of a target is reached. */
    REACHED("%s reached", "达成率 %s", "達成率 %s"),

    /** How fast, against the working days passed. */
    PACE("pace %s", "进度比 %s", "進度比 %s"),

    /** Hands in one's own view. */
    HAND_IN("Hand in my self-assessment", "提交自评", "提交自評"),

    /** Disputes a published appraisal. */
    DISPUTE("Dispute", "提出异议", "提出異議"),

    /** A step that is not at the server yet. */
    STEP_WAITS("waits to be sent: %s", "待发送：%s", "待傳送：%s"),

    /** The card that was frozen, with ratings that weigh something. */
    FROZEN_SCORE("Score talked about: %s", "考核得分 %s", "考核得分 %s"),

    /** Since when. */
    DAYS("%s days", "%s 天", "%s 天"),

    /** A customer nobody visited. */
    NEVER("never visited", "未拜访", "未拜訪"),

    /** Conflicts to choose. */
    CONFLICTS("%s conflicts to decide", "%s 处冲突待处理", "%s 處衝突待處理"),

    /** Next step: tomorrow. */
    TOMORROW("Tomorrow", "明天", "明天"),

    /** Next step: in a week. */
    ONE_WEEK("1 week", "1 周", "1 週"),

    /** Next step: in a month. */
    ONE_MONTH("1 month", "1 个月", "1 個月"),

    /** Next step: none. */
    NO_NEXT_STEP("Nothing follows", "无下一步", "無下一步"),

    /** What follows, in words. */
    FOLLOW_UP("follow up", "跟进", "跟進"),

    /** A visit was logged. */
    SAVED("Saved on this phone", "已保存在本机", "已儲存在本機"),

    /** Status: sent. */
    SENT("Sent", "已发送", "已傳送"),

    /** Status: on the server. */
    STORED("Stored", "已入库", "已入庫"),

    /** Status: refused. */
    REFUSED("Not taken", "未接收", "未接收"),

    /** Status: a manager decides. */
    UNDECIDED("Waiting for a decision", "等待处理结论", "等待處理結論"),

    /** No customer was chosen. */
    CHOOSE_CUSTOMER("Choose a customer", "请选择客户", "請選擇客戶"),

    /** A check-in is open. */
    CHECKED_IN("Checked in; saving checks out", "已签到，保存即签退", "已簽到，儲存即簽退"),

    /** How long a visit took. */
    MINUTES("%s min", "%s 分钟", "%s 分鐘"),

    /** Done. */
    DONE("done", "已完成", "已完成"),

    /** A stop was skipped. */
    SKIPPED("skipped: %s", "已跳过：%s", "已跳過：%s"),

    /** The day's report was handed in. */
    REPORT_IN("Report handed in", "日报已提交", "日報已提交"),

    /** The day's report is open. */
    REPORT_OPEN("Report not handed in", "日报未提交", "日報未提交"),

    /** Heading: people at a customer. */
    PEOPLE("People", "联系人", "聯絡人"),

    /** Heading: what happened at a customer. */
    HISTORY("History", "历史", "歷史"),

    /** A visit in a history. */
    VISIT("Visit", "拜访", "拜訪"),

    /** A deal in a history. */
    DEAL("Deal", "商机", "商機"),

    /** A case in a history. */
    CASE("Case", "客诉与咨询", "客訴與諮詢"),

    /** Heading: what waits on this phone. */
    WAITING_HERE("On this phone", "本机数据", "本機資料"),

    /** Heading of the evening. */
    EVENING("Evening", "晚会", "晚會"),

    ;

    /** The text in a language, about what is given. */
    public fun say(language: Language, vararg about: Any): String = when (language) {
        Language.EN -> en
        Language.ZH_CN -> zhCn
        Language.ZH_TW -> zhTw
    }.format(*about.map { it.toString() }.toTypedArray())
}
