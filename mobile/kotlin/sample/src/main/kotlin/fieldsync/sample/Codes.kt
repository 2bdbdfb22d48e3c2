package fieldsync.sample

import fieldsync.core.FieldException

/** What data say by code, in words. A code of a newer version is shown as it came. */
internal object Codes {
    /** Kind and code to the words, in the order of [Language]. */
    val words: Map<String, List<String>> by lazy {
        TABLE.trim().lines().associate { line ->
            val parts = line.split('|').map { it.trim() }
            parts.first() to parts.drop(1)
        }
    }

    fun say(language: Language, kind: String, code: String): String =
        words["$kind.$code"]?.get(language.ordinal) ?: code

    private const val TABLE = """
        tier.a | A core | A 核心 | A 核心
        tier.b | B potential | B 潜力 | B 潛力
        tier.c | C maintenance | C 维护 | C 維護
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
        asked.waiting | Waits to be sent | 待发送 | 待傳送
        asked.refused | Not taken | 未接收 | 未接收
        asked.open | Waits for an answer | 等待答复 | 等待答覆
        asked.accepted | Accepted | 已同意 | 已同意
        asked.declined | Declined | 未同意 | 未同意
        appraisal.draft | Not handed in yet | 尚未自评 | 尚未自評
        appraisal.self_submitted | Self-assessment handed in | 已自评 | 已自評
        appraisal.supervisor_scored | Scored by the supervisor | 主管已评分 | 主管已評分
        appraisal.manager_reviewed | Reviewed by the manager | 经理已审核 | 經理已審核
        appraisal.published | Published | 已公布 | 已公布
        appraisal.disputed | Disputed | 有异议 | 有異議
        appraisal.resolved | Dispute answered | 异议已答复 | 異議已答覆
        appraisal.closed | Closed | 已结束 | 已結束
        family.teamwork | Teamwork | 团队协作 | 團隊協作
        family.skill | Sales skill | 销售技能 | 銷售技能
        fact.visit | Visit | 拜访 | 拜訪
        fact.customer | Customer | 客户 | 客戶
        fact.deal | Deal | 商机 | 商機
        fact.case | Case | 客诉与咨询 | 客訴與諮詢
        fact.plan | Day plan | 当日计划 | 當日計畫
        fact.contract | Contract | 合同 | 合約
        fact.payment | Payment | 回款 | 收款
        fact.order | Order | 订单 | 訂單
        fact.unknown | Unknown | 未知 | 未知
        fault.NotSignedIn | Sign in first | 请先登录 | 請先登入
        fault.SignInAgain | Sign in again; everything is saved on this phone | 请重新登录，内容已保存在本机 | 請重新登入，內容已儲存在本機
        fault.DeviceRevoked | This phone's access was ended by the office | 后台已停用本机 | 後台已停用本機
        fault.Offline | No way to the server; everything is saved on this phone | 无法连接服务器，内容已保存在本机 | 無法連線伺服器，內容已儲存在本機
        fault.NotPrivate | Sign in to this network first, or set the clock | 请先登录网络，或校准时间 | 請先登入網路，或校準時間
        fault.UpdateRequired | Update the app | 请更新应用 | 請更新應用程式
        fault.NewerDatabase | Update the app | 请更新应用 | 請更新應用程式
        fault.StorageFull | No room on this phone: nothing was saved now | 本机空间不足，本次未保存 | 本機空間不足，本次未儲存
        fault.ClockFarOff | This phone's clock is wrong | 本机时间不准 | 本機時間不準
        fault.BadInput | This cannot be saved as it is | 内容有误，无法保存 | 內容有誤，無法儲存
        fault.NotFound | This is not on this phone any more | 本机已没有此内容 | 本機已沒有此內容
        fault.NotYetSynced | Not synced yet | 尚未同步 | 尚未同步
        fault.NoServer | Scan your invitation first: it says where the server is | 请先扫描邀请码，其中有服务器地址 | 請先掃描邀請碼，其中有伺服器位址
        fault.DeviceTaken | This phone belongs to somebody else at the office: ask them to free it | 本机在后台登记给了其他人，请联系后台解除 | 本機在後台登記給了其他人，請聯絡後台解除
        fault.Paused | The app is closing | 应用正在关闭 | 應用程式正在關閉
        fault.Closed | The app is closing | 应用正在关闭 | 應用程式正在關閉
        fault.FileInUse | Another app uses these data: close it | 数据正被其他程序使用，请先将其关闭 | 資料正被其他程式使用，請先將其關閉
        fault.WrongKey | The key to this phone's data is missing: ask the office before removing anything | 缺少本机数据的密钥，清除前请先联系后台 | 缺少本機資料的金鑰，清除前請先聯絡後台
        fault.Keychain | Unlock the phone, then try again | 请先解锁手机，然后重试 | 請先解鎖手機，然後重試
        fault.Storage | This phone's storage failed: restart it, then try again | 本机存储故障，请重启后重试 | 本機儲存故障，請重新啟動後重試
        fault.Cancelled | Cancelled | 已取消 | 已取消
        fault.Internal | Something went wrong: please report it | 出现问题，请反馈 | 發生問題，請回報
    """
}

/** A code in words. */
internal fun Desk.code(kind: String, code: String): String = Codes.say(language, kind, code)

/** What went wrong, for a person: what to do about it. The log has the rest. */
internal fun Language.fault(error: FieldException): String {
    val name = error::class.simpleName.orEmpty()
    return Codes.say(this, "fault", if ("fault.$name" in Codes.words) name else "Internal")
}

internal fun Desk.fault(error: FieldException): String = language.fault(error)
