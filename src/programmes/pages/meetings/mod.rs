//! Visits and meetings at the screen: calling one, its minutes with who came and what was agreed on, and what was kept.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        clock::Day,
        fields::Nothing,
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::{AgreementId, MeetingId, NetworkId, OrganisationId},
        page::{Confirm, Form, Page, Typed, View, filters, or_again, rows, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        meetings::{
            Agreement, Call, CancelMeeting, ConfirmMinutes, FulfilAgreement, Fulfilment, ListMeetings,
            Meeting, MeetingKind, MeetingState, Minutes, NewMeeting, Participant, ReadMeeting, WriteMinutes,
        },
        networks::{Network, Standing},
        store,
    },
};

/// So many meetings stand on one page.
const ROWS: u64 = 50;
/// So many firms of a network are offered.
const MOST: u64 = 500;
/// So many agreements a form has at first, and at most.
const AGREEMENTS: (usize, usize) = (3, 50);

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/networks/{id}/meetings", get(list))
        .route("/networks/{id}/meetings/new", get(call_page).post(call))
        .route("/meetings/{id}", get(read))
        .route("/meetings/{id}/minutes", get(minutes_page).post(write))
        .route("/meetings/{id}/confirm", post(confirm))
        .route("/meetings/{id}/cancel", get(cancel_page).post(cancel))
        .route("/meetings/{id}/agreements/{agreement}", get(fulfil_page).post(fulfil))
}

fn address(id: MeetingId) -> String {
    format!("/meetings/{id}")
}

/// How a state is coloured.
const fn tone(state: MeetingState) -> &'static str {
    match state {
        MeetingState::Planned => "now",
        MeetingState::Held => "warn",
        MeetingState::Confirmed => "good",
        MeetingState::Cancelled => "",
    }
}

/// The meetings of a network that one sees.
#[derive(Template)]
#[template(path = "programmes/pages/meetings/list.html")]
struct MeetingsPage {
    network: Network,
    items: Vec<Meeting>,
    names: BTreeMap<OrganisationId, String>,
    may_call: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl MeetingsPage {
    fn with(&self, meeting: &Meeting) -> String {
        let named = meeting.participants.iter().filter_map(|one| self.names.get(&one.organisation));
        named.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    fn address(&self) -> String {
        format!("/networks/{}/meetings?", self.network.id)
    }
}

impl Page for MeetingsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("meetings-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMeetings>,
    Key(id): Key<NetworkId>,
    Params(Paged(window)): Params<Paged<ROWS>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let network = store::find_network(db, actor, id).await?;
    let ListPage { items, next, prev } = store::list_meetings(db, actor, id, &window).await?;
    let all: BTreeSet<_> =
        items.iter().flat_map(|one| &one.participants).map(|one| one.organisation).collect();
    let names = firms::names(db, actor, all).await?;
    let may_call = actor.takes::<Call>(network.state);
    show(&view, &MeetingsPage { network, items, names, may_call, next, prev })
}

/// A meeting to call.
#[derive(Template)]
#[template(path = "programmes/pages/meetings/call.html")]
struct CallPage {
    network: Network,
    /// Field, id and name of who can be asked.
    others: Vec<(String, String, String)>,
    today: Day,
}

impl Page for CallPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("meeting-new")
    }
}

/// Whom the actor can ask: its sides, and for whoever selects them its suppliers.
async fn others(
    base: &Base,
    actor: &Actor,
    network: &Network,
) -> Result<Vec<(OrganisationId, String)>, Problem> {
    let db = base.db.reads();
    let programme = store::find(db, actor, network.programme).await?;
    let sides = network.lead_firms.iter().copied().chain([programme.institution]);
    let mut found: Vec<_> = firms::names(db, actor, sides).await?.into_iter().collect();
    if actor.kind() != Some(Kind::Supplier) {
        let (selected, all) = (Some(Standing::Selected), Window::first(MOST));
        let members = store::list_memberships(db, actor, network.id, selected, &all).await?.items;
        found.extend(members.into_iter().map(|member| (member.organisation, member.name)));
    }
    found.retain(|(id, _)| *id != actor.organisation);
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found.dedup();
    Ok(found)
}

