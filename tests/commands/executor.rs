use std::io::Write;
use std::process::Stdio;

use countersign::domain::{JobId, JobKind};
use countersign::store::programs::Completion;
use countersign::store::{ConnectOptions, Store};
use serde_json::Value;
use uuid::Uuid;

use super::home::{Home, Run, asked, word_after};

const PROGRAM: &str = "commands_program";

/// A program without a crypto library: it speaks SQL, and the commands seal and open for it.
struct Program {
    store: Store,
    runtime: tokio::runtime::Runtime,
}

impl Program {
    fn new(home: &Home) -> Program {
        let kinds = ["--kind", "inbound", "--kind", "classify", "--kind", "draft", "--kind", "send"];
        let add =
            ["access", "add", PROGRAM, "executor", "--agency", "local", "--channel", "webchat", "--as", "platform"];
        home.ok(&[&add[..], &kinds].concat());
        let url = home.ok(&["db", "url", "--as", PROGRAM]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let store = runtime.block_on(Store::connect(&ConnectOptions::new(url.trim()))).unwrap();
        Program { store, runtime }
    }

    /// Claims the one job of this kind and starts it. Returns its number and lease token.
    fn start(&self, kind: JobKind) -> (JobId, i64) {
        self.runtime.block_on(async {
            let claimed = self.store.claim_jobs(&[kind], 10).await.unwrap();
            assert_eq!(claimed.len(), 1, "{claimed:?}");
            let (job, token) = (claimed[0].job_id, claimed[0].lease_token);
            assert!(self.store.start_job(job, token, Uuid::now_v7()).await.unwrap().is_applied());
            (job, token)
        })
    }

    fn complete(&self, (job, token): (JobId, i64), completion: &Completion) {
        let outcome = self.runtime.block_on(self.store.complete_job(job, token, completion, Uuid::now_v7())).unwrap();
        assert!(outcome.is_applied(), "{outcome:?}");
    }
}

#[test]
fn a_program_in_another_language_works_through_the_commands() {
    let home = Home::shared();
    let program = Program::new(home);
    // The only conversation on this channel, so that nobody else's jobs come in between.
    let mut line = asked("executor-1", "Wo ist meine Karte? \u{1b}[31m");
    line["channel_kind"] = "webchat".into();
    let run = home.import("executor.jsonl", &[line]);
    assert_eq!(run.code, 0, "{}", run.stderr);

    let inbound = program.start(JobKind::Inbound);
    program.complete(inbound, &Completion::default());
    let classify = program.start(JobKind::Classify);
    let opened = open(home, "open-job", classify);
    assert_eq!(opened["messages"][0]["body"], "Wo ist meine Karte? \u{1b}[31m");
    program.complete(classify, &Completion::default());

    let (job, token) = program.start(JobKind::Draft);
    let mut put = home.command(&[
        "put-draft",
        &job.0.to_string(),
        "--token",
        &token.to_string(),
        "--author",
        "d",
        "--as",
        PROGRAM,
    ]);
    let mut child = put.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("Grüße, sie ist unterwegs.\n".as_bytes()).unwrap();
    let stored = Run::of(child.wait_with_output().unwrap());
    assert_eq!(stored.code, 0, "{}", stored.stderr);
    let draft_id: Uuid = stored.stdout.trim().parse().unwrap();
    program.complete((job, token), &Completion { draft_id: Some(draft_id), ..Completion::default() });

    let approve = home.job("approve", "executor-1");
    let pin = word_after(&home.ok(&["review", "open", &approve]), "--pin ");
    home.ok(&["config", "set", "queue.customer.undo_seconds.webchat", "0", "--as", "platform"]);
    home.ok(&["review", "approve", &approve, "--pin", &pin]);

    let send = program.start(JobKind::Send);
    let to_send = open(home, "open-for-send", send);
    assert_eq!(to_send["body"], "Grüße, sie ist unterwegs.");
    assert_eq!((&to_send["channel_kind"], &to_send["customer_ref"]), (&"webchat".into(), &"executor-1".into()));
    assert_eq!(to_send["draft_id"], draft_id.to_string());
    program.complete(send, &Completion { provider_ref: Some("m-77".to_owned()), ..Completion::default() });

    let late = home.run(&["open-for-send", &send.0.0.to_string(), "--token", &send.1.to_string(), "--as", PROGRAM]);
    assert_eq!((late.code, late.stdout.as_str()), (1, ""));
    let trace = home.ok(&["trace", "m-77"]);
    assert!(trace.contains("complete_job"), "{trace}");
}

fn open(home: &Home, command: &str, (job, token): (JobId, i64)) -> Value {
    let text = home.ok(&[command, &job.0.to_string(), "--token", &token.to_string(), "--as", PROGRAM]);
    assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text:?}");
    serde_json::from_str(&text).unwrap()
}
