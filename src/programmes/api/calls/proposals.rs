//! Proposals: written, submitted, decided on.

use axum::extract::State as Service;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Versioned;
use crate::{
    foundation::{
        Base,
        access::May,
        fields::Nothing,
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{CallId, OrganisationId, ProposalId},
        money::Money,
        problem::Problem,
    },
    organisations::{interests::Queued, store::interests},
    programmes::{
        calls::{
            ChangeProposal, Decide, ListProposals, Propose, ReadProposal, Reopen, Submit, WithdrawProposal,
            proposals::{Cofinancing, Goal, NewDecision, NewProposal, PlannedMilestone, Proposal},
        },
        networks,
        store::calls as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(propose, list))
        .routes(routes!(read, change))
        .routes(routes!(submit))
        .routes(routes!(reopen))
        .routes(routes!(withdraw))
        .routes(routes!(decide))
}

/// A proposal to write. What a call asks for is tested when it is submitted.
#[derive(ToSchema)]
#[schema(as = NewProposal)]
#[expect(dead_code, reason = "describes what `NewProposal` reads")]
struct NewProposalJson {
    #[schema(min_length = 3, max_length = 200)]
    title: String,
    #[schema(min_length = 10, max_length = 10_000)]
    summary: String,
    /// Around lead firms, or of organised suppliers.
    model: networks::Model,
    /// What it asks of the programme.
    grant: Money,
    /// What others pay. What stands under `lead_firm` the lead firms must have confirmed.
    #[schema(max_items = 50)]
    cofinancing: Option<Vec<Cofinancing>>,
    /// What will be there when; their amounts sum to the grant.
    #[schema(max_items = 50)]
    milestones: Option<Vec<PlannedMilestone>>,
    /// Results of vertical networks, each once.
    #[schema(max_items = 12)]
    goals: Option<Vec<Goal>>,
    /// The lead firms that are asked to commit themselves; one at least in the lead-firm model.
    #[schema(max_items = 20)]
    lead_firms: Option<Vec<OrganisationId>>,
}

fn answer(proposal: Proposal) -> Result<Reply, Problem> {
    let version = proposal.version;
    Versioned::answer(proposal, version)
}

