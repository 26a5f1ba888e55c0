//! Gap acts at the screen: what both sides agree on, line by line, disputed, settled and signed.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use super::say::{Cell, Demanded};
use crate::{
    diagnostics::{ScoreWithConsent, instrument},
    foundation::{
        Base,
        access::{Actor, Kind, May, Operation},
        db::Write,
        fields::{Input, Nothing},
        http::{
            IfVersion, Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::{GapActId, GapDisputeId, OrganisationId, RequirementId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    gaps::{
        acts::{
            Act, Answer, Dispute, List, NewAct, NewAnswer, NewDispute, NewSettlement, Open, Outcome,
            PlanClosing, Raise, Read, Renew, Settle, Sign, State, difference::Difference,
        },
        closing::Parts,
        signing::{NewSignature, Party, Signature},
        store::{
            self,
            acts::{self as kept, Standing},
        },
    },
    organisations::{
        consents::Purpose,
        reading_log,
        store::{consents, firms},
    },
    programmes,
    requirements::{self, Requirement},
};

/// So many acts stand on one page.
const PAGE: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements/{id}/gap-acts", get(list).post(open))
        .route("/gap-acts/{id}", get(read))
        .route("/gap-acts/{id}/signatures", post(sign))
        .route("/gap-acts/{id}/disputes", post(raise))
        .route("/gap-acts/{id}/disputes/{dispute}", get(dispute))
        .route("/gap-acts/{id}/disputes/{dispute}/answer", post(answer))
        .route("/gap-acts/{id}/disputes/{dispute}/settle", post(settle))
        .route("/gap-acts/{id}/renew", post(renew))
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Agreed => "good",
        State::Disputed => "warn",
        State::Void => "bad",
        State::Open | State::SignedBySupplier | State::SignedByLeadFirm => "now",
    }
}

pub(super) fn address(id: GapActId) -> String {
    format!("/gap-acts/{id}")
}

/// The acts of a requirement, and the suppliers that have none yet.
#[derive(Template)]
#[template(path = "gaps/pages/acts.html")]
struct ActsPage {
    requirement: Requirement,
    acts: Vec<(GapActId, String, State)>,
    /// Suppliers with an analysis and without an act: id and name.
    others: Vec<(String, String)>,
    /// Whether it is one's own act that is to be opened.
    is_own: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl ActsPage {
    fn address(&self) -> String {
        format!("/requirements/{}/gap-acts?", self.requirement.id)
    }
}

impl Page for ActsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("acts-title")
    }
}

async fn acts_page(
    base: &Base,
    actor: &Actor,
    id: RequirementId,
    window: &Window,
) -> Result<(ActsPage, Vec<Standing>), Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let requirement = requirements::store::find(db, actor, id).await?;
    let ListPage { items: found, next, prev } = kept::list(db, actor, id, window, now).await?;
    let mut analysed = Vec::new();
    if actor.may::<Open>().is_ok() {
        analysed = store::all(db, actor, id).await?.into_iter().map(|analysis| analysis.supplier).collect();
        analysed.retain(|supplier| found.iter().all(|standing| standing.act.supplier != *supplier));
    }
    let ids = found.iter().map(|standing| standing.act.supplier).chain(analysed.iter().copied());
    let names = firms::names(db, actor, ids).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let page = ActsPage {
        acts: found.iter().map(|one| (one.act.id, name(one.act.supplier), one.state)).collect(),
        others: analysed.iter().map(|id| (id.to_string(), name(*id))).collect(),
        is_own: actor.kind() == Some(Kind::Supplier),
        next,
        prev,
        requirement,
    };
    Ok((page, found))
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Key(id): Key<RequirementId>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let (page, found) = acts_page(&base, may.actor(), id, &window).await?;
    let readings = found.iter().map(|standing| (standing.act.supplier, standing.act.id.0)).collect();
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", readings).await?;
    show(&view, &page)
}

async fn open(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Open>,
    Key(id): Key<RequirementId>,
    form: Form<NewAct>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        let opened = kept::open(w, id, new).await?;
        Ok(address(opened.act.id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &acts_page(&base, &actor, id, &Window::first(PAGE)).await?.0, problem, typed)
    })
    .await
}

/// A line of an act.
pub(super) struct Line {
    pub(super) at: usize,
    pub(super) demanded: Demanded,
    pub(super) cell: Cell,
    /// How its gap would be closed.
    closing: Option<Closing>,
}

/// How a gap would be closed.
struct Closing {
    description: String,
    months: i64,
    parts: Parts,
    assistance: Option<String>,
}