async fn blank(base: &Base, actor: &Actor, id: NetworkId) -> Result<CallPage, Problem> {
    let db = base.db.reads();
    let network = store::find_network(db, actor, id).await?;
    let today = store::find(db, actor, network.programme).await?.day(base.clock.now());
    let found = others(base, actor, &network).await?.into_iter().enumerate();
    let field = |(at, (id, name)): (usize, (OrganisationId, String))| {
        (format!("participants-{at}"), id.to_string(), name)
    };
    Ok(CallPage { others: found.map(field).collect(), network, today })
}

async fn call_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Call>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id).await?)
}

async fn call(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Call>,
    Key(id): Key<NetworkId>,
    form: Form<NewMeeting>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        let made = store::call(w, id, new).await?;
        Ok(address(made.id))
    });
    or_again(done.await, async |problem| show_again(&view, &blank(&base, &actor, id).await?, problem, typed))
        .await
}

/// A meeting.
#[derive(Template)]
#[template(path = "programmes/pages/meetings/meeting.html")]
struct MeetingPage {
    network: Network,
    meeting: Meeting,
    names: BTreeMap<OrganisationId, String>,
    /// One's own organisation.
    own: OrganisationId,
    steps: Vec<Step>,
}

/// What leads on from a meeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Write,
    Confirm,
    Cancel,
    Fulfil,
}

impl Step {
    const ALL: [Self; 4] = [Self::Write, Self::Confirm, Self::Cancel, Self::Fulfil];

    fn is_open(self, actor: &Actor, meeting: &Meeting) -> bool {
        let state = meeting.state;
        let own = meeting.participants.iter().find(|one| one.organisation == actor.organisation);
        own.is_some_and(|own| match self {
            Self::Write => actor.takes::<WriteMinutes>(state),
            Self::Confirm => {
                actor.takes::<ConfirmMinutes>(state)
                    && own.attended == Some(true)
                    && own.confirmed_at.is_none()
            }
            Self::Cancel => actor.takes::<CancelMeeting>(state),
            Self::Fulfil => actor.takes::<FulfilAgreement>(state),
        })
    }
}

impl MeetingPage {
    fn name(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("–", String::as_str)
    }

    fn may(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    fn came(part: &Participant) -> bool {
        part.attended == Some(true)
    }

    fn has_promised(&self, who: &OrganisationId) -> bool {
        self.may(Step::Fulfil) && *who == self.own
    }
}

impl Page for MeetingPage {
    fn title(&self, locale: Locale) -> String {
        let kind = locale.text(&format!("meeting-kind-{}", self.meeting.kind));
        format!("{kind}, {}", filters::in_words(self.meeting.held_on, locale))
    }
}

async fn page(base: &Base, actor: &Actor, id: MeetingId) -> Result<MeetingPage, Problem> {
    let db = base.db.reads();
    let meeting = store::find_meeting(db, actor, id).await?;
    let network = store::find_network(db, actor, meeting.network).await?;
    // Whoever was asked to a meeting knows with whom.
    let service = Actor::system(actor.organisation);
    let all: Vec<_> = meeting.participants.iter().map(|one| one.organisation).collect();
    let names = firms::names(db, &service, all).await?;
    let steps = Step::ALL.into_iter().filter(|step| step.is_open(actor, &meeting)).collect();
    Ok(MeetingPage { network, meeting, names, own: actor.organisation, steps })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadMeeting>,
    Key(id): Key<MeetingId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

/// A row of the minutes: who came of one organisation.
struct Came {
    organisation_field: String,
    people_field: String,
    id: OrganisationId,
    name: String,
    people: String,
}

/// A row of the minutes: something agreed on.
struct Agreed {
    what_field: String,
    who_field: String,
    until_field: String,
    what: String,
    who: String,
    until: String,
}

/// The minutes of a meeting.
#[derive(Template)]
#[template(path = "programmes/pages/meetings/minutes.html")]
struct MinutesPage {
    meeting: Meeting,
    came: Vec<Came>,
    agreed: Vec<Agreed>,
    /// Who can promise something.
    parties: Vec<(String, String)>,
}

impl Page for MinutesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("minutes-title")
    }
}

