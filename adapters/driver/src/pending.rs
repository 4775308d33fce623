//! The effects of a round, merged into one transaction.

use bot::{Address, Effect, Erasure, Reply, Row, RowKey, SendId, Sending, Wanted};
use contract::Commit;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What a round comes to so far. A store carries a [`Commit`] out with all that is forgotten first;
/// so whatever an effect forgets is also taken out of what the round was to keep or say before it,
/// and the outcome is as if each effect had been carried out in turn.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    save: BTreeMap<RowKey, Row>,
    forget: BTreeSet<RowKey>,
    forget_people: Vec<Erasure>,
    forget_before: Option<Timestamp>,
    send: Vec<Sending>,
    change: BTreeMap<SendId, Reply>,
    unsend: BTreeSet<SendId>,
}

impl Pending {
    /// Adds the effects of one event.
    pub(crate) fn add(&mut self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.add_one(effect));
    }

    fn add_one(&mut self, effect: Effect) {
        match effect {
            Effect::Send(sending) => self.send.push(sending),
            Effect::Change { send, reply } => {
                match self.send.iter_mut().find(|sending| sending.send == send) {
                    Some(sending) => sending.reply = reply,
                    None => {
                        self.change.insert(send, reply);
                    }
                }
            }
            Effect::Unsend(send) => self.unsend(send),
            Effect::Save(row) => {
                self.save.insert(row.key(), row);
            }
            Effect::Forget(key) => {
                self.save.remove(&key);
                self.forget.insert(key);
            }
            Effect::ForgetPerson(erasure) => {
                self.save.retain(|_, row| row.person() != Some(&erasure.person));
                self.send.retain(|sending| {
                    let network = &sending.to.network;
                    let theirs = |user: &Address| {
                        user.network == *network && sending.only_for.as_ref() == Some(&user.user)
                    };
                    !erasure.places.contains(&sending.to)
                        && !sending.case.is_some_and(|case| erasure.cases.contains(&case))
                        && !erasure.users.iter().any(theirs)
                });
                self.forget_people.push(erasure);
            }
            Effect::ForgetBefore(time) => {
                self.save.retain(|_, row| !is_over(row, time));
                self.forget_before = self.forget_before.max(Some(time));
            }
        }
    }

    /// This is not to be said.
    pub(crate) fn unsend(&mut self, send: SendId) {
        self.send.retain(|sending| sending.send != send);
        self.change.remove(&send);
        self.unsend.insert(send);
    }

    /// Rows as they will be once this is committed, out of those that the store has now: the core
    /// must not be brought what the round has forgotten or written anew.
    pub(crate) fn over(&self, rows: Vec<Row>, wanted: &[Wanted]) -> Vec<Row> {
        let kept = rows.into_iter().filter(|row| {
            !self.save.contains_key(&row.key())
                && !self.forget.contains(&row.key())
                && !self.forget_people.iter().any(|erasure| row.person() == Some(&erasure.person))
                && !self.forget_before.is_some_and(|time| is_over(row, time))
        });
        let saved = self.save.values().filter(|row| wanted.iter().any(|wanted| is(row, wanted)));
        kept.chain(saved.cloned()).collect()
    }

    /// What is changed that may be on its way already.
    pub(crate) fn changed(&self) -> impl Iterator<Item = SendId> {
        self.change.keys().copied()
    }

    /// Whether somebody is forgotten: then their bytes are wiped at once.
    pub(crate) fn forgets_people(&self) -> bool {
        !self.forget_people.is_empty()
    }

    /// What is said in the same transaction in which people are forgotten.
    pub(crate) fn farewells(&self) -> Vec<SendId> {
        match self.forgets_people() {
            true => self.send.iter().map(|sending| sending.send).collect(),
            false => Vec::new(),
        }
    }

    /// Whether what is past its time is forgotten: then its bytes are wiped when there is time.
    pub(crate) fn forgets_by_time(&self) -> bool {
        self.forget_before.is_some()
    }

    /// Whether anything new may be due to be said.
    pub(crate) fn speaks(&self) -> bool {
        !self.send.is_empty() || !self.change.is_empty()
    }

    /// What is to be said, if nothing is changed or taken back of what already waits to be.
    pub(crate) fn only_sends(&self) -> Option<Vec<Sending>> {
        let only = self.change.is_empty()
            && self.unsend.is_empty()
            && self.forget_people.is_empty()
            && self.forget_before.is_none();
        only.then(|| self.send.clone())
    }

    /// The transaction, but for the arrivals that it handles.
    pub(crate) fn into_commit(self) -> Commit {
        Commit {
            handled: Vec::new(),
            keys_until: None,
            forget_people: self.forget_people,
            forget: self.forget.into_iter().collect(),
            forget_before: self.forget_before,
            save: self.save.into_values().collect(),
            send: self.send,
            change: self.change.into_iter().collect(),
            unsend: self.unsend.into_iter().collect(),
        }
    }
}

fn is_over(row: &Row, time: Timestamp) -> bool {
    row.keep_until().is_some_and(|until| until < time)
}

fn is(row: &Row, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Row(key) => row.key() == *key,
        Wanted::OfPerson(person) => row.person() == Some(person),
        Wanted::InPlace(place) => row.place() == Some(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::{Person, PersonId};

    fn person(name: &str, until: i64) -> Row {
        Row::Person(Person {
            id: PersonId(name.to_owned()),
            addresses: Vec::new(),
            lang: None,
            noticed: true,
            chosen: None,
            linked: Vec::new(),
            wrong_codes: None,
            keep_until: Timestamp::from_second(until).unwrap(),
        })
    }

    fn pending(effects: Vec<Effect>) -> Pending {
        let mut pending = Pending::default();
        pending.add(effects);
        pending
    }

    #[test]
    fn who_is_forgotten_after_being_saved_is_not_saved_and_the_other_way_round() {
        let ben = PersonId("ben".to_owned());
        let forget = || {
            Effect::ForgetPerson(Erasure {
                person: ben.clone(),
                places: Vec::new(),
                users: Vec::new(),
                cases: Vec::new(),
            })
        };
        let save = || Effect::Save(person("ben", 9));
        let gone = pending(vec![save(), Effect::Save(person("ida", 9)), forget()]);
        assert_eq!(gone.into_commit().save, [person("ida", 9)]);
        let back = pending(vec![forget(), save()]).into_commit();
        assert_eq!((back.save.len(), back.forget_people.len()), (1, 1));
        let over = pending(vec![save(), Effect::ForgetBefore(Timestamp::from_second(10).unwrap())]);
        assert!(over.into_commit().save.is_empty());
    }

    #[test]
    fn rows_that_are_brought_are_as_the_round_has_left_them() {
        let wanted = [Wanted::OfPerson(PersonId("ben".to_owned()))];
        let forget = pending(vec![Effect::Forget(person("ben", 9).key())]);
        assert!(forget.over(vec![person("ben", 9)], &wanted).is_empty());
        let saved = pending(vec![Effect::Save(person("ben", 8))]);
        assert_eq!(saved.over(vec![person("ben", 9)], &wanted), [person("ben", 8)]);
        assert_eq!(saved.over(Vec::new(), &wanted), [person("ben", 8)]);
        assert!(saved.over(Vec::new(), &[]).is_empty());
    }
}