/// A dispute with what one may do about it.
struct Shown {
    dispute: Dispute,
    question: String,
    may_answer: bool,
    /// The outcomes that one may settle it with: the word, and its text.
    outcomes: Vec<(String, String)>,
}

impl Shown {
    /// Whether one may answer or settle it.
    fn is_to_do(&self) -> bool {
        self.may_answer || !self.outcomes.is_empty()
    }
}

/// A dispute, with what one may do about it.
#[derive(Template)]
#[template(path = "gaps/pages/dispute.html")]
struct DisputePage {
    act: GapActId,
    /// Whose act it is.
    of: OrganisationId,
    version: i64,
    supplier: String,
    shown: Shown,
}

impl Page for DisputePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("act-disputes")
    }
}

/// What one may do with an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Sign,
    Raise,
    Renew,
    PlanClosing,
    /// See what the supplier has scored by dimension, as it has consented.
    SeeScores,
}

/// A gap act.
#[derive(Template)]
#[template(path = "gaps/pages/act.html")]
pub(super) struct ActPage {
    pub(super) act: Act,
    pub(super) state: State,
    hash: String,
    pub(super) version: i64,
    difference: Option<Difference>,
    pub(super) supplier: String,
    lead_firm: String,
    programme: String,
    /// By whose clocks its moments are told.
    zone: Zone,
    pub(super) lines: Vec<Line>,
    disputes: Vec<Shown>,
    deeds: Vec<Deed>,
    locale: Locale,
}

impl ActPage {
    fn may(&self, deed: Deed) -> bool {
        self.deeds.contains(&deed)
    }

    /// Whether a signature is of what stands there now.
    fn holds(&self, signature: &Signature) -> bool {
        self.state != State::Void && signature.hash == self.hash
    }

    /// Lines by number and question, for the form that disputes one.
    fn choices(&self) -> Vec<(String, String)> {
        let line =
            |line: &Line| (line.at.to_string(), format!("{}. {}", line.at + 1, line.demanded.question));
        self.lines.iter().map(line).collect()
    }

    /// A question that has changed, by its text.
    fn question(&self, code: &str) -> String {
        instrument::asked_of_suppliers(code, self.locale)
    }
}

impl Page for ActPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("act-title", &[("supplier", self.supplier.clone())])
    }

    fn printed(&self) -> Option<(&str, &Zone)> {
        Some((self.programme.as_str(), &self.zone))
    }

    fn is_wide(&self) -> bool {
        true
    }
}

fn outcomes(dispute: &Dispute, party: Party, locale: Locale) -> Vec<(String, String)> {
    let may = |outcome: &&Outcome| dispute.check_settlement(party, **outcome).is_ok();
    let said = |outcome: &Outcome| (outcome.to_string(), locale.text(&format!("dispute-outcome-{outcome}")));
    Outcome::ALL.iter().filter(may).map(said).collect()
}

impl ActPage {
    fn of(standing: Standing, actor: &Actor, names: (String, String), zone: Zone, locale: Locale) -> Self {
        let (supplier, lead_firm) = names;
        let party = standing.party(actor);
        let Standing { act, state, hash, difference, version } = standing;
        let instrument = instrument::for_kind(Kind::Supplier);
        let closing = |at: usize| {
            let found = act.actions.iter().find(|action| action.line == at)?;
            Some(Closing {
                description: found.closing.description.clone(),
                months: found.closing.months,
                parts: found.closing.parts(),
                assistance: found.closing.technical_assistance.clone(),
            })
        };
        let lines = act.basis.analysis.lines.iter().enumerate().filter_map(|(at, line)| {
            let demanded = Demanded::new(instrument?, &line.criterion, locale);
            Some(Line { at, demanded, cell: Cell::new(instrument, line, locale), closing: closing(at) })
        });
        let lines: Vec<_> = lines.collect();
        let disputes = act.disputes.iter().map(|dispute| Shown {
            question: instrument::asked_of_suppliers(&dispute.question, locale),
            may_answer: actor.may::<Answer>().is_ok() && dispute.check_answer(party).is_ok(),
            outcomes: match actor.may::<Settle>() {
                Ok(_) if state == State::Disputed => outcomes(dispute, party, locale),
                _ => Vec::new(),
            },
            dispute: dispute.clone(),
        });
        let disputes = disputes.collect();
        let signed = |side| crate::gaps::signing::holds(&act.signatures, side, &hash);
        let signs = party.side().is_ok_and(|side| !signed(side));
        let has_gaps = (0..lines.len()).any(|line| act.basis.is_open(line));
        let deeds = [
            (signs && actor.takes::<Sign>(state), Deed::Sign),
            (party.side().is_ok() && actor.takes::<Raise>(state), Deed::Raise),
            (actor.takes::<Renew>(state), Deed::Renew),
            (has_gaps && actor.takes::<PlanClosing>(state), Deed::PlanClosing),
        ];
        Self {
            deeds: deeds.into_iter().filter_map(|(is_open, deed)| is_open.then_some(deed)).collect(),
            act,
            state,
            hash,
            version,
            difference,
            supplier,
            lead_firm,
            programme: String::new(),
            zone,
            lines,
            disputes,
            locale,
        }
    }
}

