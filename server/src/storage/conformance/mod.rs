//! What every backend must do, told once.
//!
//! Each case is a function over any [`Storage`](crate::storage::Storage);
//! [`conformance!`] makes it a test of one backend. A second backend adds one
//! line at the end of this file and nothing else.

mod accounts;
mod bench;
mod documents;
pub(crate) mod erasures;
mod feed;
mod placing;
mod quarantine;
mod records;
mod reports;
mod scores;

pub(crate) use bench::{Bench, NOW};

/// Instantiates every case for a backend that `$open` opens empty.
macro_rules! conformance {
    ($backend:ident, $open:expr, { $($room:ident: $($case:ident),+ $(,)?;)+ }) => {
        mod $backend {
            $(mod $room {
                $(#[tokio::test]
                async fn $case() {
                    let (storage, _keep) = $open;
                    super::super::$room::$case(&super::super::Bench::over(&storage).await).await;
                })+
            })+
        }
    };
}

/// The cases, room by room.
macro_rules! every_case {
    ($backend:ident, $open:expr) => {
        conformance!($backend, $open, {
            records:
                an_org_is_made_once,
                a_record_gets_a_version_and_the_same_body_keeps_it,
                records_of_another_org_are_not_there,
                books_that_were_there_before_are_noted_once;
            accounts:
                a_login_is_unique,
                a_device_and_its_actor_are_bound_to_one_user,
                a_device_that_a_copy_replaced_is_marked_until_it_is_heard_again,
                a_revoked_device_has_no_good_token,
                a_refresh_token_is_good_until_the_next_pair_is_used,
                a_new_password_ends_every_session,
                access_is_versioned;
            documents:
                a_commit_is_all_there_and_another_revision_is_stale,
                concurrent_writers_of_one_document_never_lose_a_change,
                a_used_sequence_number_fails_one_document_and_not_its_neighbours,
                commands_are_kept_once;
            placing:
                two_managers_at_once_both_get_what_they_wanted,
                what_was_not_named_stays_and_history_is_not_rewritten,
                a_bulk_move_takes_nothing_that_changed_hands_meanwhile,
                a_person_takes_plans_and_targets_along_to_another_unit,
                a_closed_placement_stays_until_no_open_card_looks_at_it,
                a_change_in_the_past_marks_every_card_that_looks_at_it,
                access_ends_with_the_document_or_with_the_scope,
                placements_are_written_down;
            quarantine:
                late_work_is_kept_once_and_opens_one_case,
                no_more_waits_than_there_is_room_for,
                a_case_is_decided_once_with_what_it_writes,
                a_decision_on_what_has_changed_since_is_looked_at_again;
            feed:
                positions_are_in_commit_order_under_concurrency,
                a_page_holds_the_readers_scopes_and_no_others,
                a_page_is_bounded_by_bytes_and_resumes,
                digests_are_the_sum_of_their_members,
                a_moved_customer_leaves_one_side_and_enters_the_other;
            scores:
                a_mark_set_again_is_not_cleared,
                a_card_is_stored_and_published,
                a_part_is_read_again_when_its_card_is_another;
            erasures:
                a_new_generation_takes_the_old_history_and_tells_its_readers,
                what_is_written_again_of_a_history_that_is_over_is_known_with_it,
                what_does_not_fit_into_a_new_history_waits_from_its_first_moment_on,
                what_files_called_it_is_known_without_being_kept,
                of_which_documents_something_was_erased_is_known_for_good,
                customers_that_are_one_are_seen_by_the_holders_of_each_until_it_is_taken_back,
                writers_go_on_while_the_file_is_written_again;
            reports:
                deals_are_found_by_the_day_they_were_decided_or_begun,
                a_funnel_gets_every_deal_that_was_there;
        });
    };
}

every_case!(sqlite, {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    (crate::storage::sqlite::SqliteStorage::create(&path).unwrap(), dir)
});
