//! Who is told of what has happened.

use std::collections::HashSet;

use sea_orm::{Set, entity::prelude::*};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{channels, entities::notice, funding, inbox, letters::Letters};
use crate::{
    contracts, diagnostics,
    foundation::{
        access::{Actor, Kind},
        audit::Entry,
        clock::Timestamp,
        db::Write,
        http::list::Window,
        i18n::Locale,
        ids::{AccountId, AuditEntryId, OrganisationId, ProgrammeId, RequirementId},
        outbox,
        problem::Problem,
    },
    gaps,
    matching::store::matches,
    monitoring,
    notices::{Channel, IN_ROWS, Rhythm, Subject},
    objections,
    organisations::store::{interests, mandates, people},
    plans, programmes,
    requirements::{self, Requirement},
    webhooks,
};

/// Tells people of these entries; how many nobody else had told.
///
/// # Errors
/// What the database said; nobody is told then, and the entries wait on.
pub async fn tell(w: &Write, entries: &[AuditEntryId]) -> Result<usize, Problem> {
    let entries = outbox::take(w, entries).await?;
    let (mut letters, mut told) = (Letters::default(), 0);
    for entry in &entries {
        told += tell_of(w, entry, &mut letters).await?;
    }
    let letters = letters.hand_over(w).await?;
    let details = json!({ "entries": entries.len(), "told": told, "letters": letters });
    w.record("notice", Uuid::nil(), &details).await?;
    Ok(entries.len())
}

/// Sets an entry aside that could not be told, so that it holds up none of the others.
///
/// # Errors
/// What the database said.
pub async fn set_aside(w: &Write, entry: AuditEntryId, reason: &Problem) -> Result<(), Problem> {
    outbox::set_aside(w, entry, reason).await?;
    w.record("notice", entry, &json!({ "set_aside": true })).await
}

async fn tell_of(w: &Write, entry: &Entry, letters: &mut Letters) -> Result<usize, Problem> {
    let (subject, id) = entry.subject();
    let mut told = 0;
    for subject in subjects(w.db(), Subject::of(subject, id)).await? {
        // Who was made an evaluator hears of it alone, and of one's own institution, too.
        let only = if entry.operation() == "evaluators.appoint" { named(entry, "evaluator")? } else { None };
        let by = Some(entry.account());
        let news = News { subject, event: entry.operation(), at: entry.at(), by, only };
        for firm in parties(w.db(), subject, entry).await? {
            if firm != entry.organisation() || subject.is_internal() || only.is_some() {
                told += news.tell(w, firm, letters).await?;
            }
        }
    }
    Ok(told)
}

/// What people are told of: the matches of a run, and else the subject itself.
async fn subjects(db: &impl ConnectionTrait, subject: Option<Subject>) -> Result<Vec<Subject>, Problem> {
    let Some(Subject::Run(run)) = subject else { return Ok(subject.into_iter().collect()) };
    let filter = matches::Filter { run: Some(run), ..Default::default() };
    let (mut found, mut window) = (Vec::new(), Window::first(100));
    loop {
        let page = matches::list(db, &service(), filter.clone(), &window).await?;
        found.extend(page.items.iter().map(|one| Subject::Match(one.id)));
        match page.next {
            Some(next) => window = Window::at(100, Some(next)),
            None => return Ok(found),
        }
    }
}

pub(super) const fn service() -> Actor {
    Actor::system(OrganisationId(Uuid::nil()))
}

