//! The list of jobs by what hardly any job has, while bitmaps are drawn behind the queue.

use countersign::domain::{Filter, JobId};
use countersign::store::Store;
use sqlx::AssertSqlSafe;

use crate::support::{Conversation, Database, command, database};

/// Draws until as many more are drawn: that waits for every transaction on the server that was under way before.
async fn draw(db: &Database, jobs: i64) {
    let mut drawn = 0;
    while drawn < jobs {
        drawn += db.value::<i64>("select queue.draw_bitmaps(30000)").await;
        tokio::task::yield_now().await;
    }
    assert_eq!(drawn, jobs);
}

async fn found(store: &Store, filter: &str, before: Option<JobId>, limit: i64) -> Vec<JobId> {
    let filter: Filter = filter.parse().unwrap();
    store.jobs(&filter, before, limit).await.unwrap().into_iter().map(|job| job.job_id).collect()
}

/// Two thousand jobs of two agencies over several blocks, of which hardly one is like the next.
const MANY: &str = "
    alter table queue.job_queue disable trigger all;
    insert into queue.job_queue
        (job_id, job_kind, status, agency, target_ref, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts,
         created_at, process_after, deadline_at, finished_at, outcome_code)
    overriding system value
    select 1000 + number * 37, kind, status, agency, case when for_people then 'agency:' || agency || '/role:' || role end,
           (array['email', 'sms', 'webchat'])[1 + number % 3], gen_random_uuid(), 'message:' || gen_random_uuid(),
           jsonb_build_object('language', (array['en', 'de'])[1 + (number % 17 = 0)::integer],
                              'intent_code', (array['refund', 'card_arrival'])[1 + (number % 101 = 0)::integer])
               || case when number % 5 = 0 then jsonb_build_object('confidence', round(number % 1001 / 1000.0, 3)) else '{}' end,
           case when not for_people then 5 end, now(), now(), now() + number * interval '1 minute',
           case when status = 'cancelled' then now() end, case when status = 'cancelled' then 'cancelled' end
    from generate_series(1, 2000) as number,
         lateral (select number % 4 = 0 as for_people, (array['queued', 'cancelled'])[1 + number / 3 % 2] as status,
                         (array['acme', 'globex'])[1 + (number % 7 = 0)::integer] as agency,
                         (array['reviewer', 'senior_reviewer', 'team_lead'])[1 + number % 3] as role) as part,
         lateral (select case when for_people then 'customer_message_approve' else 'customer_message_classify' end as kind) as named;
    select setval(pg_get_serial_sequence('queue.job_queue', 'job_id'), 100000);
    alter table queue.job_queue enable trigger all";

/// As the filter reads, without any help.
const FILTERS: [(&str, &str); 21] = [
    ("kind:approve", "job_kind = 'customer_message_approve'"),
    ("kind:send", "false"),
    ("channel:sms", "channel_kind = 'sms'"),
    ("lang:de", "safe_payload ->> 'language' = 'de'"),
    ("lang:xx", "false"),
    (
        "intent:card_arrival lang:de",
        "safe_payload ->> 'language' = 'de' and safe_payload ->> 'intent_code' = 'card_arrival'",
    ),
    ("to:team_lead lang:de", "safe_payload ->> 'language' = 'de' and target_ref like '%/role:team_lead'"),
    ("conf:<0.4", "(safe_payload ->> 'confidence')::float < 0.4"),
    ("conf:>0.4", "(safe_payload ->> 'confidence')::float > 0.4"),
    ("conf:<0.05 lang:de", "(safe_payload ->> 'confidence')::float < 0.05 and safe_payload ->> 'language' = 'de'"),
    ("lang:de status:cancelled", "safe_payload ->> 'language' = 'de' and status = 'cancelled'"),
    ("status:cancelled,paused", "status = 'cancelled'"),
    ("due:<90m", "status = 'queued' and deadline_at < queue.clock() + interval '90 minutes'"),
    (
        "due:>30h kind:approve",
        "status = 'queued' and deadline_at > queue.clock() + interval '30 hours' and job_kind = 'customer_message_approve'",
    ),
    ("due:<90m status:cancelled", "false"),
    (
        "due:<600m channel:sms",
        "status = 'queued' and channel_kind = 'sms' and deadline_at < queue.clock() + interval '10 hours'",
    ),
    ("status:queued", "status = 'queued'"),
    ("status:open kind:approve", "status = 'queued' and job_kind = 'customer_message_approve'"),
    ("status:queued,cancelled kind:classify,send", "job_kind = 'customer_message_classify'"),
    (
        "status:queued lang:de channel:sms",
        "status = 'queued' and safe_payload ->> 'language' = 'de' and channel_kind = 'sms'",
    ),
    ("status:leased,failed", "false"),
];

#[tokio::test]
async fn a_filter_finds_the_same_jobs_before_they_are_drawn_and_after() {
    let db = database().await;
    db.execute(MANY).await;
    let kim = db.as_login("kim").await;
    for drawn in ["not at all", "in part", "whole"] {
        match drawn {
            "in part" => draw(&db, 30_000).await,
            "whole" => draw(&db, 70_000).await,
            _ => {}
        }
        for (filter, means) in FILTERS {
            let expected: Vec<i64> = db
                .value(&format!(
                    "select array(select job_id from queue.job_queue where agency = 'acme' and ({means}) order by job_id desc)"
                ))
                .await;
            let mut pages: Vec<JobId> = Vec::new();
            loop {
                let page = found(&kim, filter, pages.last().copied(), 90).await;
                pages.extend(&page);
                if page.len() < 90 {
                    break;
                }
            }
            let pages: Vec<i64> = pages.into_iter().map(|job| job.0).collect();
            assert_eq!(pages, expected, "{filter}, drawn {drawn}");
        }
    }
}

#[tokio::test]
async fn a_job_whose_transaction_is_under_way_is_not_passed_over() {
    let db = database().await;
    let follow_up = |conversation: &Conversation| {
        format!(
            "select queue.schedule_followup('{}', '2126-01-31T09:12:00Z', command_id => '{}')::text",
            conversation.id,
            command()
        )
    };
    let prod = db.raw("prod").await;
    let mut slow = prod.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(follow_up(&db.conversation().await))).execute(&mut *slow).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(follow_up(&db.conversation().await))).execute(&db.raw("prod").await).await.unwrap();
    for _ in 0..3 {
        assert_eq!(db.value::<i64>("select queue.draw_bitmaps()").await, 0);
    }
    slow.commit().await.unwrap();
    let kim = db.as_login("kim").await;
    for drawn in [false, true] {
        if drawn {
            draw(&db, 2).await;
        }
        assert_eq!(found(&kim, "kind:followup", None, 10).await.len(), 2, "drawn: {drawn}");
    }
}

#[tokio::test]
async fn a_sweep_draws_so_that_any_open_dashboard_does() {
    let db = database().await;
    db.question().await;
    let kim = db.as_login("kim").await;
    // A sweep draws what it finds settled, which waits for every transaction on the server that was under way before.
    let drawn = "select drawn_to = (select max(job_id) from queue.job_queue) from queue.bitmap_turn";
    while !db.value::<bool>(drawn).await {
        kim.sweep().await.unwrap();
    }
    assert_eq!(found(&kim, "kind:approve", None, 10).await.len(), 1);
}
