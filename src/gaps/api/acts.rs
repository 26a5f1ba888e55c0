//! Gap acts.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        clock::Timestamp,
        fields::Nothing,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{GapActId, GapDisputeId, OrganisationId, ProgrammeId, RequirementId},
        money::Money,
        problem::Problem,
    },
    gaps::{
        Analysis,
        acts::{
            Answer, Demanded, Dispute, LineAction, List, NewAct, NewActions, NewAnswer, NewDispute,
            NewSettlement, Open, Outcome, PlanClosing, Raise, Read, Renew, Said, Settle, Sign, State,
            difference::Difference,
        },
        closing::Parts,
        signing::{NewSignature, NewSignatureJson, Party, Side, Signature},
        store::acts::{self as store, Standing},
    },
    organisations::{consents::Purpose, interests::Queued, reading_log, store::interests},
    programmes::Cofinancing,
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(open, list))
        .routes(routes!(read))
        .routes(routes!(put_actions))
        .routes(routes!(dispute))
        .routes(routes!(answer))
        .routes(routes!(settle))
        .routes(routes!(sign))
        .routes(routes!(renew))
}

/// A gap act.
#[derive(Serialize, ToSchema)]
#[schema(as = GapAct)]
struct ActJson {
    id: GapActId,
    programme: ProgrammeId,
    requirement: RequirementId,
    lead_firm: OrganisationId,
    supplier: OrganisationId,
    /// As what one takes part.
    you_are: Party,
    state: State,
    /// Grows when the act is renewed.
    round: i32,
    /// What is demanded, beside the criteria.
    demanded: Demanded,
    /// How the supplier stands to it.
    analysis: Analysis,
    /// How its gaps would be closed.
    actions: Vec<ActionJson>,
    /// What the closing actions cost together, by who pays; null without any.
    cost: Option<Parts>,
    /// The disputes of all rounds, the oldest first.
    disputes: Vec<DisputeJson>,
    /// Every signature that was ever given, the oldest first.
    signatures: Vec<SignatureJson>,
    /// SHA-256 of what one signs: send it with the signature.
    hash: String,
    /// What has changed since the act was drawn up; null while it is what it was.
    difference: Option<Difference>,
    opened_at: Timestamp,
    renewed_at: Timestamp,
    #[schema(example = "\"3\"")]
    etag: String,
}

/// How a gap would be closed.
#[derive(Serialize, ToSchema)]
#[schema(as = GapActActionShown)]
struct ActionJson {
    #[serde(flatten)]
    action: LineAction,
    /// The question of the line's criterion.
    question: String,
    /// What each pays.
    parts: Parts,
}

/// A dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = GapDispute)]
struct DisputeJson {
    id: GapDisputeId,
    /// The round of the act in which it was raised.
    round: i32,
    /// The place of the line in that round, from 0.
    line: usize,
    question: String,
    raised_by: Side,
    reason: String,
    raised_at: Timestamp,
    answer: Option<Said>,
    /// What became of it; null while it is open.
    outcome: Option<Outcome>,
    /// Why it was settled so.
    note: Option<Said>,
}

impl From<Dispute> for DisputeJson {
    fn from(dispute: Dispute) -> Self {
        let (outcome, note) = dispute.settlement.unzip();
        Self {
            id: dispute.id,
            round: dispute.round,
            line: dispute.line,
            question: dispute.question,
            raised_by: dispute.raised_by,
            reason: dispute.reason,
            raised_at: dispute.raised_at,
            answer: dispute.answer,
            outcome,
            note,
        }
    }
}

/// A signature, and whether it still holds.
#[derive(Serialize, ToSchema)]
#[schema(as = SignatureShown)]
struct SignatureJson {
    #[serde(flatten)]
    signature: Signature,
    /// Whether what was signed is what stands there now.
    holds: bool,
}

fn shown(standing: Standing, actor: &Actor) -> ActJson {
    let you_are = standing.party(actor);
    let Standing { act, state, hash, difference, version } = standing;
    let lines = &act.basis.analysis.lines;
    let actions = act.actions.into_iter().map(|action| ActionJson {
        question: lines.get(action.line).map_or_else(String::new, |line| line.criterion.question.clone()),
        parts: action.closing.parts(),
        action,
    });
    let actions: Vec<_> = actions.collect();
    let is_void = state == State::Void;
    let signatures = act
        .signatures
        .into_iter()
        .map(|signature| SignatureJson { holds: !is_void && signature.hash == hash, signature });
    ActJson {
        id: act.id,
        programme: act.programme,
        requirement: act.requirement,
        lead_firm: act.lead_firm,
        supplier: act.supplier,
        you_are,
        state,
        round: act.round,
        cost: actions.iter().map(|action| action.parts).reduce(Parts::plus),
        actions,
        disputes: act.disputes.into_iter().map(DisputeJson::from).collect(),
        signatures: signatures.collect(),
        demanded: act.basis.demanded,
        analysis: act.basis.analysis,
        hash,
        difference,
        opened_at: act.opened_at,
        renewed_at: act.renewed_at,
        etag: etag(version),
    }
}

