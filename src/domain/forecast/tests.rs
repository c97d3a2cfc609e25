//! What was forecast against what then happens, with known rates; and that nothing is forecast from little.

use proptest::prelude::*;

use super::*;

const RUNS: u64 = 30;

/// Chance that repeats itself.
struct Chance(u64);

impl Chance {
    /// Above 0, up to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((mixed ^ (mixed >> 31)) >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Minutes until the next of events that come so often a minute and remember nothing.
    fn pause(&mut self, per_minute: f64) -> f64 {
        -self.share().ln() / per_minute
    }
}

/// A line that people work on: what comes and how long each takes is chance, with known rates.
#[derive(Clone)]
struct Office {
    come: f64,
    /// A minute and person.
    decide: f64,
    people: u32,
    allowed: f64,
    order: ReviewOrder,
    late_leave: bool,
    /// Due minutes of what waits at the beginning.
    backlog: Vec<f64>,
    /// Whether it is watched until nothing waits, or until it is known which of those that waited were late.
    until_empty: bool,
}

/// A job: when it is due, and whether it waited when the forecast was made.
#[derive(Clone, Copy)]
struct Waiting {
    due: f64,
    present: bool,
}

/// What came of those that waited when the forecast was made. In minutes from then.
#[derive(Debug, Default)]
struct Truth {
    breached: i64,
    first_breach: Option<f64>,
    empty: Option<f64>,
}

/// Minutes for which rates are measured before the forecast.
const MEASURED: f64 = WINDOW as f64;

impl Office {
    fn runs(&self) -> Vec<(Outlook, Truth)> {
        let run = |seed| match self.run(seed) {
            (Forecast::Known(outlook), truth) => (outlook, truth),
            (thin, _) => panic!("{thin:?}"),
        };
        (1..=RUNS).map(run).collect()
    }

    /// Measures for a quarter of an hour, makes a forecast, and goes on to see.
    fn run(&self, seed: u64) -> (Forecast, Truth) {
        let mut chance = Chance(seed);
        let mut line: Vec<Waiting> = self.backlog.iter().map(|due| Waiting { due: *due, present: false }).collect();
        let (mut came, mut decided) = (0, 0);
        let mut forecast_made = None;
        let mut truth = Truth::default();
        let mut next_comes = chance.pause(self.come);
        // Each has a job in hand from the start, so that the work is steady.
        let mut free_at: Vec<f64> = (0..self.people).map(|_| chance.pause(self.decide)).collect();
        let mut minute = 0.0;
        while minute < MEASURED + FARTHEST as f64 {
            let (who, next_free) = free_at.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            minute = next_free.min(next_comes);
            if minute >= MEASURED && forecast_made.is_none() {
                line.iter_mut().for_each(|job| job.present = true);
                forecast_made = Some(forecast(&self.known(&line, came, decided)));
                // Those that are late already are not among those that will be.
                line.iter_mut().filter(|job| job.due <= MEASURED).for_each(|job| job.present = false);
            }
            for job in line.iter_mut().filter(|job| job.present && job.due <= minute) {
                job.present = false;
                truth.breached += 1;
                let at = job.due - MEASURED;
                truth.first_breach = Some(truth.first_breach.map_or(at, |first: f64| first.min(at)));
            }
            if self.late_leave {
                line.retain(|job| job.due > minute);
            }
            if next_comes <= next_free {
                came += 1;
                line.push(Waiting { due: minute + self.allowed, present: false });
                next_comes = minute + chance.pause(self.come);
                continue;
            }
            let key = |job: &Waiting| (self.order == ReviewOrder::SavableFirst && job.due <= minute, job.due);
            let first = (0..line.len()).min_by(|a, b| {
                let (a, b) = (key(&line[*a]), key(&line[*b]));
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
            });
            if let Some(first) = first {
                line.swap_remove(first);
                decided += 1;
                free_at[who] = minute + chance.pause(self.decide);
            } else {
                free_at[who] = next_comes;
            }
            if forecast_made.is_some() && line.is_empty() {
                truth.empty = Some(minute - MEASURED);
                break;
            }
            if forecast_made.is_some() && !self.until_empty && !line.iter().any(|job| job.present) {
                break;
            }
        }
        (forecast_made.unwrap(), truth)
    }

