//! Declared interests.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::Reason,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, InterestId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        interests::{
            Declare, EndInterest, Interest, InterestState, ListInterests, Nature, NewInterest, ReadInterest,
            Record,
        },
        store::interests as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(declare, list_interests))
        .routes(routes!(read_interest))
        .routes(routes!(end_interest))
        .routes(routes!(record))
}

/// A declared interest: while it is in force, its person decides nothing about the organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Interest)]
struct InterestJson {
    id: InterestId,
    /// Whose it is.
    account: AccountId,
    /// For which organisation the person acts.
    organisation: OrganisationId,
    /// In which organisation.
    party: OrganisationId,
    nature: Nature,
    #[schema(example = "Mi hermana es socia de la empresa.")]
    text: String,
    from: Day,
    /// Null: open.
    until: Option<Day>,
    state: InterestState,
    /// The person, or an administrator.
    recorded_by: AccountId,
    recorded_at: Timestamp,
    ended_at: Option<Timestamp>,
    ended_because: Option<String>,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<(Interest, InterestState)> for InterestJson {
    fn from((i, state): (Interest, InterestState)) -> Self {
        Self {
            id: i.id,
            account: i.account,
            organisation: i.organisation,
            party: i.party,
            nature: i.nature,
            text: i.text,
            from: i.from,
            until: i.until,
            state,
            recorded_by: i.recorded_by,
            recorded_at: i.recorded_at,
            ended_at: i.ended_at,
            ended_because: i.ended_because,
            etag: etag(i.version),
        }
    }
}

fn answer(interest: (Interest, InterestState)) -> Result<Reply, Problem> {
    let version = interest.0.version;
    Ok(Reply::ok(&InterestJson::from(interest))?.version(version))
}

fn created(interest: (Interest, InterestState)) -> Result<Reply, Problem> {
    let (location, version) = (format!("/api/v1/interests/{}", interest.0.id), interest.0.version);
    Ok(Reply::created(location, &InterestJson::from(interest))?.version(version))
}

/// An interest to declare.
#[derive(ToSchema)]
#[schema(as = NewInterest)]
#[expect(dead_code, reason = "describes what `NewInterest` reads")]
struct NewInterestJson {
    /// The organisation in which the interest is.
    party: OrganisationId,
    nature: Nature,
    /// What there is to know of it; not needed for a recusal.
    #[schema(example = "Mi hermana es socia de la empresa.", min_length = 10, max_length = 2000)]
    text: Option<String>,
    /// Its first day; absent: today.
    from: Option<Day>,
    /// Its last day; absent: open.
    until: Option<Day>,
}

/// Declares an interest of one's own in an organisation, or that one steps aside from what concerns it (`recusal`). While
/// it is in force one decides nothing about that organisation, nor about those under common control with it.
#[utoipa::path(
    post, path = "/interests", operation_id = "interests_declare", tag = "organisations",
    request_body = NewInterestJson, responses((status = CREATED, body = InterestJson, links(
        ("read" = (operation_id = "interests_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn declare(
    State(base): State<Base>,
    may: May<Declare>,
    Body { value, once }: Body<NewInterest>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = created(store::declare(&w, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Records an interest of a person of one's organisation, who sees it and can't end it.
#[utoipa::path(
    post, path = "/members/{account}/interests", operation_id = "interests_record", tag = "organisations",
    params(("account" = AccountId, Path)), request_body = NewInterestJson,
    responses((status = CREATED, body = InterestJson))
)]
async fn record(
    State(base): State<Base>,
    may: May<Record>,
    Key(account): Key<AccountId>,
    Body { value, once }: Body<NewInterest>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = created(store::record(&w, account, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists one's own interests; for an administrator, those of the organisation's people.
#[utoipa::path(
    get, path = "/interests", operation_id = "interests_list", tag = "organisations",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<InterestJson>))
)]
async fn list_interests(
    State(base): State<Base>,
    may: May<ListInterests>,
    Params(window): Params<Window>,
) -> Result<Page<InterestJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), &window, base.clock.now()).await?;
    Ok(page.map(InterestJson::from))
}

/// Looks at a declared interest.
#[utoipa::path(
    get, path = "/interests/{id}", operation_id = "interests_read", tag = "organisations",
    params(("id" = InterestId, Path)), responses((status = OK, body = InterestJson))
)]
async fn read_interest(
    State(base): State<Base>,
    may: May<ReadInterest>,
    Key(id): Key<InterestId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id, base.clock.now()).await?)
}

/// Ends an interest, with a reason.
#[utoipa::path(
    post, path = "/interests/{id}/end", operation_id = "interests_end", tag = "organisations",
    params(("id" = InterestId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = InterestJson))
)]
async fn end_interest(
    State(base): State<Base>,
    may: May<EndInterest>,
    Key(id): Key<InterestId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::end(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}