/// The firms and the institution that a subject concerns. Nobody of a subject that is no more.
async fn parties(
    db: &impl ConnectionTrait,
    subject: Subject,
    entry: &Entry,
) -> Result<Vec<OrganisationId>, Problem> {
    let found = concerned(db, subject, entry).await;
    let (mut firms, programme) = match found {
        Ok(found) => found,
        Err(problem) if problem.code == "not-found" => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    if let Some(programme) = programme {
        firms.push(programmes::store::find(db, &service(), programme).await?.institution);
    }
    firms.sort_unstable();
    firms.dedup();
    Ok(firms)
}

/// The organisations that a subject concerns, and the programme whose institution it concerns.
async fn concerned(
    db: &impl ConnectionTrait,
    subject: Subject,
    entry: &Entry,
) -> Result<(Vec<OrganisationId>, Option<ProgrammeId>), Problem> {
    let service = &service();
    let (firms, programme) = match subject {
        Subject::Network(id) => {
            let network = programmes::store::find_network(db, service, id).await?;
            let supplier = named(entry, "supplier")?;
            (network.lead_firms.into_iter().chain(supplier).collect(), network.programme)
        }
        // What a supplier sells to whom is none of its lead firms' business.
        Subject::Dependency(id) => {
            let network = programmes::store::find_network(db, service, id).await?;
            (named(entry, "supplier")?.into_iter().collect(), network.programme)
        }
        Subject::Consortium(id) => {
            let consortium = programmes::store::find_consortium(db, service, id).await?;
            let asked = consortium.members.iter().filter_map(|member| member.supplier);
            (asked.chain([consortium.speaker]).collect(), consortium.programme)
        }
        Subject::Requirement(id) if entry.operation() == "requirements.announce" => bidders(db, id).await?,
        Subject::Requirement(id) => audience(db, id).await?,
        Subject::Question(id) => {
            let question = requirements::store::questions::find(db, service, id).await?;
            audience(db, question.requirement).await?
        }
        Subject::GapAct(id) => {
            let act = gaps::store::acts::find(db, service, id, entry.at()).await?.act;
            (vec![act.supplier, act.lead_firm], act.programme)
        }
        Subject::Plan(id) => {
            let plan = plans::store::find(db, service, id).await?.plan;
            (vec![plan.supplier, plan.lead_firm], plan.programme)
        }
        Subject::Match(id) => {
            let found = matches::find(db, service, id).await?;
            (vec![found.supplier, found.lead_firm], found.programme)
        }
        Subject::Contract(id) => {
            let contract = contracts::store::find(db, service, id).await?;
            (vec![contract.supplier, contract.lead_firm], contract.programme)
        }
        Subject::Round(id) => {
            let round = monitoring::store::find_round(db, service, id).await?;
            let missing = monitoring::store::missing_from(db, service, id).await?;
            (missing.into_iter().collect(), round.programme)
        }
        Subject::Objection(id) => {
            let objection = objections::store::find(db, service, id).await?;
            (vec![objection.firm], objection.programme)
        }
        Subject::Meeting(id) => {
            let meeting = programmes::store::find_meeting(db, service, id).await?;
            let network = programmes::store::find_network(db, service, meeting.network).await?;
            (meeting.participants.iter().map(|one| one.organisation).collect(), network.programme)
        }
        Subject::Interest(id) => {
            // Whether it is in force goes by the calendar of the organisation whose it is.
            let there = Actor::system(entry.organisation());
            let (interest, _) = interests::find(db, &there, id, entry.at()).await?;
            return Ok((vec![interest.organisation], None));
        }
        Subject::Mandate(id) => {
            let (mandate, _) = mandates::find(db, service, id, entry.at()).await?;
            return Ok((vec![mandate.firm, mandate.institution], None));
        }
        Subject::Diagnostic(id) => {
            return Ok((vec![diagnostics::store::find(db, service, id).await?.organisation], None));
        }
        Subject::Appointment(_)
        | Subject::Call(_)
        | Subject::Proposal(_)
        | Subject::Commitment(_)
        | Subject::Project(_)
        | Subject::Practice(_) => return Ok((funding::concerned(db, subject, entry).await?, None)),
        Subject::Run(_) | Subject::Supplier(_) | Subject::Waiver(..) => return Err(Problem::not_found()),
    };
    Ok((firms, Some(programme)))
}

/// What an entry names in its details; `None`: nothing, or whom it concerned is erased.
pub(super) fn named<T: DeserializeOwned>(entry: &Entry, field: &str) -> Result<Option<T>, Problem> {
    let details: serde_json::Value = serde_json::from_str(entry.details().unwrap_or("{}"))?;
    Ok(details.get(field).and_then(|value| serde_json::from_value(value.clone()).ok()))
}

/// Those for whom a requirement is, and who posted it.
async fn audience(
    db: &impl ConnectionTrait,
    id: RequirementId,
) -> Result<(Vec<OrganisationId>, ProgrammeId), Problem> {
    let (mut firms, requirement) = suppliers_of(db, id).await?;
    firms.push(requirement.lead_firm);
    Ok((firms, requirement.programme))
}

/// Those who made an offer for a requirement, alone or in a consortium, and who posted it.
async fn bidders(
    db: &impl ConnectionTrait,
    id: RequirementId,
) -> Result<(Vec<OrganisationId>, ProgrammeId), Problem> {
    let requirement = requirements::store::find(db, &service(), id).await?;
    let mut firms = vec![requirement.lead_firm];
    for (supplier, consortium) in requirements::store::bidders(db, &service(), id).await? {
        firms.push(supplier);
        if let Some(id) = consortium {
            let consortium = programmes::store::find_consortium(db, &service(), id).await?;
            firms.extend(consortium.members.iter().filter_map(|member| member.supplier));
        }
    }
    Ok((firms, requirement.programme))
}

/// Those for whom a requirement is.
pub(super) async fn suppliers_of(
    db: &impl ConnectionTrait,
    id: RequirementId,
) -> Result<(Vec<OrganisationId>, Requirement), Problem> {
    let requirement = requirements::store::find(db, &service(), id).await?;
    let (programme, network) = (requirement.programme, requirement.network);
    let suppliers = programmes::store::participants(db, &service(), programme, network).await?;
    Ok((suppliers, requirement))
}

/// Something of which people are told.
pub(super) struct News<'a> {
    /// About what.
    pub(super) subject: Subject,
    /// What has happened.
    pub(super) event: &'a str,
    /// When.
    pub(super) at: Timestamp,
    /// Who did it, and is not told.
    pub(super) by: Option<AccountId>,
    /// The one person whom it concerns; `None`: everybody of the organisation.
    pub(super) only: Option<AccountId>,
}

