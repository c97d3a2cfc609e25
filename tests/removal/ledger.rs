//! Which attack misses which guard: found out by taking the guard away.

use std::collections::HashSet;
use std::time::Instant;

use super::attack::Attack;
use super::scratch::Scratch;

/// Something that stands in an attacker's way, and the SQL that takes it away.
#[derive(Debug, Clone)]
pub struct Guard {
    pub name: String,
    pub removal: String,
}

/// An attack that is repelled, and the functions that it goes through.
pub struct Known {
    pub attack: Attack,
    pub touched: HashSet<String>,
}

pub struct Ledger<'s> {
    scratch: &'s Scratch,
    kind: &'static str,
    began: Instant,
    tried: usize,
    found: Vec<(String, String, String)>,
    unmissed: Vec<String>,
    excused: Vec<String>,
}

impl<'s> Ledger<'s> {
    pub fn open(scratch: &'s Scratch, kind: &'static str) -> Ledger<'s> {
        Ledger {
            scratch,
            kind,
            began: Instant::now(),
            tried: 0,
            found: Vec::new(),
            unmissed: Vec::new(),
            excused: Vec::new(),
        }
    }

    /// The attacks among these that come to what they should while every guard stands.
    pub async fn repelled(&mut self, attacks: Vec<Attack>) -> Vec<Known> {
        self.survey(attacks).await.0
    }

    /// Asserts that all attacks come to what they should while every guard stands.
    pub async fn all_repelled(&mut self, attacks: Vec<Attack>) -> Vec<Known> {
        let (known, surprises) = self.survey(attacks).await;
        assert!(surprises.is_empty(), "with every guard in place:\n{}", surprises.join("\n"));
        known
    }

    async fn survey(&mut self, attacks: Vec<Attack>) -> (Vec<Known>, Vec<String>) {
        let (apart, together): (Vec<&Attack>, Vec<&Attack>) =
            attacks.iter().partition(|attack| attack.is_repeatable_read);
        let mut results = self.scratch.survey(&together).await;
        results.extend(self.scratch.survey(&apart).await);
        self.tried += results.len();
        let (mut known, mut surprises) = (Vec::new(), Vec::new());
        for (attack, (result, touched)) in together.into_iter().chain(apart).cloned().zip(results) {
            if result == attack.expected {
                known.push(Known { attack, touched });
            } else {
                surprises.push(format!("{}: {} ({result}, not {})", attack.login, attack.what, attack.expected));
            }
        }
        (known, surprises)
    }

    /// Takes many guards away, each for the one attack that is meant for it.
    pub async fn remove_each(&mut self, pairs: &[(Guard, Attack)]) {
        let removals: Vec<String> = pairs.iter().map(|(guard, _)| guard.removal.clone()).collect();
        let attacks: Vec<&Attack> = pairs.iter().map(|(_, attack)| attack).collect();
        let results = self.scratch.results(&removals, &attacks).await;
        self.tried += results.len();
        for ((guard, attack), result) in pairs.iter().zip(results) {
            self.judge(guard, Some((attack, result)).filter(|(attack, result)| *result != attack.expected));
        }
    }

    fn judge(&mut self, guard: &Guard, missed: Option<(&Attack, String)>) {
        let Some((attack, result)) = missed else {
            self.unmissed.push(guard.name.clone());
            return;
        };
        assert!(!result.starts_with("removal: "), "{} cannot be taken away: {result}", guard.name);
        self.found.push((guard.name.clone(), format!("{}: {}", attack.login, attack.what), result));
    }

    /// Takes the guard away and looks for an attack that then comes to something else. Which one it was.
    pub async fn remove<'a>(
        &mut self,
        guard: &Guard,
        attacks: impl IntoIterator<Item = &'a Attack>,
    ) -> Option<&'a Attack> {
        let missed = self.miss(&guard.removal, attacks).await;
        let by = missed.as_ref().map(|(attack, _)| *attack);
        self.judge(guard, missed);
        by
    }

    /// The first of these attacks that comes to something else after `removal`, and what it comes to.
    pub async fn miss<'a>(
        &mut self,
        removal: &str,
        attacks: impl IntoIterator<Item = &'a Attack>,
    ) -> Option<(&'a Attack, String)> {
        let (apart, together): (Vec<_>, Vec<_>) = attacks.into_iter().partition(|attack| attack.is_repeatable_read);
        // The isolation of a transaction cannot change within it, so these go one by one.
        let mut missed = None;
        for attack in apart {
            self.tried += 1;
            let result = self.scratch.result(removal, attack).await;
            if result != attack.expected {
                missed = Some((attack, result));
                break;
            }
        }
        if missed.is_none() {
            let (tried, result) = self.scratch.first_miss(removal, &together).await;
            self.tried += tried;
            missed = result.map(|result| (together[tried - 1], result));
        }
        missed
    }

    /// Lets a guard stand that nothing misses.
    pub fn excuse(&mut self, guard: &Guard) {
        self.excused.push(guard.name.clone());
    }

    /// Prints what was found and asserts that no guard went unmissed; `how` tells what to write for one that did.
    pub fn close(self, how: &str) {
        println!(
            "{} {} taken away, {} more for the reader alone, {} attacks, {:.1} s",
            self.found.len() + self.unmissed.len(),
            self.kind,
            self.excused.len(),
            self.tried,
            self.began.elapsed().as_secs_f64()
        );
        for (guard, attack, result) in &self.found {
            println!("  {guard} · {attack} → {result}");
        }
        assert!(
            self.unmissed.is_empty(),
            "nothing misses {} of the {}:\n  {}\n{how}",
            self.unmissed.len(),
            self.kind,
            self.unmissed.join("\n  ")
        );
    }
}
