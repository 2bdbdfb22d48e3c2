//! The text is what a scraper reads, whatever was counted.

use super::*;

#[test]
fn the_text_is_well_formed_and_names_everything() {
    let metrics = Metrics::new(1_791_000_000.0);
    metrics.synced(SyncResult::of_status(200), Duration::from_millis(3));
    metrics.synced(SyncResult::of_status(503), Duration::from_millis(1));
    metrics.bodies(100, 200);
    metrics.change(&ChangeResult::Stored);
    let code = RejectCode::ForeignActor;
    metrics.change(&ChangeResult::Rejected { code, detail: "whatever \"they\"\nsay".into() });
    metrics.group(Group { jobs: 3, waiting: 2, took: Duration::from_millis(2), kept: true });
    metrics.sign_in_refused("wrong_password");
    let text = metrics.text(&Asked::default());
    for line in [
        "fieldsync_syncs_total{result=\"answered\"} 1",
        "fieldsync_syncs_total{result=\"busy\"} 1",
        "fieldsync_sync_body_bytes_total{direction=\"down\"} 200",
        "fieldsync_changes_total{result=\"rejected\",code=\"foreign_actor\"} 1",
        "fieldsync_commit_seconds_bucket{le=\"+Inf\"} 1",
        "fieldsync_commit_jobs_sum 3.0",
        "fieldsync_sign_ins_refused_total{why=\"wrong_password\"} 1",
        "# TYPE fieldsync_build info",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("whatever"), "what phones send is no label");
}
