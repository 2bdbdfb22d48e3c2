//! Scripts that once failed.

use client_core::records::Verdict;
use tests::sim::batch::honestly;
use tests::sim::script::Fate::*;
use tests::sim::script::Person::*;
use tests::sim::script::Region::*;
use tests::sim::script::Script;
use tests::sim::script::Step::*;
use tests::sim::script::Task::*;

fn holds(script: &Script) {
    if let Err(broken) = honestly(script) {
        panic!("{broken}\n{script}");
    }
}

/// Seed 158. The first push was stored and its answer lost; then the customer became
/// somebody else's. Pushed again it was refused, and later kept for ever.
#[test]
fn what_is_stored_is_answered_so_after_a_reassignment_and_then_dropped() {
    let answer_never_heard = Carry { message: 0, fate: Whole };
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Begin { phone: 0 },
            answer_never_heard,
            Place { customer: 0, owner: Boris, with: None, unit: None },
        ],
    ));
}

/// What waits for a decision on a server that was restored to before it came would wait
/// for ever: nobody there knows of it.
#[test]
fn late_work_that_a_restored_server_forgot_is_put_before_a_person_again() {
    holds(&Script::new(
        &[Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Work { phone: 0, task: Rename(0) },
            Place { customer: 0, owner: Anna, with: None, unit: None },
            Wait { minutes: 3 * 24 * 60 },
            BackUpServer,
            Sync { phone: 0 },
            RestoreServer,
        ],
    ));
}

/// Seed 133. A page that told of a new history took the document to be told whole, and
/// left out into which scopes it came after that.
#[test]
fn a_document_that_comes_into_a_unit_after_its_history_began_anew_is_counted_there() {
    holds(&Script::new(
        &[Anna, Boris, Sofia],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Sync { phone: 2 },
            Work { phone: 2, task: CheckIn(4) },
            Place { customer: 6, owner: Carla, with: None, unit: None },
            Sync { phone: 2 },
            Erase { customer: 4 },
            Place { customer: 12, owner: Anna, with: None, unit: None },
        ],
    ));
}

/// Seed 57. Carla's phone was told that the customer is not hers before it had given the
/// restored server what it lost of it.
#[test]
fn a_phone_gives_back_what_a_server_lost_before_it_lets_go_of_it() {
    holds(&Script::new(
        &[Anna, Carla],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            BackUpServer,
            Work { phone: 0, task: Rename(0) },
            Place { customer: 0, owner: Carla, with: None, unit: None },
            Sync { phone: 0 },
            Sync { phone: 1 },
            RestoreServer,
            Work { phone: 1, task: Note(0) },
        ],
    ));
}

/// Seed 515. A power cut took the answer back, and meanwhile the customer was given to
/// somebody of the unit: the phone took it for its user's, and then nobody told it
/// otherwise.
#[test]
fn who_made_a_customer_is_told_that_it_is_somebody_elses_however_late() {
    holds(&Script::new(
        &[Anna, Anna, Sofia, Sofia],
        4_096,
        4_000,
        &[
            Work { phone: 3, task: Find },
            Sync { phone: 3 },
            PowerCut { phone: 3 },
            Place { customer: 12, owner: Boris, with: None, unit: None },
            Struggle { phone: 3, dice: 36_076 },
            Place { customer: 6, owner: Boris, with: None, unit: Some(West) },
        ],
    ));
}

/// Seed 575. The page told that the customer left one unit, and then that it came into
/// another with a new history: it was dropped all the same.
#[test]
fn a_document_that_moves_and_begins_anew_in_one_page_stays() {
    holds(&Script::new(
        &[Anna, Maria],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Sync { phone: 1 },
            Place { customer: 0, owner: Carla, with: None, unit: None },
            BeginAnew { doc: 0 },
        ],
    ));
}

