//! No action without a key and a line of help, no key with two meanings.

use super::*;

#[test]
fn no_mode_gives_one_key_two_meanings() {
    for mode in Mode::ALL {
        let keys: Vec<Key> = of_mode(mode).flat_map(|binding| binding.keys.iter().copied()).collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key} in {mode:?}");
        }
    }
}

#[test]
fn no_action_needs_escape_control_or_tab() {
    for binding in BINDINGS {
        let plain = |key: &&Key| !key.control && !matches!(key.code, KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab);
        assert!(binding.keys.iter().any(|key| plain(&key)), "{:?}", binding.action);
    }
}

/// Every action leads to another, so that a new one cannot be left out: the compiler asks for its arm.
fn after(action: Action) -> Option<Action> {
    use Action::*;
    match action {
        Next => Some(Previous),
        Previous => Some(ReadOn),
        ReadOn => Some(Unfold),
        Unfold => Some(SeeChange),
        SeeChange => Some(Approve),
        Approve => Some(Reject),
        Reject => Some(Escalate),
        Escalate => Some(TakeOver),
        TakeOver => Some(Skip),
        Skip => Some(Edit),
        Edit => Some(ForceRelease),
        ForceRelease => Some(Undo),
        Undo => Some(Glance),
        Glance => Some(NextMark),
        NextMark => Some(Changes),
        Changes => Some(Info),
        Info => Some(LookUp),
        LookUp => Some(Search),
        Search => Some(AsciiOnly),
        AsciiOnly => Some(Order),
        Order => Some(Skipped),
        Skipped => Some(Retry),
        Retry => Some(Discard),
        Discard => Some(ConfirmSent),
        ConfirmSent => Some(Hold),
        Hold => Some(Resume),
        Resume => Some(Mark),
        Mark => Some(MarkAll),
        MarkAll => Some(Chart),
        Chart => Some(Teams),
        Teams => Some(Open),
        Open => Some(Back),
        Back => Some(Down),
        Down => Some(Up),
        Up => Some(HalfPageDown),
        HalfPageDown => Some(HalfPageUp),
        HalfPageUp => Some(Top),
        Top => Some(Bottom),
        Bottom => Some(Filter),
        Filter => Some(CopyId),
        CopyId => Some(Refresh),
        Refresh => Some(Go(Screen::Overview)),
        Go(Screen::Overview) => Some(Go(Screen::Review)),
        Go(Screen::Review) => Some(Go(Screen::DeadLetters)),
        Go(Screen::DeadLetters) => Some(Go(Screen::Activity)),
        Go(Screen::Activity) => Some(Go(Screen::Jobs)),
        Go(Screen::Jobs) => Some(NextScreen),
        NextScreen => Some(Help),
        Help => Some(Quit),
        Quit => None,
    }
}

#[test]
fn every_action_is_in_the_help_of_some_mode() {
    let every = std::iter::successors(Some(Action::Next), |action| after(*action));
    for action in every {
        let helped = Mode::ALL
            .into_iter()
            .flat_map(of_mode)
            .any(|binding| binding.action == action && !binding.help.is_empty() && !binding.keys.is_empty());
        assert!(helped, "{action:?}");
    }
}

#[test]
fn deciding_takes_an_uppercase_letter() {
    let deciding =
        [Action::Approve, Action::Reject, Action::Escalate, Action::TakeOver, Action::Retry, Action::Discard];
    for binding in BINDINGS.iter().filter(|binding| deciding.contains(&binding.action)) {
        for key in binding.keys {
            assert!(matches!(key.code, KeyCode::Char('A'..='Z')), "{key}");
        }
    }
}
