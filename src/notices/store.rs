//! Who is told what, and what is kept of it.

use sea_orm::{QueryFilter, Set, entity::prelude::*};
use serde_json::json;

use super::{Filter, Marked, Notice, Preferences, Subject, Topic};
use crate::{
    contracts,
    foundation::{
        access::{Actor, Kind},
        audit::Entry,
        clock::Timestamp,
        db::Write,
        http::list::{Page, Window},
        i18n::Locale,
        ids::{OrganisationId, ProgrammeId, RequirementId},
        outbox,
        problem::Problem,
    },
    gaps,
    matching::store::matches,
    organisations::store::people,
    plans, programmes, requirements,
};

mod notice {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NoticeId, OrganisationId},
        },
        notices::Topic,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoticeId,
        pub account_id: AccountId,
        pub organisation_id: OrganisationId,
        pub topic: Topic,
        pub event: String,
        pub subject: String,
        pub subject_id: Uuid,
        pub at: Timestamp,
        pub read_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod muted {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::ids::{AccountId, OrganisationId},
        notices::Topic,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "muted_topics")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: Topic,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many entries are told in one write.
const AT_ONCE: u64 = 20;

/// Tells people of the oldest entries that wait; how many entries there were.
///
/// # Errors
/// What the database said; nobody is told then, and the entries wait on.
pub async fn tell(w: &Write) -> Result<usize, Problem> {
    let entries = outbox::take(w, AT_ONCE).await?;
    let mut told = 0;
    for entry in &entries {
        told += tell_of(w, entry).await?;
    }
    w.record("notice", Uuid::nil(), &json!({ "entries": entries.len(), "told": told })).await?;
    Ok(entries.len())
}

