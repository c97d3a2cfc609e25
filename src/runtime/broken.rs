//! A panic, wherever it happens: told by its place alone, on a terminal that can be read, and heard by the loop.
//!
//! What a panic says may quote what it stumbled over, and here that may be a customer's words. The place is enough to
//! find it by.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, ThreadId};

use tokio::sync::Notify;

use super::terminal;

static STATE: Mutex<State> = Mutex::new(State { screen_is_ours: false, first: None });
static RANG: Notify = Notify::const_new();

struct State {
    /// What is told now would be drawn over.
    screen_is_ours: bool,
    first: Option<(ThreadId, String)>,
}

/// From here on no panic says anything but its place. While the screen is ours it says nothing at all; whoever gives the
/// screen back tells it, with [`place`].
pub fn tell_places_only() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(hook)));
}

/// Notes whether what is written to the terminal would be drawn over.
pub fn screen_is_ours(ours: bool) {
    state().screen_is_ours = ours;
}

/// Where the first panic happened that nobody told, as file, line and column.
pub fn place() -> Option<String> {
    state().first.take().map(|(_, place)| place)
}

/// Waits for a panic. One that happened before is heard as well.
pub async fn heard() {
    RANG.notified().await;
}

fn hook(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let here = thread::current().id();
    let mut state = state();
    let again = state.first.as_ref().is_some_and(|(thread, _)| *thread == here);
    if state.screen_is_ours && !again {
        state.first.get_or_insert((here, place));
    } else {
        if state.screen_is_ours {
            // A second one in the same thread can be the end of the process at once.
            terminal::give_back();
        }
        tell(&place);
    }
    drop(state);
    RANG.notify_one();
}

/// Tells a panic on standard error.
pub fn tell(place: &str) {
    // Where nobody reads any more, nobody can be told.
    let _ = writeln!(io::stderr(), "countersign: {}", sentence(place));
}

/// The one sentence about any panic.
pub fn sentence(place: &str) -> String {
    format!("a fault in the program ended it, at {place}; please report this place")
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
