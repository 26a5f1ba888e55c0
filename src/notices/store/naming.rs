//! What notices are about, in words: looked up when somebody reads them, and left out where they see the thing no more.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;

use crate::{
    contracts,
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        ids::{LotId, NetworkId, OrganisationId, RequirementId},
        problem::Problem,
    },
    gaps,
    matching::store::matches,
    monitoring,
    notices::{Notice, Thing},
    objections,
    organisations::store::firms,
    plans, programmes,
    requirements::store::{self as requirements, questions},
};

/// Where a thing's name is to be found.
#[derive(Clone, Default)]
struct About {
    requirement: Option<RequirementId>,
    lot: Option<LotId>,
    supplier: Option<OrganisationId>,
    network: Option<NetworkId>,
    thing: Thing,
}

/// What has been found of the notices' things, by their ids.
#[derive(Default)]
struct Found(BTreeMap<Uuid, About>);

impl Found {
    fn put(&mut self, id: impl Into<Uuid>, about: About) {
        self.0.insert(id.into(), about);
    }

    fn network(&mut self, id: impl Into<Uuid>, network: NetworkId) {
        self.put(id, About { network: Some(network), ..About::default() });
    }

    fn title(&mut self, id: impl Into<Uuid>, title: String) {
        self.put(id, About { thing: Thing { title: Some(title), ..Thing::default() }, ..About::default() });
    }

    /// What two firms agree on for a requirement.
    fn pair(&mut self, id: impl Into<Uuid>, requirement: RequirementId, supplier: OrganisationId) {
        let (requirement, supplier) = (Some(requirement), Some(supplier));
        self.put(id, About { requirement, supplier, ..About::default() });
    }
}

/// The things of one noun that notices name; `None`: there are none, and nothing is to be asked.
fn of<T: From<Uuid>>(notices: &[Notice], noun: &str) -> Option<Vec<T>> {
    let ids: BTreeSet<Uuid> =
        notices.iter().filter(|notice| notice.subject == noun).map(|notice| notice.subject_id).collect();
    (!ids.is_empty()).then(|| ids.into_iter().map(T::from).collect())
}

/// What these notices are about, by the ids of their subjects, as far as their reader sees it at that moment: in one
/// query for each kind of thing, and one for each kind of name.
///
/// # Errors
/// What the database said.
pub async fn named(
    db: &impl ConnectionTrait,
    actor: &Actor,
    notices: &[Notice],
    at: Timestamp,
) -> Result<BTreeMap<Uuid, Thing>, Problem> {
    let mut found = Found::default();
    agreed_on(db, actor, notices, &mut found).await?;
    funded(db, actor, notices, at, &mut found).await?;
    met(db, actor, notices, &mut found).await?;
    worded(db, actor, found).await
}

/// Requirements, and what follows from them.
async fn agreed_on(
    db: &impl ConnectionTrait,
    actor: &Actor,
    notices: &[Notice],
    found: &mut Found,
) -> Result<(), Problem> {
    for id in of::<RequirementId>(notices, "requirements").unwrap_or_default() {
        found.put(id, About { requirement: Some(id), ..About::default() });
    }
    if let Some(ids) = of(notices, "questions") {
        for (id, requirement) in questions::about(db, actor, ids).await? {
            found.put(id, About { requirement: Some(requirement), ..About::default() });
        }
    }
    if let Some(ids) = of(notices, "gap-acts") {
        for (id, requirement, supplier) in gaps::store::acts::about(db, actor, ids).await? {
            found.pair(id, requirement, supplier);
        }
    }
    if let Some(ids) = of(notices, "plans") {
        for (id, requirement, supplier) in plans::store::about(db, actor, ids).await? {
            found.pair(id, requirement, supplier);
        }
    }
    if let Some(ids) = of(notices, "matches") {
        for (id, requirement, lot, supplier) in matches::about(db, actor, ids).await? {
            found.pair(id, requirement, supplier);
            if let Some(about) = found.0.get_mut(&id.0) {
                about.lot = Some(lot);
            }
        }
    }
    if let Some(ids) = of(notices, "contracts") {
        for (id, requirement, supplier) in contracts::store::about(db, actor, ids).await? {
            found.pair(id, requirement, supplier);
        }
    }
    if let Some(ids) = of(notices, "objections") {
        for (id, about, firm) in objections::store::about(db, actor, ids).await? {
            let thing = Thing { objected: Some(about), ..Thing::default() };
            let firm = Some(firm).filter(|firm| *firm != actor.organisation);
            found.put(id, About { supplier: firm, thing, ..About::default() });
        }
    }
    Ok(())
}

