//! What one task has just brought to disk, handed to the next in memory: while that one keeps up,
//! nothing need be read that was just written.

/// How much is handed on: beyond that there is a crowd, and reading in pages costs each of it little.
const HANDED_MAX: usize = 64;

/// What is handed on.
#[derive(Debug)]
pub(crate) struct HandedOn<T> {
    /// How often something was written: a read that began before may have missed it.
    times: u64,
    /// All that was written since something had been written so often.
    items: Vec<T>,
    since: u64,
}

impl<T> HandedOn<T> {
    /// Nothing was written yet.
    pub(crate) fn new() -> HandedOn<T> {
        HandedOn { times: 0, items: Vec::new(), since: 0 }
    }

    /// These, and nothing else, were written.
    pub(crate) fn add(&mut self, items: impl IntoIterator<Item = T>) {
        self.times += 1;
        self.items.extend(items);
        if self.items.len() > HANDED_MAX {
            self.items.clear();
            self.since = self.times;
        }
    }

    /// Something was written that is to be read.
    pub(crate) fn skip(&mut self) {
        self.times += 1;
        self.items.clear();
        self.since = self.times;
    }

    /// What was written since it had been so often as `known`, oldest first, if all of it is here,
    /// and how often something has been by now. Otherwise it is to be read, after this.
    pub(crate) fn take(&mut self, known: Option<u64>) -> (Option<Vec<T>>, u64) {
        let all = known == Some(self.since);
        self.since = self.times;
        let items = std::mem::take(&mut self.items);
        (all.then_some(items), self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_keeps_up_is_handed_everything() {
        let mut handed = HandedOn::new();
        assert_eq!(handed.take(None), (None, 0));
        assert_eq!(handed.take(Some(0)), (Some(vec![]), 0));
        handed.add([1, 2]);
        handed.add([3]);
        assert_eq!(handed.take(Some(0)), (Some(vec![1, 2, 3]), 2));
        assert_eq!(handed.take(Some(2)), (Some(vec![]), 2));
    }

    #[test]
    fn whoever_does_not_keep_up_reads() {
        let mut handed = HandedOn::new();
        handed.add([1]);
        assert_eq!(handed.take(None), (None, 1));
        handed.add([2]);
        assert_eq!(handed.take(None), (None, 2), "the 1 may not have been read");
        handed.add(std::iter::repeat_n(3, HANDED_MAX + 1));
        assert_eq!(handed.take(Some(2)), (None, 3), "a crowd");
        handed.skip();
        handed.add([4]);
        assert_eq!(handed.take(Some(3)), (None, 5), "something that is to be read");
        handed.add([5]);
        assert_eq!(handed.take(Some(5)), (Some(vec![5]), 6));
    }
}
