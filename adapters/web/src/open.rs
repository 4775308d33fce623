//! The pages that are open: who is told when a shelf has something new.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Event streams at once: each holds a connection, of which a program commonly has a thousand.
const STREAMS_MAX: usize = 768;
/// Event streams to one address: a school's whole computer room, and still room for others.
const FROM_ADDRESS_MAX: usize = 256;
/// Event streams of one shelf's reader: more tabs than one person looks at. The desk has no such
/// bound, only staff can open it.
const OF_SHELF_MAX: usize = 8;

/// The pages that are open.
#[derive(Clone, Default)]
pub(crate) struct OpenPages {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    shelves: BTreeMap<String, Shelf>,
    addresses: BTreeMap<IpAddr, usize>,
    streams: usize,
}

struct Shelf {
    tell: watch::Sender<News>,
    streams: usize,
}

/// What has happened on a shelf, as counts that rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Something was put there.
    pub(crate) put: u64,
    /// An answer is being looked for.
    pub(crate) typing: u64,
}

/// A page that listens to a shelf; dropped, it is closed.
pub(crate) struct OpenPage {
    pub(crate) news: watch::Receiver<News>,
    pages: OpenPages,
    shelf: String,
    address: IpAddr,
}

/// Whose bound a stream counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A patron, who has one shelf.
    Patron,
    /// Staff, who share the desk's.
    Staff,
}

impl OpenPages {
    /// Something was put on a shelf.
    pub(crate) fn ring(&self, shelf: &str) {
        self.tell(shelf, |news| news.put += 1);
    }

    /// An answer is being looked for.
    pub(crate) fn typing(&self, shelf: &str) {
        self.tell(shelf, |news| news.typing += 1);
    }

    fn tell(&self, shelf: &str, what: impl FnOnce(&mut News)) {
        if let Some(shelf) = self.state().shelves.get(shelf) {
            shelf.tell.send_modify(what);
        }
    }

    /// Opens a page; `None` if too many are open.
    pub(crate) fn open(&self, shelf: &str, reader: Reader, address: IpAddr) -> Option<OpenPage> {
        let mut state = self.state();
        let here = state.shelves.get(shelf).map_or(0, |shelf| shelf.streams);
        let from = state.addresses.get(&address).copied().unwrap_or_default();
        let full = state.streams >= STREAMS_MAX
            || from >= FROM_ADDRESS_MAX
            || reader == Reader::Patron && here >= OF_SHELF_MAX;
        if full {
            return None;
        }
        state.streams += 1;
        *state.addresses.entry(address).or_default() += 1;
        let on = state
            .shelves
            .entry(shelf.to_owned())
            .or_insert_with(|| Shelf { tell: watch::Sender::new(News::default()), streams: 0 });
        on.streams += 1;
        let news = on.tell.subscribe();
        Some(OpenPage { news, pages: self.clone(), shelf: shelf.to_owned(), address })
    }

    /// How many pages are open.
    pub(crate) fn count(&self) -> usize {
        self.state().streams
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change above is whole before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        let mut state = self.pages.state();
        state.streams = state.streams.saturating_sub(1);
        if let Some(count) = state.addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                state.addresses.remove(&self.address);
            }
        }
        if let Some(shelf) = state.shelves.get_mut(&self.shelf) {
            shelf.streams -= 1;
            if shelf.streams == 0 {
                state.shelves.remove(&self.shelf);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn pages_of_a_shelf_are_told_and_no_others() {
        let pages = OpenPages::default();
        let ben = pages.open("dm-ben", Reader::Patron, HERE).unwrap();
        let ana = pages.open("dm-ana", Reader::Patron, HERE).unwrap();
        pages.ring("dm-ben");
        pages.typing("dm-ben");
        pages.ring("dm-nobody");
        assert_eq!(*ben.news.borrow(), News { put: 1, typing: 1 });
        assert_eq!(*ana.news.borrow(), News::default());
    }

    #[test]
    fn there_is_a_bound_and_what_closes_makes_room() {
        let pages = OpenPages::default();
        let mut tabs: Vec<_> = (0..OF_SHELF_MAX)
            .map(|_| pages.open("dm-ben", Reader::Patron, HERE).unwrap())
            .collect();
        assert!(pages.open("dm-ben", Reader::Patron, HERE).is_none());
        tabs.pop();
        tabs.push(pages.open("dm-ben", Reader::Patron, HERE).unwrap());
        let many: Vec<_> = (OF_SHELF_MAX..FROM_ADDRESS_MAX)
            .map(|_| pages.open(crate::line::DESK, Reader::Staff, HERE).unwrap())
            .collect();
        assert!(pages.open("dm-ana", Reader::Patron, HERE).is_none());
        let elsewhere = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
        assert!(pages.open("dm-ana", Reader::Patron, elsewhere).is_some());
        drop((tabs, many));
        assert_eq!(pages.count(), 0);
        assert!(pages.state().shelves.is_empty() && pages.state().addresses.is_empty());
    }
}