    fn known(&self, line: &[Waiting], came: i64, decided: i64) -> Known {
        let mut minutes: BTreeMap<i64, i64> = BTreeMap::new();
        for job in line {
            *minutes.entry((job.due - MEASURED).floor() as i64).or_default() += 1;
        }
        Known {
            now: now(),
            deadlines: minutes.into_iter().map(|(minute, jobs)| (now() + Duration::minutes(minute), jobs)).collect(),
            rates: Rates { came, decided, gone: decided, ..rates(0, 0) },
            people: Some(self.people),
            order: self.order,
            allowed: Duration::seconds((self.allowed * 60.0) as i64),
            late_leave: self.late_leave,
            ..nothing_known()
        }
    }
}

fn now() -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_000)
}

fn rates(came: i64, decided: i64) -> Rates {
    Rates { minutes: WINDOW, came, gone: decided, decided, breached: 0 }
}

fn nothing_known() -> Known {
    Known {
        now: now(),
        deadlines: Vec::new(),
        without: 0,
        rates: rates(0, 0),
        people: None,
        order: ReviewOrder::DeadlineFirst,
        allowed: Duration::hours(4),
        late_leave: false,
        horizon: Horizon::fixed(now(), Duration::hours(4)),
    }
}

fn known(known: &Known) -> Outlook {
    match forecast(known) {
        Forecast::Known(outlook) => outlook,
        thin => panic!("{thin:?}"),
    }
}

/// So many jobs, due evenly from one minute to another, counted from the forecast.
fn spread(jobs: usize, from: f64, to: f64) -> Vec<f64> {
    (0..jobs).map(|at| MEASURED + from + (to - from) * at as f64 / jobs as f64).collect()
}

/// The middle of the relative errors of the runs.
fn median_error(runs: &[(Outlook, Truth)], of: impl Fn(&Outlook, &Truth) -> Option<(f64, f64)>) -> f64 {
    let error = |(said, was): (f64, f64)| (said - was).abs() / was.max(1.0);
    let mut errors: Vec<f64> = runs.iter().filter_map(|(outlook, truth)| of(outlook, truth)).map(error).collect();
    assert_eq!(errors.len() as u64, RUNS, "of some runs nothing was said, or it did not happen");
    errors.sort_by(f64::total_cmp);
    errors[errors.len() / 2]
}

fn minutes(at: Option<DateTime<Utc>>) -> Option<f64> {
    at.map(|at| (at - now()).num_seconds() as f64 / 60.0)
}

/// Four people who decide 7.4 a minute, as more comes than they can hold.
fn office() -> Office {
    Office {
        come: 3.0,
        decide: 1.85,
        people: 4,
        allowed: 240.0,
        order: ReviewOrder::DeadlineFirst,
        late_leave: false,
        backlog: Vec::new(),
        until_empty: false,
    }
}

#[test]
fn at_steady_load_a_forecast_is_within_a_fifth_of_what_happens() {
    let breaches = |outlook: &Outlook, truth: &Truth| Some((outlook.course.will_breach as f64, truth.breached as f64));
    let first =
        |outlook: &Outlook, truth: &Truth| Some((minutes(outlook.course.first_breach_at)?, truth.first_breach?));
    let empty = |outlook: &Outlook, truth: &Truth| Some((minutes(outlook.empty_at)?, truth.empty?));
    let crowded = Office { backlog: spread(800, -10.0, 60.0), ..office() };
    let savable = Office { order: ReviewOrder::SavableFirst, ..crowded.clone() };
    let leaving = Office { late_leave: true, ..crowded.clone() };
    let wave = [spread(200, 15.0, 60.0), spread(700, 60.0, 90.0)].concat();
    let wave = Office { backlog: wave, until_empty: true, ..office() };
    let quiet = Office { backlog: spread(700, 60.0, 600.0), until_empty: true, ..office() };
    let [crowded, savable, leaving, wave, quiet] = [crowded, savable, leaving, wave, quiet].map(|office| office.runs());
    // How many of the wave are late is left out: it hinges on the moment in which they overrun the people.
    let cases = [
        ("how many breach, late ones first", median_error(&crowded, breaches)),
        ("how many breach, savable ones first", median_error(&savable, breaches)),
        ("how many breach where late ones leave", median_error(&leaving, breaches)),
        ("when the first of a wave breaches", median_error(&wave, first)),
        ("when nothing waits", median_error(&quiet, empty)),
        ("when nothing waits after a wave", median_error(&wave, empty)),
    ];
    for (what, error) in cases {
        println!("{what}: median relative error {:.1} % over {RUNS} runs", error * 100.0);
        assert!(error <= 0.2, "{what}: {error}");
    }
}

