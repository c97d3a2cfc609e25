//! The terminal in the hands of the person's own editor, while everything else goes on: the lease is kept, the job is
//! watched, answers come in.

use std::time::Duration;

use tokio::process::Command;
use tokio::time::interval;

use super::{EventLoop, Next};
use crate::app::Msg;
use crate::app::review::words::Words;
use crate::outside;
use crate::runtime::Error;
use crate::runtime::keyboard::Keyboard;
use crate::runtime::terminal::{Signals, Terminal, is_in_front};

impl EventLoop {
    /// Gives the terminal away and takes it back when the editor has ended.
    pub(super) async fn lend(
        &mut self,
        text: &Words,
        terminal: &mut Terminal,
        signals: &mut Signals,
        keyboard: &mut Keyboard,
    ) -> Result<Next, Error> {
        self.let_answers_come(terminal, keyboard).await;
        keyboard.stop();
        self.reading.forget();
        terminal.lend();
        let (written, told_to_end) = self.written(text, terminal, signals).await;
        // What Ctrl-C meant to the editor, it does not mean to us.
        *signals = Signals::listen()?;
        // Where the shell has the terminal by now, the loop follows it.
        if is_in_front() {
            self.take_up_again(terminal, keyboard)?;
        }
        let result = written.map_err(|error| error.to_string());
        let now = self.desk.clock.now();
        let next = self.step(Msg::EditedOutside { result, now }, terminal);
        Ok(if told_to_end { self.step(Msg::Terminate, terminal) } else { next })
    }

    /// What the editor left, and whether the program was told to end meanwhile.
    async fn written(
        &mut self,
        text: &Words,
        terminal: &mut Terminal,
        signals: &mut Signals,
    ) -> (Result<Words, outside::Error>, bool) {
        let Some(editor) = self.editor.clone() else { return (Ok(text.clone()), false) };
        let sheet = match editor.lay_out(text.as_str()) {
            Ok(sheet) => sheet,
            Err(error) => return (Err(error), false),
        };
        let mut child = match Command::from(editor.over(&sheet)).spawn() {
            Ok(child) => child,
            Err(error) => return (Err(editor.not_started(error)), false),
        };
        let mut seconds = interval(Duration::from_secs(1));
        let mut told_to_end = false;
        let ended = loop {
            tokio::select! {
                ended = child.wait() => break ended,
                () = signals.told_to_end(), if !told_to_end => {
                    told_to_end = true;
                    // Where it has ended by itself, there is nobody to be ended.
                    let _ = child.start_kill();
                }
                Some(msg) = self.messages.recv() => {
                    self.step(msg, terminal);
                }
                _ = seconds.tick() => {
                    let now = self.desk.clock.now();
                    self.step(Msg::Tick(now), terminal);
                }
            }
        };
        let read = match ended {
            // What was in the file by then is all that can be saved.
            Ok(_) if told_to_end => sheet.rescue(text.as_str()),
            Ok(ended) => sheet.read(ended, text.as_str()),
            Err(error) => Err(error.into()),
        };
        (read.map(|mut read| Words::new(std::mem::take(&mut *read))), told_to_end)
    }
}
