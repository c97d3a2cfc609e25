//! One history: every act is made definite, predicted, performed and compared; afterwards the promises are counted.

use std::fmt::Write;

use super::acts::Acts;
use super::calls::{Asked, Call, Reply};
use super::choose::{Step, beginning, choose};
use super::compare;
use super::people::{executors, person};
use super::predict::predict;
use super::real::Real;
use super::scenes::SCENES;
use super::tally::Tally;
use super::world::{Reading, World};

/// Performs the acts. Returns what came of it, or what differed after which calls.
pub async fn perform(real: &mut Real, acts: &Acts) -> Result<Tally, String> {
    real.reset().await;
    let world = World::new(real.rules.clone());
    let mut history = History { world, real, told: String::new(), tally: Tally::default() };
    let outcome = history.run(acts).await;
    if history.world.executors != executors() {
        history.real.restore_executors().await;
    }
    outcome.map_err(|difference| format!("{difference}\nafter\n{}", history.told))?;
    Ok(history.tally)
}

struct History<'r> {
    world: World,
    real: &'r mut Real,
    /// What happened so far, for whoever reads a failure.
    told: String,
    tally: Tally,
}

impl History<'_> {
    async fn run(&mut self, acts: &Acts) -> Result<(), String> {
        for step in beginning(&mut self.world) {
            self.step(step).await?;
        }
        for next in SCENES[acts.scene] {
            let step = next(&mut self.world);
            self.step(step).await?;
        }
        for act in &acts.acts {
            let step = choose(&mut self.world, *act);
            self.step(step).await?;
        }
        let remains = self.real.remains().await;
        compare::remains(&self.world, &remains, &self.real.names)?;
        let broken: Vec<_> = self.real.admin().invariants().await.unwrap();
        let broken: Vec<_> = broken.into_iter().filter(|invariant| invariant.broken > 0).collect();
        if broken.is_empty() { Ok(()) } else { Err(format!("broken promises: {broken:?}")) }
    }

    async fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::WaitUntil(moment) => {
                let _ = writeln!(self.told, "  {:>6} s  time passes until {moment} s", self.world.now);
                self.world.now = self.world.now.max(moment);
                self.real.set_clock(self.world.now).await;
                Ok(())
            }
            Step::Ask(asked) => self.ask(&asked).await,
        }
    }

    async fn ask(&mut self, asked: &Asked) -> Result<(), String> {
        let _ = write!(self.told, "  {:>6} s  {} {:?}", self.world.now, asked.who, asked.call);
        let before = self.world.jobs.clone();
        let expected = predict(&mut self.world, asked);
        let answered = self.real.perform(asked).await;
        let _ = writeln!(self.told, "\n            -> {answered:?}");
        let seen = self.real.look().await;
        let names = &mut self.real.names;
        compare::jobs(&before, &self.world, &seen, names).map_err(|difference| match &expected {
            Reply::Misuse(_) => format!("misuse changed something: {difference}"),
            _ => difference,
        })?;
        compare::reply(&expected, &answered, names)?;
        self.tally.count(&asked.call, &expected, &seen);
        compare::trails(&before, &self.world, asked, &expected, &seen, names)?;
        if let (Call::PlaceHold { .. }, Reply::Answered(answer), Ok(real)) = (&asked.call, &expected, &answered)
            && answer.outcome == "applied"
        {
            names.holds.push(real["hold_id"].as_i64().expect("a hold has a number"));
        }
        self.remember(asked, &expected);
        Ok(())
    }

    /// Whoever took a job reads it.
    fn remember(&mut self, asked: &Asked, reply: &Reply) {
        let Reply::Answered(answer) = reply else { return };
        let taken = match (&answer.claimed, answer.created) {
            (Some(claimed), _) => claimed.first().map(|(job, _)| *job),
            (None, Some(created)) if answer.lease_token.is_some() => Some(created),
            _ => None,
        };
        let reader = person(asked.who).and(taken);
        if let Some((job, pin)) = reader.and_then(|job| Some((job, self.world.pin(job)?))) {
            self.world.readings.push(Reading { who: asked.who, job, pin });
        }
        if let (Call::OpenBody { job: Some(job), .. }, Some(Some(pin))) = (&asked.call, answer.pin) {
            self.world.readings.push(Reading { who: asked.who, job: *job, pin });
        }
    }
}
