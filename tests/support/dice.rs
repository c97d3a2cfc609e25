//! Chance that repeats itself.

/// Numbers that look like chance and are the same at every run.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    pub fn pick<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        if list.is_empty() { None } else { list.get(self.roll(list.len())) }
    }

    /// One of the last few, mostly: what is old has mostly ended.
    pub fn pick_late<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        let last = if self.roll(8) == 0 { list.len() } else { 4 };
        self.pick(&list[list.len().saturating_sub(last)..])
    }
}