fn answered(standing: Standing, actor: &Actor) -> Result<Reply, Problem> {
    let version = standing.version;
    Ok(Reply::ok(&shown(standing, actor))?.version(version))
}

/// Whose act to open.
#[derive(ToSchema)]
#[schema(as = NewGapAct)]
#[expect(dead_code, reason = "describes what `NewAct` reads")]
struct NewActJson {
    /// The supplier; a supplier may leave it out.
    supplier: Option<OrganisationId>,
}

/// Opens the gap act of a supplier for a requirement, with what its gap analysis says today. The lead firm needs
/// the supplier's consent.
#[utoipa::path(
    post, path = "/requirements/{id}/gap-acts", operation_id = "gap_acts_open", tag = "gaps",
    params(("id" = RequirementId, Path)),
    request_body(content = NewActJson, example = json!({ "supplier": "01990000-0000-7000-8000-000000000000" })),
    responses((status = CREATED, body = ActJson, links(
        ("read" = (operation_id = "gap_acts_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn open(
    Service(base): Service<Base>,
    may: May<Open>,
    Key(id): Key<RequirementId>,
    Body { value, once }: Body<NewAct>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let standing = store::open(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/gap-acts/{}", standing.act.id), standing.version);
        let reply = Reply::created(location, &shown(standing, w.actor()))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the gap acts of a requirement that one may see: an institution all, a supplier its own, the lead firm
/// those of suppliers that have consented.
#[utoipa::path(
    get, path = "/requirements/{id}/gap-acts", operation_id = "gap_acts_list", tag = "gaps",
    params(
        ("id" = RequirementId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<Queued<ActJson>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Key(id): Key<RequirementId>,
    Params(window): Params<Window>,
) -> Result<Page<Queued<ActJson>>, Problem> {
    let (actor, at) = (may.actor(), base.clock.now());
    let page = store::list(base.db.reads(), actor, id, &window, at).await?;
    let readings = page.items.iter().map(|found| (found.act.supplier, found.act.id.0)).collect();
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", readings).await?;
    let parties = |standing: &Standing| vec![standing.act.supplier, standing.act.lead_firm];
    interests::queued(&base, actor, page, parties, |standing| shown(standing, actor)).await
}

/// Looks at a gap act. When requirement, diagnostic or rules have changed since it was drawn up it is void, and
/// the difference shows the old and the new values; its signatures stay as history.
#[utoipa::path(
    get, path = "/gap-acts/{id}", operation_id = "gap_acts_read", tag = "gaps",
    params(("id" = GapActId, Path)), responses((status = OK, body = ActJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<GapActId>,
) -> Result<Reply, Problem> {
    let found = store::find(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    let reading = vec![(found.act.supplier, found.act.id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", reading).await?;
    answered(found, may.actor())
}

/// How the gaps of an act would be closed.
#[derive(ToSchema)]
#[schema(as = NewGapActActions)]
#[expect(dead_code, reason = "describes what `NewActions` reads")]
struct NewActionsJson {
    #[schema(max_items = 100)]
    actions: Vec<NewActionJson>,
}

/// How a line would be closed.
#[derive(ToSchema)]
#[schema(as = NewGapActAction)]
#[expect(dead_code, reason = "describes what `NewLineAction` reads")]
struct NewActionJson {
    /// The place of the line, from 0; it shows a gap, or what nobody can tell.
    #[schema(minimum = 0, maximum = 99)]
    line: usize,
    #[schema(min_length = 3, max_length = 2000)]
    description: String,
    /// In the programme's currency.
    cost: Money,
    #[schema(minimum = 0, maximum = 60)]
    months: i64,
    /// Who pays; default: the programme's co-financing, where it has one.
    split: Option<Cofinancing>,
    /// What the lead firm's own people contribute.
    #[schema(min_length = 3, max_length = 2000)]
    technical_assistance: Option<String>,
}

/// Says how the gaps of an act would be closed. What was said before is replaced; a change takes the ground from
/// a signature that one side has given.
#[utoipa::path(
    put, path = "/gap-acts/{id}/actions", operation_id = "gap_acts_put_actions", tag = "gaps",
    params(("id" = GapActId, Path), ("If-Match" = String, Header)),
    request_body(content = NewActionsJson, example = json!({ "actions": [{
        "line": 1, "description": "Implementar control de entregas con tablero semanal",
        "cost": { "amount": "1800000", "currency": "CLP" }, "months": 4,
        "split": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
        "technical_assistance": "Planificador de la empresa líder, dos días al mes",
    }] })),
    responses((status = OK, body = ActJson))
)]
async fn put_actions(
    Service(base): Service<Base>,
    may: May<PlanClosing>,
    Key(id): Key<GapActId>,
    version: IfVersion,
    Body { value, once }: Body<NewActions>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::put_actions(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// A line to dispute.
#[derive(ToSchema)]
#[schema(as = NewGapDispute)]
#[expect(dead_code, reason = "describes what `NewDispute` reads")]
struct NewDisputeJson {
    /// The place of the line, from 0.
    #[schema(minimum = 0, maximum = 99)]
    line: usize,
    #[schema(min_length = 10, max_length = 2000)]
    reason: String,
}

/// Disputes a line of an act, with a reason. Nobody signs before it is settled; a signature that one side has given
/// holds no more.
#[utoipa::path(
    post, path = "/gap-acts/{id}/disputes", operation_id = "gap_acts_dispute", tag = "gaps",
    params(("id" = GapActId, Path), ("If-Match" = String, Header)),
    request_body(content = NewDisputeJson, example = json!({
        "line": 1, "reason": "El 76 % incluye pedidos que la planta aplazó; sin ellos es 91 %.",
    })),
    responses((status = OK, body = ActJson))
)]
async fn dispute(
    Service(base): Service<Base>,
    may: May<Raise>,
    Key(id): Key<GapActId>,
    version: IfVersion,
    Body { value, once }: Body<NewDispute>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::raise(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// An answer to a dispute.
#[derive(ToSchema)]
#[schema(as = NewDisputeAnswer)]
#[expect(dead_code, reason = "describes what `NewAnswer` reads")]
struct NewAnswerJson {
    #[schema(min_length = 3, max_length = 2000)]
    text: String,
}

/// Answers a dispute: the side that did not raise it, or the institution, once.
#[utoipa::path(
    post, path = "/gap-acts/{id}/disputes/{dispute}/answer", operation_id = "gap_acts_answer", tag = "gaps",
    params(("id" = GapActId, Path), ("dispute" = GapDisputeId, Path), ("If-Match" = String, Header)),
    request_body(content = NewAnswerJson, example = json!({
        "text": "De acuerdo: los aplazamientos de abril fueron nuestros.",
    })),
    responses((status = OK, body = ActJson))
)]
async fn answer(
    Service(base): Service<Base>,
    may: May<Answer>,
    Key(key): Key<(GapActId, GapDisputeId)>,
    version: IfVersion,
    Body { value, once }: Body<NewAnswer>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::answer(&w, key, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// How a dispute is settled.
#[derive(ToSchema)]
#[schema(as = NewDisputeSettlement)]
#[expect(dead_code, reason = "describes what `NewSettlement` reads")]
struct NewSettlementJson {
    /// Whoever raised it may dismiss it, the other side may uphold it, the institution may do either.
    outcome: Outcome,
    #[schema(min_length = 10, max_length = 2000)]
    note: String,
}

/// Settles a dispute. Dismissed, the line stands; upheld, the requirement or the diagnostic is to be put right, and
/// the act is renewed after that. Nobody is bound by it: who is not content does not sign.
#[utoipa::path(
    post, path = "/gap-acts/{id}/disputes/{dispute}/settle", operation_id = "gap_acts_settle", tag = "gaps",
    params(("id" = GapActId, Path), ("dispute" = GapDisputeId, Path), ("If-Match" = String, Header)),
    request_body(content = NewSettlementJson, example = json!({
        "outcome": "dismissed", "note": "Se mantiene la línea; el plan fija la medición desde mayo.",
    })),
    responses((status = OK, body = ActJson))
)]
async fn settle(
    Service(base): Service<Base>,
    may: May<Settle>,
    Key(key): Key<(GapActId, GapDisputeId)>,
    version: IfVersion,
    Body { value, once }: Body<NewSettlement>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::settle(&w, key, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Signs an act for one's firm: the hash of what was read, and two ticked statements. Both sides sign, in either
/// order; then the act is agreed.
#[utoipa::path(
    post, path = "/gap-acts/{id}/signatures", operation_id = "gap_acts_sign", tag = "gaps",
    params(("id" = GapActId, Path)),
    request_body = NewSignatureJson,
    responses((status = OK, body = ActJson))
)]
async fn sign(
    Service(base): Service<Base>,
    may: May<Sign>,
    Key(id): Key<GapActId>,
    Body { value, once }: Body<NewSignature>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::sign(&w, id, &value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Begins another round of a void act, with what requirement, diagnostic and rules say today. Closing actions stay
/// where their gap is still open; both sides sign anew.
#[utoipa::path(
    post, path = "/gap-acts/{id}/renew", operation_id = "gap_acts_renew", tag = "gaps",
    params(("id" = GapActId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ActJson))
)]
async fn renew(
    Service(base): Service<Base>,
    may: May<Renew>,
    Key(id): Key<GapActId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::renew(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}