impl News<'_> {
    /// Tells the people of an organisation who may see the subject and want to be told; how many there were.
    pub(super) async fn tell(
        &self,
        w: &Write,
        organisation: OrganisationId,
        letters: &mut Letters,
    ) -> Result<usize, Problem> {
        let topic = self.subject.topic();
        let channels = channels::of_people(w.db(), organisation, topic).await?;
        let (noun, id) = self.subject.place();
        let waiting = if IN_ROWS.contains(&self.event) {
            inbox::unread(w.db(), organisation, self.event, id).await?
        } else {
            HashSet::new()
        };
        let mut rows = Vec::new();
        for member in people::members(w.db(), &Actor::system(organisation)).await? {
            let account = member.account.id;
            let Channel { inbox, mail, .. } =
                channels.get(&account).copied().unwrap_or_else(|| Channel::usual(topic));
            let is_anothers = self.only.is_some_and(|only| only != account);
            if is_anothers || self.by == Some(account) || (!inbox && mail == Rhythm::Never) {
                continue;
            }
            let actor = Actor { account, organisation, role: member.role, locale: Locale::Es };
            if waiting.contains(&account) || !sees(w.db(), &actor, self.subject, w.at()).await? {
                continue;
            }
            let letter = (mail == Rhythm::Now).then(|| letters.to(w, account, organisation));
            if inbox {
                w.wake(account);
            }
            rows.push(notice::ActiveModel {
                id: Set(w.new_id()),
                account_id: Set(account),
                organisation_id: Set(organisation),
                topic: Set(topic),
                event: Set(self.event.to_owned()),
                subject: Set(noun.to_owned()),
                subject_id: Set(id),
                at: Set(self.at),
                read_at: Set(None),
                in_inbox: Set(inbox),
                mail: Set(mail),
                letter_id: Set(letter),
                mailed_at: Set(None),
            });
        }
        let told = rows.len();
        self.call(w, organisation).await?;
        if told > 0 {
            notice::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
        }
        Ok(told)
    }
}

