//! Any page of the list of jobs, at a cost that does not grow with what the filter passes over.
//!
//! Jobs are read in order for as long as the page has room. That is quick where many match; where few do, the database says
//! first among which jobs all of them are.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Filter, Job, JobId, Status};

/// What is in these states is found without its own order: all that is new is queued, and what has a lease is little.
const AT_WORK: [Status; 3] = [Status::Queued, Status::Leased, Status::Running];

/// A filter with what had to be looked up first.
struct Search<'f> {
    filter: &'f Filter,
    statuses: Vec<Status>,
    due_before: Option<DateTime<Utc>>,
    due_after: Option<DateTime<Utc>>,
    of_customer: Option<Vec<Uuid>>,
    before: Option<JobId>,
    limit: usize,
}

impl Store {
    /// Jobs that match, newest first, older than `before` where it is given: the last one of the page before. What has ended
    /// is not due any more.
    pub async fn jobs(&self, filter: &Filter, before: Option<JobId>, limit: i64) -> Result<Vec<Job>> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let search = self.search(filter, before, limit).await?;
        if filter.due.is_some() && search.statuses.is_empty() {
            return Ok(Vec::new());
        }
        if search.leads_to_few()
            && let Some(few) = self.jobs_like(&search).await?
        {
            let page = self.matching(&search, &search.statuses, Some(&few)).await?;
            if page.len() == limit || few.len() < limit {
                return Ok(page);
            }
        }
        self.in_order(&search).await
    }

    async fn search<'f>(&self, filter: &'f Filter, before: Option<JobId>, limit: usize) -> Result<Search<'f>> {
        let mut search = Search {
            filter,
            statuses: filter.statuses.clone(),
            due_before: None,
            due_after: None,
            of_customer: None,
            before,
            limit,
        };
        if let Some(due) = filter.due {
            let (now,): (DateTime<Utc>,) = self.statement(sql!("clock")).only_row().await?;
            let moment = |span| TimeDelta::from_std(span).ok().and_then(|span| now.checked_add_signed(span));
            search.due_before = due.below().map(|span| moment(span).unwrap_or(DateTime::<Utc>::MAX_UTC));
            search.due_after = due.above().map(|span| moment(span).unwrap_or(DateTime::<Utc>::MAX_UTC));
            search.statuses = match filter.statuses.as_slice() {
                [] => Status::OPEN.to_vec(),
                wanted => wanted.iter().copied().filter(|status| Status::OPEN.contains(status)).collect(),
            };
        }
        if let Some(reference) = &filter.customer {
            search.of_customer = Some(self.conversations_of(reference).await?);
        }
        Ok(search)
    }

    /// The newest jobs among which all are that match as much of the filter as never changes, no more than the page takes:
    /// one that is cut off has what is newest. None: that would not lead to few.
    async fn jobs_like(&self, search: &Search<'_>) -> Result<Option<Vec<i64>>> {
        let filter = search.filter;
        let (few,): (Option<Vec<i64>>,) = self
            .statement(sql!("jobs_like"))
            .bind(names(&filter.kinds))
            .bind(&filter.channel)
            .bind(&filter.language)
            .bind(&filter.intent)
            .bind(&filter.to_role)
            .bind(filter.confidence.and_then(|limit| limit.below()))
            .bind(filter.confidence.and_then(|limit| limit.above()))
            .bind(search.due_before)
            .bind(search.due_after)
            .bind(search.before.map(|job| job.0))
            .bind(i32::try_from(search.limit).unwrap_or(i32::MAX))
            .only_row()
            .await?;
        Ok(few)
    }

    /// Walks down the list. Of several statuses each has its own order in the index, so that the pages of each make the page.
    async fn in_order(&self, search: &Search<'_>) -> Result<Vec<Job>> {
        if search.statuses.len() < 2 || search.statuses.contains(&Status::Queued) {
            return self.matching(search, &search.statuses, None).await;
        }
        let mut page = Vec::new();
        for status in &search.statuses {
            page.extend(self.matching(search, &[*status], None).await?);
        }
        page.sort_by_key(|job| std::cmp::Reverse(job.job_id));
        page.truncate(search.limit);
        Ok(page)
    }

    async fn matching(&self, search: &Search<'_>, statuses: &[Status], among: Option<&[i64]>) -> Result<Vec<Job>> {
        let filter = search.filter;
        let (status, statuses) = match statuses {
            [status] if among.is_none() && !AT_WORK.contains(status) => (Some(status.to_string()), None),
            several => (None, names(several)),
        };
        self.statement(sql!("jobs"))
            .bind(search.before.map(|job| job.0))
            .bind(filter.job_id.map(|job| job.0))
            .bind(names(&filter.kinds))
            .bind(statuses)
            .bind(&filter.channel)
            .bind(&filter.language)
            .bind(&filter.intent)
            .bind(filter.confidence.and_then(|limit| limit.below()))
            .bind(filter.confidence.and_then(|limit| limit.above()))
            .bind(search.due_before)
            .bind(search.due_after)
            .bind(&filter.holder)
            .bind(&filter.error)
            .bind(filter.conversation)
            .bind(&search.of_customer)
            .bind(&filter.to_role)
            .bind(filter.mine)
            .bind(&filter.edited_by)
            .bind(&filter.skipped_by)
            .bind(status)
            .bind(among)
            .bind(i64::try_from(search.limit).unwrap_or(i64::MAX))
            .rows()
            .await
    }

    /// The queue holds no customer references; the database resolves them on its side of the wall.
    async fn conversations_of(&self, customer: &str) -> Result<Vec<Uuid>> {
        let rows: Vec<(Uuid,)> = self.statement(sql!("conversations_of")).bind(customer).rows().await?;
        Ok(rows.into_iter().map(|(conversation,)| conversation).collect())
    }
}

impl Search<'_> {
    /// Whether it says something that does not change, or when its jobs are due, and nothing that leads to few by itself.
    fn leads_to_few(&self) -> bool {
        let Filter { channel, language, intent, confidence, due, to_role, .. } = self.filter;
        let is_few = self.filter.job_id.is_some()
            || self.filter.conversation.is_some()
            || self.of_customer.is_some()
            || self.filter.holder.is_some()
            || self.filter.error.is_some()
            || self.filter.mine
            || self.filter.edited_by.is_some()
            || self.filter.skipped_by.is_some();
        let kind_alone = !self.filter.kinds.is_empty() && self.filter.statuses.is_empty();
        let code = [channel, language, intent, to_role].into_iter().any(Option::is_some);
        !is_few && (kind_alone || code || confidence.is_some() || due.is_some())
    }
}

/// As the statements take it: none for any.
fn names<T: ToString>(words: &[T]) -> Option<Vec<String>> {
    (!words.is_empty()).then(|| words.iter().map(ToString::to_string).collect())
}