/// Seed 676. A phone's twin made a customer whose history then began anew: the one phone
/// was told neither of the customer, because its replica had made it, nor of the new
/// history, because it had no old one.
#[test]
fn what_a_twin_made_and_began_anew_is_told_to_the_phone_that_lacks_it() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Sync { phone: 0 },
            Clone { phone: 0, whole: true },
            Work { phone: 1, task: Find },
            Sync { phone: 1 },
            BeginAnew { doc: 0 },
        ],
    ));
}

/// Seed 907. The same backup was put back twice, and the second time its replica went on
/// with the tokens of the device that the first had become.
#[test]
fn a_copy_that_is_put_back_again_is_told_apart_from_what_it_became_before() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            BackUp { phone: 0 },
            Work { phone: 0, task: Plan(12) },
            Sync { phone: 0 },
            PutBack { phone: 0 },
            Sync { phone: 0 },
            PutBack { phone: 0 },
        ],
    ));
}

/// The first push was stored and its answer lost; a proxy found the next one too large,
/// and half of it was taken for an older copy of the phone.
#[test]
fn a_push_that_is_sent_again_in_halves_makes_no_other_device_of_its_phone() {
    let answer_lost = [Carry { message: 0, fate: Whole }, Lose { message: 0 }];
    let too_large = [Carry { message: 0, fate: TooLarge }, Carry { message: 0, fate: Whole }];
    let found = [Work { phone: 0, task: Find }, Work { phone: 0, task: Find }];
    let (begin, sync) = ([Begin { phone: 0 }], [Sync { phone: 0 }]);
    let steps = [&found[..], &begin, &answer_lost, &begin, &too_large, &sync].concat();
    holds(&Script::new(&[Anna], 262_144, 1_048_576, &steps));
}

/// A visit that nobody had seen yet was stored, however long ago its customer had become
/// somebody else's.
#[test]
fn a_visit_that_comes_after_grace_is_put_before_a_person() {
    holds(&Script::new(
        &[Anna, Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Work { phone: 0, task: Draft(0) },
            Work { phone: 0, task: Continue(0) },
            Place { customer: 0, owner: Boris, with: None, unit: None },
            Wait { minutes: 31 * 24 * 60 },
            Sync { phone: 0 },
            Work { phone: 0, task: Continue(0) },
            Sync { phone: 0 },
        ],
    ));
}

/// Seed 122. What was erased had been sent without an answer, and was written again.
#[test]
fn what_was_received_before_an_erasure_does_not_come_back() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Begin { phone: 0 },
            Carry { message: 0, fate: Whole },
            Lose { message: 0 },
            Erase { customer: 0 },
            Sync { phone: 0 },
        ],
    ));
}

/// Who may not see the document any more is not told of its new history.
#[test]
fn late_work_on_a_history_that_is_over_waits_for_a_person_and_goes_into_the_new_one() {
    holds(&Script::new(
        &[Anna, Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Work { phone: 0, task: Rename(0) },
            Place { customer: 0, owner: Boris, with: None, unit: None },
            BeginAnew { doc: 0 },
            Sync { phone: 0 },
            Decide { case: 0, verdict: Verdict::Accepted },
            Sync { phone: 0 },
        ],
    ));
}

/// Seed 1209. What was written again on a history that began anew is erased with that one,
/// and the change that said it first was never on the server.
#[test]
fn what_was_written_again_may_be_erased_with_the_history_that_it_was_written_on() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Work { phone: 0, task: Note(10) },
            BeginAnew { doc: 7 },
            Sync { phone: 0 },
            Erase { customer: 11 },
        ],
    ));
}

/// Seed 1425. A phone set up from a backup wrote on top of what its former life had not
/// sent, and then gave both the same number.
#[test]
fn what_builds_on_a_former_lifes_work_gets_no_number_twice() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            BackUp { phone: 0 },
            Replace { phone: 0 },
            Work { phone: 0, task: Rename(9) },
        ],
    ));
}

