import Foundation

/// Every word of the sample: key, English, Simplified, Traditional. Field terms follow the
/// project's glossary.
enum WordTable {
  /// Key to the words in each language.
  static let entries: [String: [Language: String]] = {
    var entries: [String: [Language: String]] = [:]
    for line in (general + codes).split(separator: "\n") {
      let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 4 else { continue }
      entries[parts[0]] = [.english: parts[1], .simplified: parts[2], .traditional: parts[3]]
    }
    return entries
  }()

  /// What the screens say by themselves.
  static let general = """
    app.title | Field sales | 外勤销售 | 外勤銷售
    app.offline_first | Everything is saved on this phone. | 所有内容均已保存在本机。 | 所有內容均已儲存在本機。
    sync.synced | Synced {time} | 已同步 {time} | 已同步 {time}
    sync.never | Not synced yet | 尚未同步 | 尚未同步
    sync.running | Syncing | 正在同步 | 正在同步
    sync.waiting | {n} waiting | {n} 项待同步 | {n} 項待同步
    sync.offline | Offline, {n} waiting | 离线，{n} 项待同步 | 離線，{n} 項待同步
    sync.attention | {n} need you | {n} 项需要处理 | {n} 項需要處理
    sync.now | Sync now | 立即同步 | 立即同步
    sync.all_stored | Everything has reached the server | 全部已入库 | 全部已入庫
    sync.retry | Next attempt {time} | 下次尝试 {time} | 下次嘗試 {time}
    sync.partial | Still arriving; figures follow | 数据仍在下载，完成后显示数字 | 資料仍在下載，完成後顯示數字
    home.today | Today's plan | 今日计划 | 今日計畫
    home.no_plan | No plan for today yet | 今日尚无计划 | 今日尚無計畫
    home.overdue | Overdue | 逾期客户 | 逾期客戶
    home.none_overdue | Nobody is overdue | 没有逾期客户 | 沒有逾期客戶
    home.due | Due | 待办提醒 | 待辦提醒
    home.none_due | Nothing is due | 暂无待办 | 暫無待辦
    home.numbers | My numbers | 我的业绩 | 我的業績
    home.alerts | Alerts | 预警 | 預警
    home.no_alerts | No alerts | 暂无预警 | 暫無預警
    home.log_visit | Log visit | 记录拜访 | 記錄拜訪
    home.conflicts | {n} conflicts to choose | {n} 个冲突待选择 | {n} 個衝突待選擇
    home.conflicts.one | 1 conflict to choose | 1 个冲突待选择 | 1 個衝突待選擇
    home.days_overdue | {n} days since the last visit | 距上次拜访 {n} 天 | 距上次拜訪 {n} 天
    home.days_overdue.one | 1 day since the last visit | 距上次拜访 1 天 | 距上次拜訪 1 天
    home.score | Score {points} | 得分 {points} | 得分 {points}
    home.no_score | No score yet | 暂无得分 | 暫無得分
    home.visits | Effective visits {done} of {target} | 有效拜访 {done}/{target} | 有效拜訪 {done}/{target}
    home.provisional | Provisional: {n} changes not yet at the server | 暂计：{n} 项修改尚未到达服务器 | 暫計：{n} 項修改尚未到達伺服器
    home.provisional.one | Provisional: 1 change not yet at the server | 暂计：1 项修改尚未到达服务器 | 暫計：1 項修改尚未到達伺服器
    home.official | Confirmed by the server | 服务器已确认 | 伺服器已確認
    log.title | Log visit | 记录拜访 | 記錄拜訪
    log.customer | Customer | 客户 | 客戶
    log.pick | Choose a customer | 请选择客户 | 請選擇客戶
    log.mode | Mode | 方式 | 方式
    log.outcome | Outcome | 结果 | 結果
    log.result | Result in words | 结果说明 | 結果說明
    log.next | Next step | 下一步 | 下一步
    log.save | Save | 保存 | 儲存
    log.saved | Saved on this phone | 已保存在本机 | 已儲存在本機
    log.check_in | Check in | 签到 | 簽到
    log.checked_in | Checked in; saving checks out | 已签到，保存即签退 | 已簽到，儲存即簽退
    log.needs_customer | Choose a customer first | 请先选择客户 | 請先選擇客戶
    log.needs_outcome | Choose an outcome first | 请先选择结果 | 請先選擇結果
    next.none | Nothing follows | 无后续 | 無後續
    next.tomorrow | Tomorrow | 明天 | 明天
    next.week | In 1 week | 1 周后 | 1 週後
    next.month | In 1 month | 1 个月后 | 1 個月後
    next.default | Call again | 再次联系 | 再次聯絡
    customers.title | Customers | 客户 | 客戶
    customers.search | Name, pinyin or phone | 名称、拼音首字母或电话 | 名稱、拼音首字母或電話
    customers.empty | No customer found | 没有找到客户 | 沒有找到客戶
    customers.more | More | 更多 | 更多
    customer.contacts | Contacts | 联系人 | 聯絡人
    customer.no_contacts | No contacts yet | 还没有联系人 | 還沒有聯絡人
    customer.timeline | Visits and deals | 拜访与商机 | 拜訪與商機
    customer.no_timeline | Nothing here yet | 暂无记录 | 暫無記錄
    customer.unnamed | Customer without a name | 未命名客户 | 未命名客戶
    customer.profile | Profile | 客户画像 | 客戶輪廓
    customer.phone | Phone | 电话 | 電話
    customer.address | Address | 地址 | 地址
    customer.industry | Industry | 行业 | 產業
    customer.size | Size | 规模 | 規模
    customer.region | Region | 区域 | 區域
    customer.notes | Notes | 备注 | 備註
    plan.title | Day plan | 当日计划 | 當日計畫
    plan.tasks | Key tasks | 关键事项 | 關鍵事項
    plan.no_tasks | Up to three key tasks | 最多三项关键事项 | 最多三項關鍵事項
    plan.stops | Stops | 拜访路线 | 拜訪路線
    plan.no_stops | No stops yet | 尚无拜访安排 | 尚無拜訪安排
    plan.visited | Visited | 已拜访 | 已拜訪
    plan.skipped | Left out: {why} | 未拜访：{why} | 未拜訪：{why}
    plan.done | Done | 已完成 | 已完成
    plan.open | Open | 未完成 | 未完成
    plan.report | Daily report | 日报 | 日報
    plan.progress | Progress of key projects | 重点项目进展 | 重點項目進展
    plan.obstacles | Obstacles and resources wanted | 困难与所需资源 | 困難與所需資源
    plan.submit | Submit | 提交 | 提交
    plan.submitted | Submitted | 已提交 | 已提交
    score.title | My score | 我的得分 | 我的得分
    score.total | {points} points | {points} 分 | {points} 分
    score.of | {value} of {target} | {value}/{target} | {value}/{target}
    score.not_applicable | Not applicable; its weight goes to the others | 不适用，权重分给其他指标 | 不適用，權重分給其他指標
    score.counted | {n} counted | {n} 条已计入 | {n} 筆已計入
    score.not_counted | {n} not counted | {n} 条未计入 | {n} 筆未計入
    score.why | Why | 依据 | 依據
    score.contest | Contest | 申诉 | 申訴
    score.contested | Your objection waits to be sent | 申诉已保存，待发送 | 申訴已儲存，待傳送
    score.not_official | Computed on this phone; the server has not said yet | 本机计算，服务器尚未确认 | 本機計算，伺服器尚未確認
    score.objections | What I objected to | 我的申诉 | 我的申訴
    targets.title | Targets | 目标 | 目標
    targets.mine | My targets | 我的目标 | 我的目標
    targets.others | Team and company | 团队与公司 | 團隊與公司
    targets.asked | Target adjustments | 目标调整 | 目標調整
    targets.everybody | Whole company | 全公司 | 全公司
    targets.reached | {share} reached | 达成率 {share} | 達成率 {share}
    targets.pace | Pace {share} | 进度比 {share} | 進度比 {share}
    targets.wanted | Value wanted | 期望目标值 | 期望目標值
    targets.ask | Ask for an adjustment | 申请目标调整 | 申請目標調整
    ask.reason | Reason | 理由 | 理由
    appraisal.title | Appraisal | 考核 | 考核
    appraisal.comment | Comment | 说明 | 說明
    appraisal.hand_in | Hand in my self-assessment | 提交自评 | 提交自評
    appraisal.dispute | Dispute | 提出异议 | 提出異議
    appraisal.waits | Waits to be sent: {step} | 待发送：{step} | 待傳送：{step}
    appraisal.score | Score talked about: {points} | 考核得分 {points} | 考核得分 {points}
    ladder.counted | Counted | 已计入 | 已計入
    ladder.not_counted | Not counted | 未计入 | 未計入
    door.invitation | Invitation code | 邀请码 | 邀請碼
    door.login | Name | 用户名 | 使用者名稱
    door.password | Password | 密码 | 密碼
    log.took | Took | 用时 | 用時
    log.minutes | {n} min | {n} 分钟 | {n} 分鐘
    log.contacts | Met | 会见 | 會見
    day.bye | The day is over | 今日工作结束 | 今日工作結束
    error.sign_in | Please sign in | 请登录 | 請登入
    error.sign_in_again | Please sign in again; everything is saved here | 请重新登录，内容均已保存在本机 | 請重新登入，內容均已儲存在本機
    error.no_server | Scan your invitation first: it says where the server is | 请先扫描邀请码，其中有服务器地址 | 請先掃描邀請碼，其中有伺服器位址
    error.taken | This phone belongs to somebody else at the office: ask them to free it | 本机在后台登记给了其他人，请联系后台解除 | 本機在後台登記給了其他人，請聯絡後台解除
    error.offline | No signal; everything is saved on this phone | 无信号，内容均已保存在本机 | 無訊號，內容均已儲存在本機
    error.update | Please update the app | 请更新应用 | 請更新應用程式
    error.cancelled | Cancelled | 已取消 | 已取消
    error.bad_input | This cannot be saved as it is | 内容有误，无法保存 | 內容有誤，無法儲存
    error.not_found | It is not on this phone | 本机没有此内容 | 本機沒有此內容
    error.not_yet | It has not arrived on this phone yet | 尚未下载到本机 | 尚未下載到本機
    error.full | This phone is full: make room, nothing before was lost | 手机存储已满：请清理空间，此前内容未丢失 | 手機儲存空間已滿：請清理空間，先前內容未遺失
    error.storage | This phone's storage failed: restart it, then try again | 手机存储故障，请重启后重试 | 手機儲存故障，請重新啟動後重試
    error.revoked | This phone was shut out by the office | 本机已被停用 | 本機已被停用
    error.closed | The app is closing | 应用正在关闭 | 應用程式正在關閉
    error.newer | A newer app wrote these data: update the app | 数据来自更新版本，请更新应用 | 資料來自較新版本，請更新應用程式
    error.key | The key to these data is not the right one | 数据密钥不正确 | 資料金鑰不正確
    error.in_use | Another app uses these data | 数据正被其他程序使用 | 資料正被其他程式使用
    error.clock | This phone's clock is wrong: set it | 手机时间不正确，请校正 | 手機時間不正確，請校正
    error.keychain | Unlock the phone once, then try again | 请先解锁手机，然后重试 | 請先解鎖手機，然後重試
    error.not_private | This network wants a sign-in, or the clock is wrong; everything is saved here | 网络需要登录或手机时间有误，内容均已保存在本机 | 網路需要登入或手機時間有誤，內容均已儲存在本機
    error.internal | Something went wrong: please report it | 出现问题，请反馈 | 發生問題，請回報

    """

