//! A supplier's standing to its buyers: what approvals would mean for it, by every rule that concerns it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    approvals::{
        Tested,
        dependency::{Rule, Verdict, concentration_allows, hhi},
    },
    foundation::{
        access::Actor,
        clock::Timestamp,
        ids::{OrganisationId, ProgrammeId},
        money::Currency,
        problem::Problem,
    },
    matching::{
        Match,
        position::{Exact, Exchange, OtherCurrency, Position},
        store::matches,
    },
    organisations::{
        Organisation,
        store::{firms, ledger},
    },
    programmes::{self, Programme, Rules},
};

/// What an approval of chosen matches would mean for a supplier.
///
/// Everything is read by the service: what was approved elsewhere concerns the supplier as a whole, and
/// reaches people as sums only.
pub(super) struct Standing {
    pub(super) supplier: OrganisationId,
    pub(super) before: Position,
    pub(super) after: Position,
    pub(super) firms: BTreeMap<OrganisationId, Organisation>,
    pub(super) currency: Currency,
    exchange: Exchange,
    rules: BTreeMap<(ProgrammeId, Uuid), Rule>,
    /// The rules of every programme that is concerned.
    programmes: BTreeMap<ProgrammeId, Rules>,
    /// In which programmes something from a group is approved, or would be.
    concerned: BTreeMap<Uuid, BTreeSet<ProgrammeId>>,
}

