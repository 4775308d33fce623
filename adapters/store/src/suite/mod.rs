//! What every store promises, as checks that a store's own tests run.
//!
//! A check gets a library of its own, opens it as often as it likes and says what is not as it
//! should be; nothing panics, so that one run names all that is wrong.

mod commit;
mod epoch;
mod forget;
mod inbox;
mod outbox;
mod outbox_change;
mod rows;
pub mod sample;
mod shelf;

use contract::{Store, StoreError};
use std::fmt::Debug;
use std::path::PathBuf;
use std::pin::Pin;

/// Where the library lies that a check works on; empty at first.
#[async_trait::async_trait]
pub trait Library: Send + Sync {
    /// Opens the library; whoever had it open before is superseded.
    ///
    /// # Errors
    /// Whatever the store says.
    async fn open(&self) -> Result<Box<dyn Store>, StoreError>;

    /// A file that does not exist, in a folder that does: for a backup.
    fn free_file(&self) -> PathBuf;
}

/// One promise.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The promise, as a sentence without spaces.
    pub name: &'static str,
    run: for<'a> fn(&'a dyn Library) -> Running<'a>,
}

/// Something is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Broken>> + Send + 'a>>;

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Broken {
        Broken(format!("the store says: {error}"))
    }
}

impl Check {
    /// Carries it out on a library that is empty.
    ///
    /// # Errors
    /// What is not as promised.
    pub async fn run(&self, library: &dyn Library) -> Result<(), Broken> {
        (self.run)(library).await.map_err(|broken| Broken(format!("{}: {broken}", self.name)))
    }
}

/// Carries out all checks, each on a library that `fresh` makes for it. Returns what is broken.
pub async fn run<L: Library>(mut fresh: impl FnMut() -> L) -> Vec<Broken> {
    let mut broken = Vec::new();
    for check in CHECKS {
        broken.extend(check.run(&fresh()).await.err());
    }
    broken
}

macro_rules! checks {
    ($($topic:ident: $($name:ident)+;)+) => {
        /// All checks, by topic.
        pub const CHECKS: &[Check] = &[
            $($(Check {
                name: stringify!($name),
                run: |library| Box::pin($topic::$name(library)),
            },)+)+
        ];
    };
}

checks! {
    inbox:
        arrivals_are_kept_in_order_and_read_in_pages
        a_key_counts_once_for_each_network
        a_key_counts_once_after_it_was_handled
        the_cursor_is_kept_with_its_batch
        any_bytes_and_any_text_come_back
        what_was_handled_is_gone_from_the_inbox
        numbers_of_arrivals_are_not_used_twice;
    rows:
        a_row_is_kept_and_replaced_by_its_key
        rows_are_found_by_key_person_and_place
        a_row_that_is_wanted_twice_comes_once
        live_rows_come_at_the_start
        every_kind_of_row_comes_back;
    commit:
        a_commit_is_kept_across_a_restart
        a_commit_that_fails_leaves_nothing
        what_is_forgotten_goes_before_what_is_kept
        an_empty_commit_changes_nothing
        a_backup_is_made_once;
    outbox:
        what_is_sent_is_due_at_once_and_whole
        at_most_one_a_place_is_due
        the_most_urgent_goes_first_then_the_lowest_number
        busy_places_are_passed_over
        the_limit_is_kept
        nothing_overtakes_in_its_place
        something_more_urgent_does_not_wait_behind
        a_later_try_counts_and_remembers_doubt
        what_expired_is_still_given_out
        what_was_said_does_not_wait
        what_is_dropped_is_gone
        what_does_not_wait_is_not_settled
        hastening_reaches_a_place_or_a_network
        the_next_due_is_that_of_a_free_place;
    outbox_change:
        what_waits_gets_new_words_and_keeps_its_turn
        what_was_said_is_changed_by_its_marks
        what_left_no_marks_is_not_changed
        of_several_changes_the_last_counts
        what_is_sent_can_be_changed_in_the_same_commit
        a_change_that_was_said_leaves_its_marks
        what_waits_is_unsent_and_what_was_said_is_not;
    forget:
        a_persons_rows_go_and_others_stay
        what_waits_in_a_persons_places_goes
        marks_in_a_persons_places_go
        what_is_for_a_person_only_goes
        what_waits_about_a_persons_case_goes
        marks_about_a_persons_case_stay_elsewhere
        what_the_commit_itself_sends_stays
        rows_past_their_time_go
        marks_past_their_time_go
        keys_past_their_time_go
        whether_all_is_wiped_is_known_at_the_next_start
        wiping_keeps_what_is_there;
    shelf:
        keepsakes_are_kept_in_order_and_read_in_pages
        a_keepsake_put_again_keeps_its_place_and_gets_a_new_version
        a_shelf_is_its_networks_own
        a_keepsake_comes_with_its_arrival_and_not_with_a_repeat
        keepsakes_survive_reopening
        the_newest_stay_on_a_full_shelf
        a_persons_shelf_is_emptied_with_them
        what_tells_of_a_persons_case_goes_wherever_it_lies
        keepsakes_past_their_time_go
        any_bytes_and_any_text_come_back_from_a_shelf
        a_superseded_store_keeps_nothing
        versions_are_not_used_twice;
    epoch:
        each_opening_takes_the_next_epoch
        a_superseded_store_writes_nothing
        a_superseded_store_can_be_read;
}

/// Compares what was found with what is right.
fn same<T: PartialEq + Debug>(what: &str, found: &T, right: &T) -> Result<(), Broken> {
    if found == right {
        return Ok(());
    }
    Err(Broken(format!("{what}: found {found:?}, but {right:?} is right")))
}