  /// What codes of the data are called.
  static let codes = """
    state.saved | Saved | 已保存 | 已儲存
    state.sent | Sent | 已发送 | 已傳送
    state.stored | Stored | 已入库 | 已入庫
    state.not_taken | Not taken | 未被接收 | 未被接收
    state.undecided | Waits for a decision | 等待处理 | 等待處理
    state.waiting | Waits for other changes | 等待其他修改 | 等待其他修改
    asked.waiting | Waits to be sent | 待发送 | 待傳送
    asked.refused | Not taken | 未接收 | 未接收
    asked.open | Waits for an answer | 等待答复 | 等待答覆
    asked.accepted | Accepted | 已同意 | 已同意
    asked.declined | Declined | 未同意 | 未同意
    appraisal_state.draft | Not handed in yet | 尚未自评 | 尚未自評
    appraisal_state.self_submitted | Self-assessment handed in | 已自评 | 已自評
    appraisal_state.supervisor_scored | Scored by the supervisor | 主管已评分 | 主管已評分
    appraisal_state.manager_reviewed | Reviewed by the manager | 经理已审核 | 經理已審核
    appraisal_state.published | Published | 已公布 | 已公布
    appraisal_state.disputed | Disputed | 有异议 | 有異議
    appraisal_state.resolved | Dispute answered | 异议已答复 | 異議已答覆
    appraisal_state.closed | Closed | 已结束 | 已結束
    family.teamwork | Teamwork | 团队协作 | 團隊協作
    family.skill | Sales skill | 销售技能 | 銷售技能
    tier.a | A core | A 核心 | A 核心
    tier.b | B potential | B 潜力 | B 潛力
    tier.c | C maintenance | C 维护 | C 維護
    due.on_track | On track | 正常 | 正常
    due.follow_up | Follow up | 待跟进 | 待跟進
    due.overdue | Overdue | 逾期 | 逾期
    due.never | Never visited | 未拜访 | 未拜訪
    due.no_rule | No visits required | 无拜访要求 | 無拜訪要求
    due.unknown | Not yet known | 尚未同步 | 尚未同步
    why.red | Red risk | 红色预警 | 紅色預警
    why.yellow | Yellow risk | 黄色预警 | 黃色預警
    why.promise_overdue | A promise is overdue | 承诺逾期 | 承諾逾期
    why.promise_due | A promise is due | 承诺到期 | 承諾到期
    why.overdue | Overdue | 逾期 | 逾期
    why.never | Never visited | 未拜访 | 未拜訪
    why.follow_up | Follow up | 待跟进 | 待跟進
    risk.yellow | Yellow | 黄色预警 | 黃色預警
    risk.red | Red | 红色预警 | 紅色預警
    mode.onsite | On site | 上门 | 上門
    mode.phone | Phone | 电话 | 電話
    mode.video | Video | 视频 | 視訊
    mode.wechat | WeChat | 微信 | 微信
    mode.email | E-mail | 邮件 | 電子郵件
    mode.event | Event | 活动 | 活動
    outcome.order | Order | 下单 | 下單
    outcome.progress | Progress | 有进展 | 有進展
    outcome.maintained | Relationship kept | 关系维护 | 關係維護
    outcome.follow_up | Another visit needed | 需再次拜访 | 需再次拜訪
    outcome.not_met | Nobody met | 未见到人 | 未見到人
    outcome.rejected | Refused | 被拒绝 | 被拒絕
    task.callback | Callback after signing | 签约后回访 | 簽約後回訪
    task.milestone | Milestone of a deal | 阶段跟进节点 | 階段跟進節點
    task.follow_up | Promised next step | 待跟进事项 | 待跟進事項
    task.first_reply | First reply to a case | 客诉首次回复 | 客訴首次回覆
    task.stale_lead | Lead without contact | 线索未跟进 | 線索未跟進
    task.stalled_deal | Deal stands still | 商机停滞 | 商機停滯
    task.hygiene | Deal needs care | 商机待完善 | 商機待完善
    task.missing_report | Daily report missing | 缺少日报 | 缺少日報
    task.key_tasks | Key tasks of the day | 当日关键事项 | 當日關鍵事項
    role.technical | Technical evaluator | 技术评估人 | 技術評估人
    role.financial | Financial approver | 财务审批人 | 財務審批人
    role.decision | Decision maker | 最终拍板人 | 最終拍板人
    role.user | User | 使用者 | 使用者
    role.coach | Coach | 内部支持者 | 內部支持者
    metric.sales_amount | Sales | 销售额 | 銷售額
    metric.collection_rate | Collection rate | 回款率 | 收款率
    metric.new_customer_growth | New-customer growth | 新客户增长率 | 新客戶成長率
    metric.effective_visits | Effective visits | 有效拜访量 | 有效拜訪量
    metric.quote_conversion | Quote conversion | 报价转化率 | 報價轉化率
    metric.customer_satisfaction | Customer satisfaction | 客户满意度 | 客戶滿意度
    metric.new_leads | New leads | 新增线索 | 新增線索
    metric.new_deals | New deals | 新增商机 | 新增商機
    metric.new_customers | New customers | 新增客户 | 新增客戶
    reason.not_submitted | Not submitted yet | 尚未提交 | 尚未提交
    reason.no_customer | No customer | 没有客户 | 沒有客戶
    reason.no_mode | No mode of contact | 未填写方式 | 未填寫方式
    reason.mode_not_counted | The policy does not count this mode | 考核规则不计此方式 | 考核規則不計此方式
    reason.no_check_in | No check-in | 没有签到 | 沒有簽到
    reason.no_check_out | No check-out | 没有签退 | 沒有簽退
    reason.no_start | No start time | 没有开始时间 | 沒有開始時間
    reason.no_end | No end time | 没有结束时间 | 沒有結束時間
    reason.too_short | Shorter than its mode asks for | 时长低于该方式的要求 | 時長低於該方式的要求
    reason.no_outcome | No outcome recorded | 未填写结果 | 未填寫結果
    reason.no_next_step | Neither a next step nor an explicit “none” | 未填写下一步，也未明确“无” | 未填寫下一步，也未明確「無」
    reason.no_text | No result in words | 未填写结果说明 | 未填寫結果說明
    reason.out_of_fence | Checked in outside the fence | 签到点在围栏外 | 簽到點在圍欄外
    reason.duplicate | Overlaps an earlier visit to the same customer | 与同一客户更早的拜访时间重叠 | 與同一客戶較早的拜訪時間重疊
    reason.submitted_late | Submitted too long after its end | 结束后过久才提交 | 結束後過久才提交
    reason.rejected | Rejected by a supervisor | 已被主管驳回 | 已被主管駁回
    reason.voided | Taken out of the count by a decision | 经处理不计入 | 經處理不計入
    reason.unverifiable | The place cannot be verified | 地点无法核实 | 地點無法核實
    reason.open_signal | An integrity signal is open | 有未处理的真实性信号 | 有未處理的真實性訊號
    reason.edited_after_submit | Edited after submit, outside amendments | 提交后有补充说明以外的修改 | 提交後有補充說明以外的修改
    reason.no_amount | No amount | 没有金额 | 沒有金額
    reason.other_currency | In another currency than the target | 币种与目标不同 | 幣別與目標不同
    reason.no_date | No date | 没有日期 | 沒有日期
    reason.not_confirmed | A claim that is not confirmed, or that a confirmed record replaces | 尚未确认，或已由确认记录取代 | 尚未確認，或已由確認記錄取代
    reason.cancelled | Cancelled | 已取消 | 已取消
    reason.no_stages | No stage in its history | 没有阶段记录 | 沒有階段記錄
    reason.unknown_stage | In a stage that is not in the policy | 所处阶段不在考核规则内 | 所處階段不在考核規則內
    reason.skipped_stage | Went past this stage without entering it | 跳过了该阶段 | 跳過了該階段
    reason.undated_decision | Decided without a date | 成交或流失没有日期 | 成交或流失沒有日期
    reason.unknown_outcome | Decided in a way this version does not know | 结果类型未知 | 結果類型未知
    reason.no_beginning | No date of creation | 没有创建日期 | 沒有建立日期
    reason.decided_before_it_began | Decided before it was created | 成交日期早于创建日期 | 成交日期早於建立日期
    reason.no_product | No product named | 没有产品 | 沒有產品
    reason.unknown_product | A product that is not in the catalogue | 产品不在目录内 | 產品不在目錄內
    reason.no_class | The product has no class | 产品没有档次 | 產品沒有檔次
    reason.no_margin | The product has no margin class | 产品没有毛利档次 | 產品沒有毛利檔次
    reason.no_launch | The product has no launch date | 产品没有上市日期 | 產品沒有上市日期
    reason.no_deal | Names no deal, and what deals claim is counted here | 未注明商机，而此处按商机申报计算 | 未註明商機，而此處按商機申報計算
    reason.pays_nothing | Money that there was nothing to pay for | 没有可冲抵的应收款 | 沒有可沖抵的應收款
    reason.not_due_yet | Pays what is due later and counts then | 用于尚未到期的款项，到期时计入 | 用於尚未到期的款項，到期時計入
    reason.customer_lost | The customer is lost or closed | 客户已流失或停业 | 客戶已流失或停業

    """
}
