use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::visit::VisitMode;

/// The stages of a deal, in order (DOMAIN D6: the guides know four lists).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelinePolicy {
    /// The stages.
    pub stages: Vec<Stage>,
    /// What must be there before a phase is left (R9).
    #[serde(default)]
    pub gates: Vec<StageGate>,
}

/// What must be there before a phase is left (R9, S1 节点动作标准).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageGate {
    /// The phase that is left.
    pub phase: Phase,
    /// So many deep contacts.
    pub deep_contacts: u32,
    /// In these modes.
    pub deep_modes: Vec<VisitMode>,
    /// Milestones of the deal that must be reached, by their text.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Leaving is refused, and not only warned of.
    #[serde(default)]
    pub block: bool,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its code, as deals store it.
    pub code: String,
    /// What it means wherever stage lists are compared.
    pub phase: Phase,
    /// Its name by language: `zh-CN`, `en`.
    #[serde(default)]
    pub name: BTreeMap<String, String>,
    /// Days without a move or a contact after which a deal here is stalled (R8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall_days: Option<u32>,
}

/// Canonical phases that every stage list maps to, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A lead, not qualified yet.
    Lead,
    /// First contact (初步接触).
    InitialContact,
    /// Needs confirmed (需求确认).
    NeedsConfirmed,
    /// Proposal and negotiation (方案谈判).
    Proposal,
    /// Decided (成交关闭).
    Closed,
}

impl PipelinePolicy {
    /// The stage with this code.
    pub fn stage(&self, code: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.code == code)
    }

    /// Where a stage stands in the order, from 0.
    pub fn position(&self, code: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.code == code)
    }
}