async fn tell_of(w: &Write, entry: &Entry) -> Result<usize, Problem> {
    let (subject, id) = entry.subject();
    let mut told = 0;
    for subject in subjects(w.db(), Subject::of(subject, id)).await? {
        for firm in parties(w.db(), subject, entry).await? {
            if firm != entry.organisation() {
                told += tell_people(w, entry, subject, firm).await?;
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
        let page = matches::list(db, &service(), filter, &window).await?;
        found.extend(page.items.iter().map(|one| Subject::Match(one.id)));
        match page.next {
            Some(next) => window = Window::at(100, Some(next)),
            None => return Ok(found),
        }
    }
}

const fn service() -> Actor {
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
    firms.push(programmes::store::find(db, &service(), programme).await?.institution);
    firms.sort_unstable();
    firms.dedup();
    Ok(firms)
}

/// The firms that a subject concerns, and its programme.
async fn concerned(
    db: &impl ConnectionTrait,
    subject: Subject,
    entry: &Entry,
) -> Result<(Vec<OrganisationId>, ProgrammeId), Problem> {
    let service = &service();
    Ok(match subject {
        Subject::Network(id) => {
            let network = programmes::store::find_network(db, service, id).await?;
            let details: serde_json::Value = serde_json::from_str(entry.details().unwrap_or("{}"))?;
            let supplier = details.get("supplier").and_then(|id| serde_json::from_value(id.clone()).ok());
            (network.lead_firms.into_iter().chain(supplier).collect(), network.programme)
        }
        Subject::Consortium(id) => {
            let consortium = programmes::store::find_consortium(db, service, id).await?;
            let asked = consortium.members.iter().filter_map(|member| member.supplier);
            (asked.chain([consortium.speaker]).collect(), consortium.programme)
        }
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
        Subject::Run(_) => return Err(Problem::not_found()),
    })
}

/// Those for whom a requirement is, and who posted it.
async fn audience(
    db: &impl ConnectionTrait,
    id: RequirementId,
) -> Result<(Vec<OrganisationId>, ProgrammeId), Problem> {
    let requirement = requirements::store::find(db, &service(), id).await?;
    let (programme, network) = (requirement.programme, requirement.network);
    let mut firms = programmes::store::participants(db, &service(), programme, network).await?;
    firms.push(requirement.lead_firm);
    Ok((firms, programme))
}

/// Tells the people of an organisation who may see the subject and want to be told.
async fn tell_people(
    w: &Write,
    entry: &Entry,
    subject: Subject,
    organisation: OrganisationId,
) -> Result<usize, Problem> {
    let muted = muted::Entity::find()
        .filter(muted::Column::OrganisationId.eq(organisation))
        .filter(muted::Column::Topic.eq(subject.topic()))
        .all(w.db())
        .await?;
    let mut rows = Vec::new();
    for member in people::members(w.db(), &Actor::system(organisation)).await? {
        let account = member.account.id;
        if account == entry.account() || muted.iter().any(|row| row.account_id == account) {
            continue;
        }
        let actor = Actor { account, organisation, role: member.role, locale: Locale::Es };
        if !sees(w.db(), &actor, subject, w.at()).await? {
            continue;
        }
        let (noun, id) = subject.place();
        rows.push(notice::ActiveModel {
            id: Set(w.new_id()),
            account_id: Set(account),
            organisation_id: Set(organisation),
            topic: Set(subject.topic()),
            event: Set(entry.operation().to_owned()),
            subject: Set(noun.to_owned()),
            subject_id: Set(id),
            at: Set(entry.at()),
            read_at: Set(None),
        });
    }
    let told = rows.len();
    if told > 0 {
        notice::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    }
    Ok(told)
}

/// Whether somebody may see a subject: as the operations that read it say.
async fn sees(
    db: &impl ConnectionTrait,
    actor: &Actor,
    subject: Subject,
    at: Timestamp,
) -> Result<bool, Problem> {
    let seen = match subject {
        Subject::Network(id) if actor.kind() == Some(Kind::Supplier) => {
            programmes::store::own_membership(db, actor, id).await.map(drop)
        }
        Subject::Network(id) => programmes::store::find_network(db, actor, id).await.map(drop),
        Subject::Consortium(id) => programmes::store::find_consortium(db, actor, id).await.map(drop),
        Subject::Requirement(id) => requirements::store::find(db, actor, id).await.map(drop),
        Subject::Question(id) => requirements::store::questions::find(db, actor, id).await.map(drop),
        Subject::GapAct(id) => gaps::store::acts::find(db, actor, id, at).await.map(drop),
        Subject::Plan(id) => plans::store::find(db, actor, id).await.map(drop),
        Subject::Match(id) => matches::find(db, actor, id).await.map(drop),
        Subject::Contract(id) => contracts::store::find(db, actor, id).await.map(drop),
        Subject::Run(_) => return Ok(false),
    };
    match seen {
        Ok(()) => Ok(true),
        Err(problem) if problem.code == "not-found" => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// The actor's own notices, oldest first.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: &Filter,
) -> Result<Page<Notice>, Problem> {
    let mut query = own(actor);
    if filter.unread {
        query = query.filter(notice::Column::ReadAt.is_null());
    }
    if let Some(topic) = filter.topic {
        query = query.filter(notice::Column::Topic.eq(topic));
    }
    let filters = (actor.account, filter.unread, filter.topic);
    let page = filter.window.fetch(actor, query, notice::Column::Id, |row| row.id.0, &filters, db).await?;
    Ok(page.map(Notice::from))
}

fn own(actor: &Actor) -> Select<notice::Entity> {
    notice::Entity::find()
        .filter(notice::Column::AccountId.eq(actor.account))
        .filter(notice::Column::OrganisationId.eq(actor.organisation))
}

/// Marks notices of the actor's own as read: those that are named, or all. How many were not before.
///
/// # Errors
/// What the database said.
pub async fn mark_read(w: &Write, marked: &Marked) -> Result<u64, Problem> {
    let row = notice::ActiveModel { read_at: Set(Some(w.at())), ..Default::default() };
    let mut update = notice::Entity::update_many()
        .set(row)
        .filter(notice::Column::AccountId.eq(w.actor().account))
        .filter(notice::Column::OrganisationId.eq(w.actor().organisation))
        .filter(notice::Column::ReadAt.is_null());
    if !marked.notices.is_empty() {
        update = update.filter(notice::Column::Id.is_in(marked.notices.iter().copied()));
    }
    let changed = update.exec(w.db()).await?.rows_affected;
    w.record("account", w.actor().account, &json!({ "read": changed })).await?;
    Ok(changed)
}

/// What the actor does not want to be told.
///
/// # Errors
/// What the database said.
pub async fn preferences(db: &impl ConnectionTrait, actor: &Actor) -> Result<Preferences, Problem> {
    let rows = muted::Entity::find()
        .filter(muted::Column::AccountId.eq(actor.account))
        .filter(muted::Column::OrganisationId.eq(actor.organisation))
        .all(db)
        .await?;
    let mut muted: Vec<Topic> = rows.into_iter().map(|row| row.topic).collect();
    muted.sort_unstable();
    Ok(Preferences { muted })
}

/// Says what the actor does not want to be told from now on.
///
/// # Errors
/// What the database said.
pub async fn put_preferences(w: &Write, new: &Preferences) -> Result<(), Problem> {
    let (account, organisation) = (w.actor().account, w.actor().organisation);
    muted::Entity::delete_many()
        .filter(muted::Column::AccountId.eq(account))
        .filter(muted::Column::OrganisationId.eq(organisation))
        .exec(w.db())
        .await?;
    let rows = new.muted.iter().map(|topic| muted::ActiveModel {
        account_id: Set(account),
        organisation_id: Set(organisation),
        topic: Set(*topic),
    });
    if !new.muted.is_empty() {
        muted::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    }
    w.record("account", account, &json!({ "muted": new.muted })).await
}

impl From<notice::Model> for Notice {
    fn from(row: notice::Model) -> Self {
        Self {
            id: row.id,
            topic: row.topic,
            event: row.event,
            subject: row.subject,
            subject_id: row.subject_id,
            at: row.at,
            read_at: row.read_at,
        }
    }
}
