//! Text as an attacker would mix it, shrunk to the least that fails.

use proptest::prelude::*;

use super::generated::INGREDIENTS;

/// A few ingredients and any characters, some of them repeated.
pub fn hostile_text() -> impl Strategy<Value = String> {
    let ingredient = prop_oneof![
        6 => prop::sample::select(INGREDIENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{1,12}",
    ];
    let repeated = (ingredient, prop_oneof![8 => Just(1usize), 1 => 2usize..6, 1 => 30usize..80])
        .prop_map(|(ingredient, times)| ingredient.repeat(times));
    prop::collection::vec(repeated, 0..24).prop_map(|parts| parts.concat())
}
