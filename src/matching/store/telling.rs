//! A run told to people: with the names of what its answer calls by ids.

use std::collections::{BTreeMap, BTreeSet};

use eslabon_solver::{Instance, Outcome};
use sea_orm::ConnectionTrait;

use super::runs;
use crate::{
    foundation::{
        access::Actor,
        ids::{OrganisationId, ProgrammeId, RunId},
        problem::Problem,
        zone::Zone,
    },
    matching::Run,
    organisations::store::firms,
    programmes, requirements,
};

/// What ids of an instance are called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// Firms, by id.
    pub firms: BTreeMap<String, String>,
    /// Lots, by id.
    pub lots: BTreeMap<String, LotName>,
    /// Buyer groups: the lead firms of the programme that belong to them.
    pub groups: BTreeMap<String, String>,
}

/// What a lot is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LotName {
    /// The lot's name.
    pub name: String,
    /// The requirement's title.
    pub requirement: String,
    /// In what it is counted.
    pub unit: String,
}

impl Names {
    /// The name of a firm, of several for a consortium's id, or the id itself.
    pub fn firm<'a>(&'a self, id: &'a str) -> &'a str {
        self.firms.get(id).map_or(id, String::as_str)
    }

    /// The name of a lot.
    pub fn lot<'a>(&'a self, id: &'a str) -> &'a str {
        self.lots.get(id).map_or(id, |lot| lot.name.as_str())
    }

    /// The name of a buyer group; `None`: none of this programme.
    pub fn group(&self, id: &str) -> Option<&str> {
        self.groups.get(id).or_else(|| self.firms.get(id)).map(String::as_str)
    }
}

/// A run with what it was asked, as far as it is known, and the names.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// The run.
    pub run: Run,
    /// The programme's name.
    pub programme: String,
    /// By whose clocks its moments are told.
    pub zone: Zone,
    /// What was asked.
    pub instance: Instance,
    /// What its ids are called.
    pub names: Names,
}

/// A run, for whoever may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn tell(db: &impl ConnectionTrait, actor: &Actor, id: RunId) -> Result<Told, Problem> {
    let run = runs::find(db, actor, id).await?;
    let programme = programmes::store::find(db, actor, run.programme).await?;
    let instance = runs::reading(&runs::instance(db, actor, id).await?)?.instance;
    let names = names(db, actor, run.programme, &instance).await?;
    Ok(Told { run, programme: programme.name, zone: programme.time_zone, instance, names })
}

async fn names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    instance: &Instance,
) -> Result<Names, Problem> {
    let buyers = instance.buyers.iter().map(|buyer| &buyer.id);
    let groups = instance.sales.iter().map(|sales| &sales.group);
    let ids = instance.suppliers.iter().map(|supplier| &supplier.id).chain(buyers).chain(groups);
    let ids: BTreeSet<OrganisationId> = ids.filter_map(|id| id.parse().ok()).collect();
    let found = firms::find_all(db, actor, ids).await?;
    let mut names = Names::default();
    names.firms.extend(found.into_iter().map(|firm| (firm.id.to_string(), firm.name)));
    for consortium in &instance.consortia {
        let members: Vec<_> = consortium.members.iter().map(|id| names.firm(id)).collect();
        let together = members.join(" + ");
        names.firms.insert(consortium.id.clone(), together);
    }
    for buyer in &instance.buyers {
        let name = names.firm(&buyer.id).to_owned();
        let group = names.groups.entry(buyer.group.clone()).or_default();
        if !group.is_empty() {
            group.push_str(" + ");
        }
        group.push_str(&name);
    }
    for requirement in requirements::store::closed_in_programme(db, actor, programme).await? {
        for lot in requirement.lots {
            let (name, unit) = (lot.terms.name, lot.terms.unit);
            let called = LotName { name, requirement: requirement.title.clone(), unit };
            names.lots.insert(lot.id.to_string(), called);
        }
    }
    Ok(names)
}

/// A finished run of a programme, as a point of the frontier.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The run, without its answer.
    pub run: Run,
    /// What was asked.
    pub instance: Instance,
    /// The answer.
    pub outcome: Outcome,
}

/// So many of the latest finished runs of a programme, with what was asked and answered.
///
/// # Errors
/// 404 when the actor may not see the programme.
pub async fn answered(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    most: u64,
) -> Result<Vec<Answered>, Problem> {
    let mut answers = Vec::new();
    for run in runs::finished(db, actor, programme, most).await? {
        let Some(outcome) = runs::find(db, actor, run.id).await?.outcome else { continue };
        let instance = runs::reading(&runs::instance(db, actor, run.id).await?)?.instance;
        answers.push(Answered { run, instance, outcome });
    }
    Ok(answers)
}
