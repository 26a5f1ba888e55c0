//! Lists: opaque cursors, in both directions.
//!
//! A cursor holds the position (the last id seen, of what its reader has been shown), the direction, and a hash
//! of the list, the reader's organisation and the filters: a cursor from another list, or from somebody else, is
//! none, like one that was made up.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sea_orm::{QueryOrder, QuerySelect, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::Reply;
use crate::foundation::{
    access::Actor,
    fields::{Fields, Input},
    problem::{FieldError, Problem},
};

/// Most items of a page.
pub const MOST: i64 = 100;
/// Items of a page where nobody says how many.
pub const USUAL: i64 = 50;
/// Most characters of a cursor.
pub const CURSOR_LENGTH: usize = 500;

/// `limit` and `cursor` of a list's query string. Lists without filters read it as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    limit: u64,
    cursor: Option<String>,
    newest_first: bool,
}

impl Input for Window {
    fn read(f: &mut Fields) -> Option<Self> {
        let (limit, cursor) =
            (f.optional_number("limit", 1..=MOST), f.optional_text("cursor", 1..=CURSOR_LENGTH));
        let limit = u64::try_from(limit?.unwrap_or(USUAL)).ok()?;
        Some(Self { limit, cursor: cursor?, newest_first: false })
    }
}

/// Where a page of the screen stands in its list: so many rows from the address's `cursor` on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paged<const ROWS: u64>(pub Window);

impl<const ROWS: u64> Input for Paged<ROWS> {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(Window::at(ROWS, f.optional_text("cursor", 1..=CURSOR_LENGTH)?)))
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "p")]
    position: Uuid,
    #[serde(rename = "b")]
    backwards: bool,
    #[serde(rename = "f")]
    filter: String,
}

/// A page of a list: `items`, and where to go on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, oldest first.
    pub items: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Cursor of the page before.
    pub prev: Option<String>,
}

impl Window {
    /// The first page of a list for a page of HTML or a command.
    pub const fn first(limit: u64) -> Self {
        Self { limit, cursor: None, newest_first: false }
    }

    /// So many items from a cursor on, for pages whose length is not asked for.
    pub const fn at(limit: u64, cursor: Option<String>) -> Self {
        Self { limit, cursor, newest_first: false }
    }

    /// The same in the other direction: the list begins with what came last. A cursor of one is none of the other.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// Runs the query for this window of the actor's. `filters` are whatever the query was filtered by.
    ///
    /// # Errors
    /// 422 when the cursor is none of ours, of another list or of another organisation.
    pub async fn fetch<E, C>(
        &self,
        actor: &Actor,
        query: Select<E>,
        id: C,
        id_of: impl Fn(&E::Model) -> Uuid,
        filters: &(impl Serialize + Sync),
        db: &impl ConnectionTrait,
    ) -> Result<Page<E::Model>, Problem>
    where
        E: EntityTrait,
        C: ColumnTrait,
    {
        let list = (E::default().table_name(), actor.organisation, filters);
        let filter = if self.newest_first { filter_hash(&(list, "newest"))? } else { filter_hash(&list)? };
        let cursor = self.cursor.as_deref().map(|text| decode(text, &filter)).transpose()?;
        let backwards = cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let grows = backwards == self.newest_first;
        let query = match &cursor {
            None => query,
            Some(at) if grows => query.filter(id.gt(at.position)),
            Some(at) => query.filter(id.lt(at.position)),
        };
        let query = if grows { query.order_by_asc(id) } else { query.order_by_desc(id) };
        let mut items = query.limit(self.limit + 1).all(db).await?;
        let more = items.len() as u64 > self.limit;
        if more {
            items.pop();
        }
        if backwards {
            items.reverse();
        }
        let at = |item: Option<&E::Model>, backwards| {
            item.map(|item| encode(&Cursor { position: id_of(item), backwards, filter: filter.clone() }))
                .transpose()
        };
        let next = if more || backwards { at(items.last(), false)? } else { None };
        let prev = if (backwards && more) || (!backwards && cursor.is_some()) {
            at(items.first(), true)?
        } else {
            None
        };
        Ok(Page { items, next, prev })
    }
}

fn filter_hash(filters: &impl Serialize) -> Result<String, Problem> {
    Ok(hex::encode(&Sha256::digest(serde_json::to_vec(filters)?)[..4]))
}

fn encode(cursor: &Cursor) -> Result<String, Problem> {
    Ok(hex::encode(serde_json::to_vec(cursor)?))
}

fn decode(text: &str, filter: &str) -> Result<Cursor, Problem> {
    let cursor: Option<Cursor> = hex::decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    cursor
        .filter(|cursor| cursor.filter == filter)
        .ok_or_else(|| Problem::invalid(vec![FieldError::new("/cursor", "unknown-cursor")]))
}

impl<T> Page<T> {
    /// The same page with each item shown otherwise.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next, prev: self.prev }
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let link = |cursor: &Option<String>, rel: &str| {
            cursor.as_ref().map(|cursor| format!("<?cursor={cursor}>; rel=\"{rel}\""))
        };
        let links = [link(&self.next, "next"), link(&self.prev, "prev")].into_iter().flatten();
        let links = links.collect::<Vec<_>>().join(", ");
        let mut response = match Reply::ok(&self) {
            Ok(reply) => reply.into_response(),
            Err(problem) => return problem.into_response(),
        };
        if let Some(value) = HeaderValue::from_str(&links).ok().filter(|value| !value.is_empty()) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}
