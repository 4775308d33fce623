//! An answer's phrasings that fit a question best: with dozens of them most are about another side of
//! the matter, and their mean would say little.

/// So many phrasings count beside the best one.
pub(crate) const SEVERAL: usize = 5;

/// The highest values of an answer's phrasings, in falling order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Several([f32; SEVERAL]);

impl Several {
    /// `least` stands for each that is not there.
    pub(crate) const fn new(least: f32) -> Several {
        Several([least; SEVERAL])
    }

    pub(crate) fn take(&mut self, value: f32) {
        let mut falling = value;
        for place in &mut self.0 {
            if falling > *place {
                std::mem::swap(&mut falling, place);
            }
        }
    }

    pub(crate) fn best(&self) -> f32 {
        self.0[0]
    }

    /// Their mean, of an answer with so many phrasings.
    pub(crate) fn mean(&self, phrasings: usize) -> f32 {
        let few = phrasings.clamp(1, SEVERAL);
        self.0[..few].iter().sum::<f32>() / few as f32
    }
}
