//! What proptest generates: acts without names. What an act comes to is decided when its turn comes, against what is
//! there then, so that any act can be left out of a history and the rest still makes sense. That is what shrinking does.

use proptest::collection::vec;
use proptest::prelude::*;

use super::scenes::SCENES;

/// A number that stands for a choice among however many there are.
pub type Pick = u16;

#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Somebody does what brings some job further.
    Onward {
        which: Pick,
        twist: Pick,
    },
    /// Anybody calls anything about any job, rightly or wrongly.
    Any {
        verb: Pick,
        who: Pick,
        about: Pick,
        twist: Pick,
    },
    /// A command is given a second time: the same, or with other arguments, or by somebody else.
    Again {
        which: Pick,
        twist: Pick,
    },
    LetTimePass {
        how: Pick,
    },
}

/// A beginning, and what chance adds.
#[derive(Debug, Clone)]
pub struct Acts {
    /// The position in [`SCENES`].
    pub scene: usize,
    pub acts: Vec<Act>,
}

pub fn history() -> impl Strategy<Value = Acts> {
    // A smaller number is no simpler a choice; only fewer acts are.
    let number = || any::<Pick>().no_shrink();
    let onward = (number(), number()).prop_map(|(which, twist)| Act::Onward { which, twist });
    let anything = (number(), number(), number(), number()).prop_map(|(verb, who, about, twist)| Act::Any {
        verb,
        who,
        about,
        twist,
    });
    let again = (number(), number()).prop_map(|(which, twist)| Act::Again { which, twist });
    let time = number().prop_map(|how| Act::LetTimePass { how });
    let acts = vec(prop_oneof![12 => onward, 5 => anything, 1 => again, 1 => time], 15..=35);
    ((0..SCENES.len()).no_shrink(), acts).prop_map(|(scene, acts)| Acts { scene, acts })
}

/// The entry of a list that a pick stands for.
pub fn pick<T: Clone>(list: &[T], by: Pick) -> T {
    list[usize::from(by) % list.len()].clone()
}
