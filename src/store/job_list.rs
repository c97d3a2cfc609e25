//! Any page of the list of jobs, at a cost that does not grow with what the filter passes over.
//!
//! Without a filter jobs are read in order for as long as the page has room. What a filter says leads to them otherwise: what
//! hardly any job has to a few among which all of them are, the states to where the jobs in each stand in order.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Filter, Job, JobId, Status};

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
        if search.has_a_way_of_its_own() {
            return self.matching(&search, None).await;
        }
        if search.is_about_what_stays()
            && let Some(few) = self.jobs_like(&search).await?
        {
            let page = self.matching(&search, Some(&few)).await?;
            if page.len() == limit || few.len() < limit {
                return Ok(page);
            }
        }
        match search.statuses.is_empty() {
            true => self.matching(&search, None).await,
            false => self.in_states(search).await,
        }
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
            .bind(search.before.map(|job| job.0))
            .bind(i32::try_from(search.limit).unwrap_or(i32::MAX))
            .only_row()
            .await?;
        Ok(few)
    }

    /// What is in another state when it is looked at is not in the page, and the next ones take its place.
    async fn in_states(&self, mut search: Search<'_>) -> Result<Vec<Job>> {
        let mut page = Vec::new();
        while page.len() < search.limit {
            let Some(found) = self.jobs_in(&search).await? else { return self.matching(&search, None).await };
            page.extend(self.matching(&search, Some(&found)).await?);
            match found.last() {
                Some(last) if found.len() == search.limit => search.before = Some(JobId(*last)),
                _ => break,
            }
        }
        page.truncate(search.limit);
        Ok(page)
    }

    /// The newest jobs in these states that match as much of the filter as the database looks at there, as many as the page
    /// takes or all there are. None: this login sees what it holds.
    async fn jobs_in(&self, search: &Search<'_>) -> Result<Option<Vec<i64>>> {
        let filter = search.filter;
        let (found,): (Option<Vec<i64>>,) = self
            .statement(sql!("jobs_in"))
            .bind(names(&search.statuses))
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
        Ok(found)
    }

    async fn matching(&self, search: &Search<'_>, among: Option<&[i64]>) -> Result<Vec<Job>> {
        let filter = search.filter;
        self.statement(sql!("jobs"))
            .bind(search.before.map(|job| job.0))
            .bind(filter.job_id.map(|job| job.0))
            .bind(names(&filter.kinds))
            .bind(names(&search.statuses))
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
    /// Whether it says something that leads to few by itself.
    fn has_a_way_of_its_own(&self) -> bool {
        self.filter.job_id.is_some()
            || self.filter.conversation.is_some()
            || self.of_customer.is_some()
            || self.filter.holder.is_some()
            || self.filter.error.is_some()
            || self.filter.mine
            || self.filter.edited_by.is_some()
            || self.filter.skipped_by.is_some()
    }

    /// Whether it says something that never changes in a job and that few may have. Of a kind there are many in most states.
    fn is_about_what_stays(&self) -> bool {
        let Filter { channel, language, intent, confidence, to_role, .. } = self.filter;
        let kind_alone = !self.filter.kinds.is_empty() && self.statuses.is_empty();
        let code = [channel, language, intent, to_role].into_iter().any(Option::is_some);
        kind_alone || code || confidence.is_some()
    }
}

/// As the statements take it: none for any.
fn names<T: ToString>(words: &[T]) -> Option<Vec<String>> {
    (!words.is_empty()).then(|| words.iter().map(ToString::to_string).collect())
}