impl News<'_> {
    /// Lets the organisation's programs be called, which see what an administrator sees.
    async fn call(&self, w: &Write, organisation: OrganisationId) -> Result<(), Problem> {
        let (noun, id) = self.subject.place();
        let event = webhooks::Event { event: self.event, subject: noun, subject_id: id, at: self.at };
        for (webhook, actor) in webhooks::store::called(w.db(), &service(), organisation).await? {
            if sees(w.db(), &actor, self.subject, w.at()).await? {
                webhooks::store::put(w, organisation, webhook, event).await?;
            }
        }
        Ok(())
    }
}

/// Whether somebody may see a subject: as the operations that read it say.
async fn sees(
    db: &impl ConnectionTrait,
    actor: &Actor,
    subject: Subject,
    at: Timestamp,
) -> Result<bool, Problem> {
    let seen = match subject {
        Subject::Network(id) | Subject::Dependency(id) if actor.kind() == Some(Kind::Supplier) => {
            programmes::store::own_membership(db, actor, id).await.map(drop)
        }
        Subject::Network(id) | Subject::Dependency(id) => {
            programmes::store::find_network(db, actor, id).await.map(drop)
        }
        Subject::Consortium(id) => programmes::store::find_consortium(db, actor, id).await.map(drop),
        Subject::Requirement(id) => requirements::store::find(db, actor, id).await.map(drop),
        Subject::Question(id) => requirements::store::questions::find(db, actor, id).await.map(drop),
        Subject::GapAct(id) => gaps::store::acts::find(db, actor, id, at).await.map(drop),
        Subject::Plan(id) => plans::store::find(db, actor, id).await.map(drop),
        Subject::Match(id) => matches::find(db, actor, id).await.map(drop),
        Subject::Contract(id) => contracts::store::find(db, actor, id).await.map(drop),
        Subject::Objection(id) => objections::store::find(db, actor, id).await.map(drop),
        Subject::Meeting(id) => programmes::store::find_meeting(db, actor, id).await.map(drop),
        Subject::Interest(id) => interests::find(db, actor, id, at).await.map(drop),
        Subject::Mandate(id) => mandates::find(db, actor, id, at).await.map(drop),
        Subject::Diagnostic(id) => diagnostics::store::find(db, actor, id).await.map(drop),
        Subject::Round(id) if actor.kind() == Some(Kind::Institution) => {
            monitoring::store::find_round(db, actor, id).await.map(drop)
        }
        Subject::Round(id) => {
            let filter = monitoring::store::Filter { round: Some(id), ..Default::default() };
            let own = monitoring::store::list_measurements(db, actor, filter, at, &Window::first(1)).await?;
            return Ok(!own.items.is_empty());
        }
        Subject::Waiver(programme, id) if actor.kind() == Some(Kind::Supplier) => {
            let own = programmes::store::own_waivers(db, actor, programme).await;
            own.and_then(|own| own.iter().find(|one| one.id == id).map(drop).ok_or_else(Problem::not_found))
        }
        Subject::Waiver(programme, id) => {
            programmes::store::find_waiver(db, actor, programme, id).await.map(drop)
        }
        // What is the firm's own, its people see.
        Subject::Supplier(id) => return Ok(actor.organisation == id),
        Subject::Appointment(_)
        | Subject::Call(_)
        | Subject::Proposal(_)
        | Subject::Commitment(_)
        | Subject::Project(_)
        | Subject::Practice(_) => funding::seen(db, actor, subject, at).await,
        Subject::Run(_) => return Ok(false),
    };
    match seen {
        Ok(()) => Ok(true),
        Err(problem) if problem.code == "not-found" => Ok(false),
        Err(problem) => Err(problem),
    }
}