pub(super) async fn act_page(
    base: &Base,
    view: &View,
    actor: &Actor,
    id: GapActId,
) -> Result<ActPage, Problem> {
    let db = base.db.reads();
    let standing = kept::find(db, actor, id, base.clock.now()).await?;
    let ids = [standing.act.supplier, standing.act.lead_firm];
    let names = firms::names(db, actor, ids).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let zone = programmes::store::zones(db, actor, [standing.act.programme]).await?;
    let zone = zone.into_values().next().unwrap_or_default();
    let programme = programmes::store::names(db, actor, [standing.act.programme]).await?;
    let consented = consents::has(db, actor, ids[0], Purpose::Diagnostic).await?;
    let mut page = ActPage::of(standing, actor, (name(ids[0]), name(ids[1])), zone, view.locale);
    page.programme = programme.into_values().next().unwrap_or_default();
    if consented && actor.may::<ScoreWithConsent>().is_ok() {
        page.deeds.push(Deed::SeeScores);
    }
    Ok(page)
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<GapActId>,
) -> Result<Response, Problem> {
    let page = act_page(&base, &view, may.actor(), id).await?;
    let reading = vec![(page.act.supplier, page.act.id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", reading).await?;
    show(&view, &page)
}

async fn dispute_page(
    base: &Base,
    view: &View,
    actor: &Actor,
    (id, dispute): (GapActId, GapDisputeId),
) -> Result<DisputePage, Problem> {
    let page = act_page(base, view, actor, id).await?;
    let shown = page.disputes.into_iter().find(|shown| shown.dispute.id == dispute);
    let shown = shown.ok_or_else(Problem::not_found)?;
    Ok(DisputePage { act: id, of: page.act.supplier, version: page.version, supplier: page.supplier, shown })
}

async fn dispute(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(key): Key<(GapActId, GapDisputeId)>,
) -> Result<Response, Problem> {
    let page = dispute_page(&base, &view, may.actor(), key).await?;
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", vec![(page.of, page.act.0)]).await?;
    show(&view, &page)
}

/// Does to an act what a form says; what is wrong with that is shown where it was typed.
async fn take<O, T, F>(
    (base, view, may): (Base, View, May<O>),
    (id, dispute): (GapActId, Option<GapDisputeId>),
    form: Form<T>,
    work: F,
) -> Result<Response, Problem>
where
    O: Operation,
    T: Input,
    F: AsyncFnOnce(&Write, IfVersion, T) -> Result<Standing, Problem>,
{
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, value| {
        work(w, version, value).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| match dispute {
        Some(dispute) => {
            let page = dispute_page(&base, &view, &actor, (id, dispute)).await?;
            show_again(&view, &page, problem, typed)
        }
        None => show_again(&view, &act_page(&base, &view, &actor, id).await?, problem, typed),
    })
    .await
}

async fn sign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Sign>,
    Key(id): Key<GapActId>,
    form: Form<NewSignature>,
) -> Result<Response, Problem> {
    take((base, view, may), (id, None), form, async |w, _, new| kept::sign(w, id, &new).await).await
}

async fn raise(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Raise>,
    Key(id): Key<GapActId>,
    form: Form<NewDispute>,
) -> Result<Response, Problem> {
    take((base, view, may), (id, None), form, async |w, version, new| kept::raise(w, id, version, new).await)
        .await
}

async fn answer(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Answer>,
    Key(key): Key<(GapActId, GapDisputeId)>,
    form: Form<NewAnswer>,
) -> Result<Response, Problem> {
    let at = (key.0, Some(key.1));
    take((base, view, may), at, form, async |w, version, new| kept::answer(w, key, version, new).await).await
}

async fn settle(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Settle>,
    Key(key): Key<(GapActId, GapDisputeId)>,
    form: Form<NewSettlement>,
) -> Result<Response, Problem> {
    let at = (key.0, Some(key.1));
    take((base, view, may), at, form, async |w, version, new| kept::settle(w, key, version, new).await).await
}

async fn renew(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Renew>,
    Key(id): Key<GapActId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    take((base, view, may), (id, None), form, async |w, version, Nothing| kept::renew(w, id, version).await)
        .await
}
