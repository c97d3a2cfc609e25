//! Which job left under which number of the provider, as a person writes it: `1042=m-77`.
//!
//! What does not fit is named by its place: a provider's number may say whose message it was.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::cli;
use crate::commands::Failure;
use crate::domain::JobId;

/// Those named in the command, then those of the file (`-`: standard input). No job and no number stands there twice.
pub fn read(named: &[String], file: Option<&Path>) -> Result<Vec<(JobId, String)>, Failure> {
    let listed = file.map(text).transpose()?.unwrap_or_default();
    let listed = listed.lines().map(str::trim).filter(|line| !line.is_empty());
    let set: Vec<(JobId, String)> = (1..)
        .zip(named.iter().map(String::as_str).chain(listed))
        .map(|(place, pair)| departure(pair).ok_or_else(|| Failure::usage(misread(place))))
        .collect::<Result<_, _>>()?;
    if set.is_empty() {
        return Err(Failure::usage("no job is named"));
    }
    each_once(&set)?;
    Ok(set)
}

/// A job by itself.
pub fn job(text: &str) -> Result<JobId, Failure> {
    cli::job_id(text).map_err(|why| Failure::usage(format!("that is {why}; `countersign dead-letters` shows them")))
}

fn departure(pair: &str) -> Option<(JobId, String)> {
    let (job, number) = pair.split_once('=')?;
    let number = number.trim();
    let job = cli::job_id(job.trim()).ok()?;
    (!number.is_empty()).then(|| (job, number.to_owned()))
}

fn misread(place: usize) -> String {
    format!("pair {place} is not JOB=ID, as in 1042=m-77; nothing was confirmed")
}

fn each_once(set: &[(JobId, String)]) -> Result<(), Failure> {
    let (mut jobs, mut numbers) = (HashSet::new(), HashMap::new());
    for (job, number) in set {
        if !jobs.insert(job) {
            return Err(Failure::usage(format!("{job} is there twice; nothing was confirmed")));
        }
        if let Some(other) = numbers.insert(number, job) {
            return Err(Failure::usage(format!(
                "{other} and {job} cannot have left under the same number; nothing was confirmed"
            )));
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().read_to_string(&mut text).map(|_| ()),
        _ => fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[&str]) -> Result<Vec<(i64, String)>, String> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        let set = read(&pairs, None).map_err(|failure| failure.to_string())?;
        Ok(set.into_iter().map(|(job, number)| (job.0, number)).collect())
    }

    #[test]
    fn a_job_stands_before_its_number() {
        let expected = vec![(1042, "m-77".to_owned()), (1043, "a=b".to_owned())];
        assert_eq!(set(&["1042=m-77", "#1043 = a=b"]), Ok(expected));
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_place_and_never_repeated() {
        for pairs in [["1042=m-77", "jane@example.org"], ["1042=m-77", "jane=x"], ["1042=m-77", "1043="]] {
            let refused = set(&pairs).unwrap_err();
            assert!(refused.contains("pair 2") && !refused.contains("jane"), "{refused}");
        }
    }

    #[test]
    fn no_job_and_no_number_stands_there_twice() {
        assert!(set(&["1042=m-77", "1042=m-78"]).unwrap_err().contains("#1042 is there twice"));
        let refused = set(&["1042=m-77", "1043=m-77"]).unwrap_err();
        assert!(refused.contains("#1042 and #1043") && !refused.contains("m-77"), "{refused}");
    }
}
