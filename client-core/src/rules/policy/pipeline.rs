use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The stages of a deal, in order (DOMAIN D6: the guides know four lists).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelinePolicy {
    /// The stages.
    pub stages: Vec<Stage>,
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