/// Seed 2775. Sofia wrote into Boris's customer, the server lost it, and what she wrote
/// came before her phone had heard of that: it was refused as a forgery.
#[test]
fn work_on_a_colleagues_document_that_the_server_lost_waits_for_the_document() {
    holds(&Script::new(
        &[Anna, Boris, Sofia],
        262_144,
        1_048_576,
        &[
            CopyServer,
            Work { phone: 1, task: Find },
            Sync { phone: 1 },
            Sync { phone: 2 },
            CopyServerBack,
            Disable { person: Boris },
            Work { phone: 2, task: Rename(2) },
        ],
    ));
}

/// Seed 9095. A feed that starts over tells what there is: nobody told Sofia's phone that
/// the east is not hers any more.
#[test]
fn a_scope_that_was_lost_around_a_restore_leaves_the_phone() {
    holds(&Script::new(
        &[Anna, Sofia],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Sync { phone: 1 },
            BackUpServer,
            RestoreServer,
            Transfer { person: Sofia, unit: West },
        ],
    ));
}

/// Seed 8964. Both lives of the data did the same thing at the same position, and the
/// cursor of the one was taken for one of the other.
#[test]
fn two_lives_that_do_the_same_are_told_apart() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            CopyServer,
            Place { customer: 0, owner: Carla, with: None, unit: None },
            Sync { phone: 0 },
            CopyServerBack,
            Place { customer: 0, owner: Carla, with: None, unit: None },
        ],
    ));
}

/// Seed 7628. What was written again on a new history is on the disk before it is sent:
/// the phone came back from a power cut knowing less than it had stored.
#[test]
fn a_phone_that_loses_power_after_it_wrote_anew_is_not_taken_for_a_copy() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            BeginAnew { doc: 14 },
            Work { phone: 0, task: Note(0) },
            Sync { phone: 0 },
            PowerCut { phone: 0 },
        ],
    ));
}

/// Seed 8636. A phone that had made a customer heard, after a power cut, that it is not
/// its user's any more, and not of the unit that it is in.
#[test]
fn whoever_made_a_customer_hears_of_the_unit_that_has_it_alone() {
    holds(&Script::new(
        &[Anna, Sofia],
        262_144,
        1_048_576,
        &[
            Sync { phone: 1 },
            Work { phone: 1, task: Find },
            Sync { phone: 1 },
            PowerCut { phone: 1 },
            Place { customer: 8, owner: Anna, with: None, unit: None },
        ],
    ));
}

/// Seed 3827. Each answer of a restored server began the hand-back anew, and sent late
/// work again that the answer before had put before a person.
#[test]
fn late_work_of_a_former_life_on_a_restored_server_comes_to_rest() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Place { customer: 6, owner: Boris, with: None, unit: None },
            BackUpServer,
            RestoreServer,
            Wait { minutes: 3 * 24 * 60 },
            Work { phone: 0, task: Rename(13) },
            Clone { phone: 0, whole: false },
        ],
    ));
}

/// Seed 1731. What was erased before it was sent went into the rescue file without its
/// bytes, as a change that ends too early.
#[test]
fn a_rescue_file_holds_nothing_of_what_was_erased_before_it_was_sent() {
    holds(&Script::new(
        &[Anna, Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 1, task: Find },
            Sync { phone: 1 },
            Work { phone: 1, task: Rename(11) },
            Erase { customer: 12 },
            Sync { phone: 1 },
            Disable { person: Boris },
        ],
    ));
}

/// Seed 1364. Boris held the customer only in a life of the data that is over, and so
/// nobody can say whether he may write there.
#[test]
fn whose_a_customer_was_in_a_life_that_is_over_the_server_does_not_know() {
    holds(&Script::new(
        &[Anna, Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            BackUpServer,
            Place { customer: 7, owner: Boris, with: None, unit: None },
            Sync { phone: 1 },
            Place { customer: 13, owner: Carla, with: None, unit: None },
            RestoreServer,
            Work { phone: 1, task: Rename(7) },
        ],
    ));
}

/// Seed 5123. Who may not come back keeps what a restored server lost.
#[test]
fn what_a_server_lost_stays_with_a_phone_that_may_not_come_back() {
    holds(&Script::new(
        &[Boris],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Wait { minutes: 31 * 24 * 60 },
            BackUpServer,
            Sync { phone: 0 },
            RestoreServer,
            Disable { person: Boris },
        ],
    ));
}