/// Calls, and what comes of them.
async fn funded(
    db: &impl ConnectionTrait,
    actor: &Actor,
    notices: &[Notice],
    at: Timestamp,
    found: &mut Found,
) -> Result<(), Problem> {
    use programmes::store::{calls, projects};
    if let Some(ids) = of(notices, "calls") {
        for (id, title) in calls::titles(db, actor, ids).await? {
            found.title(id, title);
        }
    }
    if let Some(ids) = of(notices, "proposals") {
        for (id, title) in calls::proposal_titles(db, actor, ids, at).await? {
            found.title(id, title);
        }
    }
    if let Some(ids) = of(notices, "commitments") {
        for (id, title) in calls::commitment_titles(db, actor, ids).await? {
            found.title(id, title);
        }
    }
    if let Some(ids) = of(notices, "projects") {
        for (id, title) in projects::titles(db, actor, ids).await? {
            found.title(id, title);
        }
    }
    Ok(())
}

/// Networks, and what happens in them.
async fn met(
    db: &impl ConnectionTrait,
    actor: &Actor,
    notices: &[Notice],
    found: &mut Found,
) -> Result<(), Problem> {
    for id in of::<NetworkId>(notices, "networks").unwrap_or_default() {
        found.network(id, id);
    }
    if let Some(ids) = of(notices, "meetings") {
        for (id, network) in programmes::store::networks_of_meetings(db, actor, ids).await? {
            found.network(id, network);
        }
    }
    if let Some(ids) = of(notices, "measurement-rounds") {
        for (id, network) in monitoring::store::networks_of(db, actor, ids).await? {
            found.network(id, network);
        }
    }
    if let Some(ids) = of(notices, "consortia") {
        for (id, name) in programmes::store::consortium_names(db, actor, ids).await? {
            found.title(id, name);
        }
    }
    if let Some(ids) = of(notices, "practices") {
        for (id, title) in monitoring::store::practice_titles(db, actor, ids).await? {
            found.title(id, title);
        }
    }
    Ok(())
}

/// The names to what has been found. A supplier knows with whom it deals by the lead firm, everybody else by the
/// supplier.
async fn worded(
    db: &impl ConnectionTrait,
    actor: &Actor,
    Found(found): Found,
) -> Result<BTreeMap<Uuid, Thing>, Problem> {
    let (mut titles, mut lots) = (BTreeMap::new(), BTreeMap::new());
    let wanted: BTreeSet<_> = found.values().filter_map(|about| about.requirement).collect();
    if !wanted.is_empty() {
        titles = requirements::titles(db, actor, wanted.into_iter().collect()).await?;
    }
    let wanted: BTreeSet<_> = found.values().filter_map(|about| about.lot).collect();
    if !wanted.is_empty() {
        lots = requirements::lot_names(db, actor, wanted.into_iter().collect()).await?;
    }
    let wanted: BTreeSet<_> = found.values().filter_map(|about| about.network).collect();
    let mut networks = BTreeMap::new();
    if !wanted.is_empty() {
        networks = programmes::store::network_names(db, actor, wanted.into_iter().collect()).await?;
    }
    let is_supplier = actor.kind() == Some(Kind::Supplier);
    let of_requirement = |about: &About| titles.get(&about.requirement?);
    let firm = |about: &About| match about.supplier {
        Some(_) if is_supplier => of_requirement(about).map(|(_, lead_firm)| *lead_firm),
        other => other,
    };
    let wanted: BTreeSet<_> = found.values().filter_map(firm).collect();
    // Who sees the thing knows whose it is.
    let service = Actor::system(actor.organisation);
    let mut names = BTreeMap::new();
    if !wanted.is_empty() {
        names = firms::names(db, &service, wanted).await?;
    }
    let worded = |(id, about): (Uuid, About)| {
        let title = of_requirement(&about).map(|(title, _)| title.clone());
        let network = about.network.and_then(|id| networks.get(&id).cloned());
        let lot = about.lot.and_then(|id| lots.get(&id).cloned());
        let firm = firm(&about).and_then(|id| names.get(&id).cloned());
        let title = about.thing.title.or(title).or(network);
        (id, Thing { title, lot, firm, objected: about.thing.objected })
    };
    Ok(found.into_iter().map(worded).collect())
}