impl Standing {
    /// Where the supplier stands in a programme, and where with the chosen matches. `others` are further
    /// matches of the same programme about which [`Standing::would_allow`] will be asked. Each programme that is
    /// concerned judges by its own day of that moment.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        programme: &Programme,
        supplier: OrganisationId,
        chosen: &[&Match],
        others: &[&Match],
        at: Timestamp,
    ) -> Result<Self, Problem> {
        let service = Actor::system(programme.institution);
        let profile = ledger::profile(db, &service, supplier).await?;
        let approved = matches::approved_for(db, &service, [supplier]).await?;
        let running = matches::to_be_made_by(db, &service, [supplier]).await?;
        let exchange = Exchange::of(programme);
        let proposed = || chosen.iter().chain(others).copied();
        let buyers = running.iter().chain(&approved).chain(proposed()).map(|found| found.lead_firm);
        let buyers: BTreeSet<_> = buyers.chain(profile.buyer_sales.iter().map(|sales| sales.buyer)).collect();
        let firms = firms::find_all(db, &service, buyers).await?;
        let firms: BTreeMap<_, _> = firms.into_iter().map(|firm| (firm.id, firm)).collect();
        let group_of = |firm: OrganisationId| firms.get(&firm).map_or(firm.0, Organisation::buyer_key);
        let unclear = |found| other_currency(found, programme);

        let mut before = Position::of_ledger(&profile, &exchange, group_of).map_err(unclear)?;
        for found in &approved {
            before.approve(found, &exchange, group_of(found.lead_firm)).map_err(unclear)?;
        }
        let mut after = before.clone();
        for found in chosen {
            after.approve(found, &exchange, group_of(found.lead_firm)).map_err(unclear)?;
        }
        let mut concerned: BTreeMap<Uuid, BTreeSet<ProgrammeId>> = BTreeMap::new();
        for found in running.iter().chain(&approved).chain(proposed()) {
            concerned.entry(group_of(found.lead_firm)).or_default().insert(found.programme);
        }
        let (mut rules, mut programmes) = (BTreeMap::new(), BTreeMap::new());
        for id in concerned.values().flatten().collect::<BTreeSet<_>>() {
            let found = programmes::store::find(db, &service, *id).await?;
            let day = found.day(at);
            let waivers = programmes::store::waivers_in_force(db, &service, *id, day).await?;
            for group in concerned.keys() {
                let waiver = waivers.iter().find(|w| w.supplier == supplier && w.buyer_group == *group);
                let rule = Rule::new(&found, waiver.map(|w| w.dependency_cap), day, &exchange);
                rules.insert((*id, *group), rule.map_err(unclear)?);
            }
            programmes.insert(*id, found.rules);
        }
        let currency = programme.currency;
        Ok(Self { supplier, before, after, firms, currency, exchange, rules, programmes, concerned })
    }

    pub(super) fn group_of(&self, firm: OrganisationId) -> Uuid {
        self.firms.get(&firm).map_or(firm.0, Organisation::buyer_key)
    }

    pub(super) fn name_of(&self, firm: OrganisationId) -> &str {
        self.firms.get(&firm).map_or("", |firm| firm.name.as_str())
    }

    /// What the rules say of the match's buyer group when the chosen are approved: the first that refuses,
    /// else that of its programme.
    pub(super) fn verdict(&self, found: &Match) -> Result<Verdict, Problem> {
        self.judge(&self.before, &self.after, found.programme, self.group_of(found.lead_firm))
    }

    /// Whether a further match may be approved by itself, from a position.
    pub(super) fn would_allow(&self, from: &Position, found: &Match) -> Result<bool, Problem> {
        let group = self.group_of(found.lead_firm);
        let mut then = from.clone();
        then.approve(found, &self.exchange, group)
            .map_err(|found| Problem::internal(format!("a match in {}", found.0)))?;
        Ok(self.judge(from, &then, found.programme, group)?.allowed
            && self.too_concentrated(from, &then).is_none())
    }

    /// The cap on concentration that going from one position to the other would break, and the index then.
    fn too_concentrated(&self, from: &Position, to: &Position) -> Option<(i64, Exact)> {
        let broken = self.programmes.values().find(|rules| !concentration_allows(rules, from, to))?;
        Some((broken.hhi_cap?, hhi(to, broken.dependency_base)?))
    }

    /// The cap on concentration that the chosen would break, and the index with them.
    pub(super) fn concentration(&self) -> Option<(i64, Exact)> {
        self.too_concentrated(&self.before, &self.after)
    }

    fn judge(
        &self,
        from: &Position,
        to: &Position,
        programme: ProgrammeId,
        group: Uuid,
    ) -> Result<Verdict, Problem> {
        let others = self.concerned.get(&group).into_iter().flatten().filter(|id| **id != programme);
        let mut of_programme = None;
        for id in [&programme].into_iter().chain(others) {
            let rule = self.rule(*id, group)?;
            let verdict = rule.judge(from, to, group);
            if !verdict.allowed {
                return Ok(verdict);
            }
            of_programme.get_or_insert(verdict);
        }
        of_programme.ok_or_else(|| Problem::internal("a match without rules"))
    }

    /// The rule of a concerned programme for a buyer group.
    pub(super) fn rule(&self, programme: ProgrammeId, group: Uuid) -> Result<&Rule, Problem> {
        self.rules.get(&(programme, group)).ok_or_else(|| Problem::internal("a rule is missing"))
    }

    /// Every rule on what is approved afterwards, with both sides: what an approval is tested on.
    pub(super) fn tested(&self) -> Vec<Tested> {
        let mut tested = Vec::new();
        for (group, programmes) in &self.concerned {
            for programme in programmes {
                let Some(rule) = self.rules.get(&(*programme, *group)) else { continue };
                let Some(sides) = rule.sides(&self.after, *group) else { continue };
                let before = rule.sides(&self.before, *group);
                tested.push(Tested {
                    programme: *programme,
                    buyer_group: *group,
                    cap: rule.cap,
                    left: sides.left.to_string(),
                    right: sides.right.to_string(),
                    excess_before: before.map(|sides| sides.excess().to_string()),
                });
            }
        }
        tested
    }
}

pub(super) fn other_currency(OtherCurrency(found): OtherCurrency, programme: &Programme) -> Problem {
    Problem::conflict("other-currency-in-position").with("found", found).with("expected", programme.currency)
}