/// Writes a proposal to an open call, as a draft, in the name of an executing institution. Nobody else sees it until the
/// call closes, and then only when it was submitted; its lead firms see what they are asked for.
#[utoipa::path(
    post, path = "/calls/{id}/proposals", operation_id = "proposals_create", tag = "calls",
    params(("id" = CallId, Path)),
    request_body(content = NewProposalJson, example = json!({
        "title": "Red de talleres de la cuenca del Ñuble",
        "summary": "Ocho talleres que hoy reparan por encargo y que pasarán a fabricar con contrato.",
        "model": "lead_firm", "grant": { "amount": "30000000", "currency": "CLP" },
        "cofinancing": [{ "source": "lead_firm", "amount": { "amount": "10000000", "currency": "CLP" } }],
        "milestones": [{ "deliverable": "Ocho talleres diagnosticados", "due_on": "2027-03-31",
            "amount": { "amount": "30000000", "currency": "CLP" } }],
        "goals": [{ "result": "production_standards", "target": "Seis talleres con ISO 9001",
            "measure": "Certificados vigentes al cierre" }],
        "lead_firms": ["01990000-0000-7000-8000-000000000000"],
    })),
    responses((status = CREATED, body = Versioned<Proposal>, links(
        ("read" = (operation_id = "proposals_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn propose(
    Service(base): Service<Base>,
    may: May<Propose>,
    Key(id): Key<CallId>,
    Body { value, once }: Body<NewProposal>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let made = store::propose(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/proposals/{}", made.id), made.version);
        let reply = Versioned::created(location, made, version)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the proposals to a call that one may see: one's institution's own, and once the call has closed those that one
/// judges.
#[utoipa::path(
    get, path = "/calls/{id}/proposals", operation_id = "proposals_list", tag = "calls",
    params(("id" = CallId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Queued<Versioned<Proposal>>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListProposals>,
    Key(id): Key<CallId>,
    Params(window): Params<Window>,
) -> Result<Page<Queued<Versioned<Proposal>>>, Problem> {
    let (db, actor, at) = (base.db.reads(), may.actor(), base.clock.now());
    let page = store::list_proposals(db, actor, id, at, &window).await?;
    // Nobody judges what the own institution proposes.
    let parties = |found: &Proposal| match found.institution {
        own if own == actor.organisation => Vec::new(),
        other => found.commitments.iter().map(|asked| asked.lead_firm).chain([other]).collect(),
    };
    let parties: Vec<_> = page.items.iter().map(parties).collect();
    let mut recused = interests::recused(db, actor, at, &parties).await?.into_iter();
    Ok(page.map(|found| {
        let version = found.version;
        Queued::new(Versioned::new(found, version), recused.next().flatten())
    }))
}

/// Looks at a proposal.
#[utoipa::path(
    get, path = "/proposals/{id}", operation_id = "proposals_read", tag = "calls",
    params(("id" = ProposalId, Path)), responses((status = OK, body = Versioned<Proposal>))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<ReadProposal>,
    Key(id): Key<ProposalId>,
) -> Result<Reply, Problem> {
    answer(store::find_proposal(base.db.reads(), may.actor(), id, base.clock.now()).await?.0)
}

/// Rewrites a draft. Lead firms that stay named stay committed.
#[utoipa::path(
    put, path = "/proposals/{id}", operation_id = "proposals_change", tag = "calls",
    params(("id" = ProposalId, Path), ("If-Match" = String, Header)), request_body = NewProposalJson,
    responses((status = OK, body = Versioned<Proposal>))
)]
async fn change(
    Service(base): Service<Base>,
    may: May<ChangeProposal>,
    Key(id): Key<ProposalId>,
    version: IfVersion,
    Body { value, once }: Body<NewProposal>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change_proposal(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Submits a draft, when it has everything that the call asks for.
#[utoipa::path(
    post, path = "/proposals/{id}/submit", operation_id = "proposals_submit", tag = "calls",
    params(("id" = ProposalId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Proposal>))
)]
async fn submit(
    Service(base): Service<Base>,
    may: May<Submit>,
    Key(id): Key<ProposalId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::submit(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes a submitted proposal back to rewrite it, until the call closes.
#[utoipa::path(
    post, path = "/proposals/{id}/reopen", operation_id = "proposals_reopen", tag = "calls",
    params(("id" = ProposalId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Proposal>))
)]
async fn reopen(
    Service(base): Service<Base>,
    may: May<Reopen>,
    Key(id): Key<ProposalId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::reopen(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Withdraws a proposal for good, until the call closes.
#[utoipa::path(
    post, path = "/proposals/{id}/withdraw", operation_id = "proposals_withdraw", tag = "calls",
    params(("id" = ProposalId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Proposal>))
)]
async fn withdraw(
    Service(base): Service<Base>,
    may: May<WithdrawProposal>,
    Key(id): Key<ProposalId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw_proposal(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Awards a proposal, or rejects it, with reasons: in the name of the coordinating body, by somebody who has not
/// evaluated it. Of what is awarded a project becomes, and its funds are committed.
#[utoipa::path(
    post, path = "/proposals/{id}/decision", operation_id = "proposals_decide", tag = "calls",
    params(("id" = ProposalId, Path), ("If-Match" = String, Header)), request_body = NewDecision,
    responses((status = OK, body = Versioned<Proposal>))
)]
async fn decide(
    Service(base): Service<Base>,
    may: May<Decide>,
    Key(id): Key<ProposalId>,
    version: IfVersion,
    Body { value, once }: Body<NewDecision>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::decide(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}