proptest! {
    #[test]
    fn nothing_is_forecast_from_fewer_than_twenty_completions(
        came in 0..10_000_i64,
        decided in 0..200_i64,
        minutes in 0..60_i64,
        waiting in prop::collection::vec((-300..300_i64, 1..1_000_i64), 0..20),
        people in prop::option::of(0..50_u32),
    ) {
        let deadlines = waiting.iter().map(|(minute, jobs)| (now() + Duration::minutes(*minute), *jobs)).collect();
        let rates = Rates { minutes, came, decided, gone: decided, breached: 0 };
        let said = forecast(&Known { deadlines, rates, people, ..nothing_known() });
        match said {
            Forecast::Thin { decided: told, needed: 20 } => prop_assert!(told == decided && (decided < 20 || minutes == 0)),
            Forecast::Thin { needed, .. } => prop_assert!(false, "{needed}"),
            Forecast::Known(outlook) => {
                prop_assert!(decided >= 20);
                let in_time: i64 = waiting.iter().filter(|(minute, _)| *minute > 0).map(|(_, jobs)| jobs).sum();
                prop_assert!((0..=in_time).contains(&outlook.course.will_breach), "{outlook:?}");
                prop_assert_eq!(outlook.course.will_breach > 0, outlook.course.first_breach_at.is_some());
            }
        }
    }
}

#[test]
fn people_who_hold_and_who_empty_are_reckoned_at_the_pace_of_those_who_work() {
    // Four people decide 7.4 a minute, 9.1 come, 408 wait.
    let known_now = Known {
        deadlines: vec![(now() + Duration::hours(3), 408)],
        rates: rates(137, 111),
        people: Some(4),
        horizon: Horizon::fixed(now(), Duration::minutes(210)),
        ..nothing_known()
    };
    let outlook = known(&known_now);
    assert_eq!((outlook.hold, outlook.empty), (Some(5), Some(6)));
    assert!((outlook.grows_per_minute - 26.0 / 15.0).abs() < 1e-9);
    assert_eq!(outlook.empty_at, None, "it grows");
    let nobody = known(&Known { people: Some(0), ..known_now.clone() });
    assert_eq!((nobody.hold, nobody.empty), (None, None));
    let over = known(&Known { horizon: Horizon::fixed(now(), Duration::zero()), ..known_now.clone() });
    assert_eq!((over.hold, over.empty), (Some(5), None));
    // With an hour's break in it, what comes meanwhile has to be done in the rest.
    let closing = Horizon { worked: Duration::minutes(150), is_closing: true, ..known_now.horizon };
    let broken = known(&Known { horizon: closing, ..known_now });
    assert_eq!((broken.empty, broken.until, broken.until_closing), (Some(9), closing.at, true));
}

#[test]
fn the_other_order_saves_what_can_be_saved_and_lets_the_late_wait() {
    // Sixty are late; sixty more are due within the half hour in which thirty are done.
    let late_first = Known {
        deadlines: vec![(now() - Duration::minutes(9), 60), (now() + Duration::minutes(30), 60)],
        rates: rates(0, 30),
        ..nothing_known()
    };
    let outlook = known(&late_first);
    assert_eq!((outlook.waiting, outlook.late), (120, 60));
    // At two a minute the late ones take the whole half hour; served last, none of the others is late.
    assert_eq!((outlook.course.will_breach, outlook.other.will_breach), (58, 0));
    let minutes = |course: &Course| (course.late_done_at.unwrap() - now()).num_minutes();
    assert_eq!((minutes(&outlook.course), minutes(&outlook.other)), (30, 60));
    let turned = known(&Known { order: ReviewOrder::SavableFirst, ..late_first });
    assert_eq!((turned.course, turned.other), (outlook.other, outlook.course));
}