impl MinutesPage {
    fn of(meeting: Meeting, name: impl Fn(OrganisationId) -> String, typed: &Typed) -> Self {
        let came = |(at, one): (usize, &Participant)| Came {
            organisation_field: rows::name("attendance", at, "organisation"),
            people_field: rows::name("attendance", at, "people"),
            id: one.organisation,
            name: name(one.organisation),
            people: one.people.clone(),
        };
        let agreed = |at: usize| {
            let saved = meeting.agreements.get(at);
            Agreed {
                what_field: rows::name("agreements", at, "what"),
                who_field: rows::name("agreements", at, "who"),
                until_field: rows::name("agreements", at, "until"),
                what: rows::text(saved.map(|one| one.what.as_str())),
                who: rows::text(saved.map(|one| one.who)),
                until: rows::text(saved.map(|one| one.until)),
            }
        };
        let written = rows::typed(&sent(typed), "agreements", AGREEMENTS.1).max(meeting.agreements.len());
        let count = (written + 1).clamp(AGREEMENTS.0, AGREEMENTS.1);
        let party = |one: &Participant| (one.organisation.to_string(), name(one.organisation));
        Self {
            came: meeting.participants.iter().enumerate().map(came).collect(),
            agreed: (0..count).map(agreed).collect(),
            parties: meeting.participants.iter().map(party).collect(),
            meeting,
        }
    }
}

/// The form without the rows in which nothing was written: an organisation of which nobody came, a promise without
/// words.
fn sent(typed: &Typed) -> Typed {
    typed.without_blank("people", &["organisation"]).without_blank("what", &["who", "until"])
}

async fn before_writing(
    base: &Base,
    actor: &Actor,
    id: MeetingId,
    typed: &Typed,
) -> Result<MinutesPage, Problem> {
    let MeetingPage { meeting, names, .. } = page(base, actor, id).await?;
    Ok(MinutesPage::of(meeting, |id| names.get(&id).cloned().unwrap_or_default(), typed))
}

async fn minutes_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WriteMinutes>,
    Key(id): Key<MeetingId>,
) -> Result<Response, Problem> {
    show(&view, &before_writing(&base, may.actor(), id, &Typed::default()).await?)
}