/// Seed 8929. A first sync in small pages kept no proof of what it brought.
#[test]
fn what_came_with_a_first_sync_in_small_pages_can_be_given_back() {
    holds(&Script::new(
        &[Anna, Anna],
        4_096,
        1_048_576,
        &[
            Work { phone: 1, task: Find },
            Sync { phone: 1 },
            CopyServer,
            Work { phone: 1, task: Note(6) },
            Sync { phone: 1 },
            Sync { phone: 0 },
            CopyServerBack,
        ],
    ));
}

/// Seed 1302. What Sofia wrote into a colleague's document stood before that in her
/// outbox when both were given back, and so did not vouch for it.
#[test]
fn what_is_given_back_goes_after_what_it_builds_on() {
    holds(&Script::new(
        &[Anna, Sofia],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            CopyServer,
            Sync { phone: 0 },
            Sync { phone: 1 },
            Work { phone: 1, task: Note(5) },
            Place { customer: 14, owner: Boris, with: None, unit: None },
            Sync { phone: 1 },
            Work { phone: 1, task: Note(0) },
            Sync { phone: 0 },
            CopyServerBack,
        ],
    ));
}

/// Seed 8108. A phone that had found its list to differ asked a restored server for it,
/// compared it with the sum of the life before, and called the server's sum wrong.
#[test]
fn sums_of_a_life_that_is_over_are_compared_with_nothing() {
    holds(&Script::new(
        &[Anna, Anna, Carla, Anna],
        4_096,
        4_000,
        &[
            Work { phone: 1, task: Find },
            Work { phone: 2, task: Find },
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Sync { phone: 1 },
            Sync { phone: 2 },
            Sync { phone: 3 },
            BackUp { phone: 1 },
            CopyServer,
            Sync { phone: 0 },
            CopyServerBack,
            Replace { phone: 1 },
            Sync { phone: 3 },
            CopyServerBack,
            Sync { phone: 3 },
            Work { phone: 0, task: Win(10) },
            Work { phone: 0, task: Rename(8) },
            Work { phone: 3, task: Rename(5) },
            Sync { phone: 3 },
            Work { phone: 1, task: Plan(4) },
            Work { phone: 0, task: Continue(12) },
            Sync { phone: 2 },
            Work { phone: 0, task: Move(8) },
            Work { phone: 2, task: Rename(0) },
            Work { phone: 1, task: Plan(12) },
            Sync { phone: 2 },
            Work { phone: 2, task: Continue(9) },
            BackUpServer,
            Work { phone: 2, task: Note(2) },
            BackUp { phone: 3 },
            RestoreServer,
            Work { phone: 1, task: Rename(0) },
            Place { customer: 11, owner: Boris, with: None, unit: None },
            Wait { minutes: 20 },
            Work { phone: 0, task: Note(13) },
            Struggle { phone: 1, dice: 12793 },
            Work { phone: 1, task: Visit(7) },
            Sync { phone: 0 },
            CopyServerBack,
        ],
    ));
}

/// Seed 338. What was erased before it was sent has no bytes that a revoked phone could seal.
#[test]
fn a_revoked_phone_that_comes_back_owes_nothing_of_what_was_erased_before_it_was_sent() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            Sync { phone: 0 },
            Work { phone: 0, task: Rename(0) },
            Erase { customer: 10 },
            Sync { phone: 0 },
            Revoke { phone: 0 },
        ],
    ));
}

/// Seed 2459. A phone that is replaced before its work was sent sends it under the old name.
#[test]
fn what_a_replaced_phone_sent_of_its_former_life_is_given_back() {
    holds(&Script::new(
        &[Anna],
        262_144,
        1_048_576,
        &[
            Work { phone: 0, task: Find },
            BackUp { phone: 0 },
            Replace { phone: 0 },
            BackUpServer,
            Sync { phone: 0 },
            RestoreServer,
        ],
    ));
}
