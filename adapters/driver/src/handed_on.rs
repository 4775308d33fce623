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
    /// Whether something is being written that a read may see before it is handed on.
    writing: bool,
}

impl<T> HandedOn<T> {
    /// Nothing was written yet.
    pub(crate) fn new() -> HandedOn<T> {
        HandedOn { times: 0, items: Vec::new(), since: 0, writing: false }
    }

    /// Something is about to be written. Only where what is read cannot be told from what is handed
    /// on need this be said.
    pub(crate) fn begin(&mut self) {
        self.writing = true;
    }

    /// These, and nothing else, were written.
    pub(crate) fn add(&mut self, items: impl IntoIterator<Item = T>) {
        self.writing = false;
        self.times += 1;
        self.items.extend(items);
        if self.items.len() > HANDED_MAX {
            self.items.clear();
            self.since = self.times;
        }
    }

    /// Something was written, perhaps, that is to be read.
    pub(crate) fn skip(&mut self) {
        self.writing = false;
        self.times += 1;
        self.items.clear();
        self.since = self.times;
    }

    /// What was written since it had been so often as `known`, oldest first, if all of it is here;
    /// otherwise it is to be read, after this. And how often something has been by then, unless a
    /// read may show what will be handed on as well.
    pub(crate) fn take(&mut self, known: Option<u64>) -> (Option<Vec<T>>, Option<u64>) {
        let all = known == Some(self.since);
        self.since = self.times;
        let items = std::mem::take(&mut self.items);
        (all.then_some(items), (all || !self.writing).then_some(self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_keeps_up_is_handed_everything() {
        let mut handed = HandedOn::new();
        assert_eq!(handed.take(None), (None, Some(0)));
        assert_eq!(handed.take(Some(0)), (Some(vec![]), Some(0)));
        handed.add([1, 2]);
        handed.add([3]);
        assert_eq!(handed.take(Some(0)), (Some(vec![1, 2, 3]), Some(2)));
        assert_eq!(handed.take(Some(2)), (Some(vec![]), Some(2)));
        handed.begin();
        assert_eq!(handed.take(Some(2)), (Some(vec![]), Some(2)), "nothing was read meanwhile");
        handed.add([4]);
        assert_eq!(handed.take(Some(2)), (Some(vec![4]), Some(3)));
    }

    #[test]
    fn what_was_read_while_it_was_written_is_not_handed_on_too() {
        let mut handed = HandedOn::new();
        handed.begin();
        assert_eq!(handed.take(None), (None, None), "the 1 may be read now");
        handed.add([1]);
        assert_eq!(handed.take(None), (None, Some(1)));
        assert_eq!(handed.take(Some(1)), (Some(vec![]), Some(1)));
    }

    #[test]
    fn whoever_does_not_keep_up_reads() {
        let mut handed = HandedOn::new();
        handed.add([1]);
        assert_eq!(handed.take(None), (None, Some(1)));
        handed.add([2]);
        assert_eq!(handed.take(None), (None, Some(2)), "the 1 may not have been read");
        handed.add(std::iter::repeat_n(3, HANDED_MAX + 1));
        assert_eq!(handed.take(Some(2)), (None, Some(3)), "a crowd");
        handed.skip();
        handed.add([4]);
        assert_eq!(handed.take(Some(3)), (None, Some(5)), "something that is to be read");
        handed.add([5]);
        assert_eq!(handed.take(Some(5)), (Some(vec![5]), Some(6)));
    }
}