async fn write(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WriteMinutes>,
    Key(id): Key<MeetingId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let read = |typed: &Typed| sent(typed).read::<Minutes>();
    let done = form.reading(read).change(&base, may, async |w, version, new| {
        store::write_minutes(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        let page = before_writing(&base, &actor, id, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

async fn confirm(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ConfirmMinutes>,
    Key(id): Key<MeetingId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        store::confirm_minutes(w, id, version).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

async fn before_cancelling(base: &Base, actor: &Actor, id: MeetingId) -> Result<Confirm, Problem> {
    let found = page(base, actor, id).await?;
    let back = (address(id), found.title(actor.locale));
    Ok(Confirm::new("meeting-cancel", back, format!("{}/cancel", address(id)))
        .at(found.meeting.version)
        .with("meeting-place", found.meeting.place)
        .with_reason())
}

async fn cancel_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CancelMeeting>,
    Key(id): Key<MeetingId>,
) -> Result<Response, Problem> {
    show(&view, &before_cancelling(&base, may.actor(), id).await?)
}

async fn cancel(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CancelMeeting>,
    Key(id): Key<MeetingId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.with_reason().change(&base, may, async |w, version, why| {
        store::cancel_meeting(w, id, version, why.reason).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_cancelling(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// A promise that was kept.
#[derive(Template)]
#[template(path = "programmes/pages/meetings/fulfil.html")]
struct FulfilPage {
    meeting: Meeting,
    agreement: Agreement,
}

impl Page for FulfilPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("agreement-fulfil")
    }
}

async fn promised(
    base: &Base,
    actor: &Actor,
    (id, agreement): (MeetingId, AgreementId),
) -> Result<FulfilPage, Problem> {
    let meeting = page(base, actor, id).await?.meeting;
    let mut agreements = meeting.agreements.iter();
    let agreement = agreements.find(|one| one.id == agreement).cloned().ok_or_else(Problem::not_found)?;
    Ok(FulfilPage { meeting, agreement })
}

async fn fulfil_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<FulfilAgreement>,
    Key(place): Key<(MeetingId, AgreementId)>,
) -> Result<Response, Problem> {
    show(&view, &promised(&base, may.actor(), place).await?)
}

async fn fulfil(
    Shared(base): Shared<Base>,
    view: View,
    may: May<FulfilAgreement>,
    Key((id, agreement)): Key<(MeetingId, AgreementId)>,
    form: Form<Fulfilment>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::fulfil(w, (id, agreement), version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &promised(&base, &actor, (id, agreement)).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, page::samples},
        programmes::pages::tests::network,
    };

    fn firm(at: u128) -> OrganisationId {
        OrganisationId(uuid::Uuid::from_u128(at))
    }

    fn meeting(state: MeetingState) -> Meeting {
        let is_written = !matches!(state, MeetingState::Planned | MeetingState::Cancelled);
        let part = |at: u128| Participant {
            organisation: firm(at),
            people: if is_written && at < 2 { "Ana <Rojas>".to_owned() } else { String::new() },
            attended: is_written.then_some(at < 2),
            confirmed_at: (is_written && at == 0).then_some(Timestamp::from_micros(0)),
        };
        let agreement = |at: u128| Agreement {
            id: AgreementId(uuid::Uuid::from_u128(at)),
            what: "Mandar el <plano>".to_owned(),
            who: firm(at),
            until: "2026-04-01".parse().unwrap(),
            done_on: (at == 1).then(|| "2026-03-20".parse().unwrap()),
            done_note: (at == 1).then(|| "Enviado".to_owned()),
        };
        Meeting {
            id: MeetingId(uuid::Uuid::nil()),
            network: NetworkId(uuid::Uuid::nil()),
            kind: MeetingKind::Visit,
            held_on: "2026-03-02".parse().unwrap(),
            place: "Rancagua".to_owned(),
            purpose: "Conocer el <taller>".to_owned(),
            state,
            called_for: firm(0),
            cancelled_because: (state == MeetingState::Cancelled).then(|| "Se enfermó Ana.".to_owned()),
            participants: (0..3).map(part).collect(),
            agreements: if is_written { (0..2).map(agreement).collect() } else { Vec::new() },
            version: 3,
        }
    }

    #[test]
    fn meetings_are_shown_in_both_languages() {
        let names: BTreeMap<_, _> = (0..3).map(|at| (firm(at), format!("Firma <{at}>"))).collect();
        let items: Vec<_> = MeetingState::ALL.iter().map(|state| meeting(*state)).collect();
        for state in MeetingState::ALL {
            for steps in [Step::ALL.to_vec(), Vec::new()] {
                let (names, own) = (names.clone(), firm(0));
                samples(&MeetingPage { network: network(), meeting: meeting(*state), names, own, steps });
            }
            samples(&MinutesPage::of(meeting(*state), |_| "Firma <1>".to_owned(), &Typed::default()));
        }
        for agreement in meeting(MeetingState::Held).agreements {
            samples(&FulfilPage { meeting: meeting(MeetingState::Held), agreement });
        }
        for (items, may_call) in [(items, true), (Vec::new(), false)] {
            let (network, names) = (network(), names.clone());
            samples(&MeetingsPage { network, items, names, may_call, next: None, prev: None });
        }
        let other = ("participants-0".to_owned(), "x".to_owned(), "Tornos <Sur>".to_owned());
        for others in [vec![other], Vec::new()] {
            samples(&CallPage { network: network(), others, today: "2026-03-02".parse().unwrap() });
        }
        let back = ("/meetings/1".to_owned(), "Visita".to_owned());
        samples(
            &Confirm::new("meeting-cancel", back, "/x".to_owned()).with("meeting-place", "x").with_reason(),
        );
    }

    #[test]
    fn who_did_not_come_and_what_was_not_agreed_on_is_left_out() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let typed = Typed::new(vec![
            pair("attendance-0-organisation", &firm(0).to_string()),
            pair("attendance-0-people", "Ana"),
            pair("attendance-1-organisation", &firm(1).to_string()),
            pair("attendance-1-people", " "),
            pair("agreements-0-what", ""),
            pair("agreements-0-who", &firm(0).to_string()),
            pair("agreements-0-until", ""),
        ]);
        let minutes: Minutes = sent(&typed).read().unwrap();
        assert_eq!((minutes.attendance.len(), minutes.agreements.len()), (1, 0));
        assert_eq!(MinutesPage::of(meeting(MeetingState::Held), |_| String::new(), &typed).agreed.len(), 3);
    }
}
