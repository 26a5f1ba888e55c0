//! Programmes: the rules under which networks run, and who belongs to them.
//!
//! A promoting institution sets up a programme (*programa*) with a currency, a period and [`Rules`],
//! takes lead firms and suppliers in as members, and opens it; what lead firms post and what is matched
//! happens within an open programme. Draft → open → closed; there is no way back.
//!
//! Within a programme, [`networks`] select their suppliers and lead firms post to them; suppliers that bid as
//! one form [`consortia`].
//!
//! Who steers a programme, coordinates it and executes in it, and with which funds, is [`governance`]. What it pays for
//! is competed for in [`calls`] and becomes [`projects`].
//!
//! The institution sees its programmes whole. A member sees the programme and its rules, never who else
//! takes part. A *waiver* (*dispensa*) gives one supplier a cap of its own towards one buyer; it is signed
//! by the institution, with a reason and an expiry.

pub mod api;
pub mod calls;
pub mod consortia;
pub mod governance;
pub mod meetings;
pub mod networks;
pub mod pages;
pub mod projects;
mod rules;
pub mod store;

use uuid::Uuid;

pub use rules::{
    Cofinancing, DEPENDENCY_CAP, DependencyBase, ExchangeRate, GREEN, Objective, Rules, TOLERANCE,
    Thresholds, Tier, YELLOW, YELLOW_MAX_SHARE, standard_objectives,
};

use crate::{
    access,
    foundation::{
        access::{ANYONE, APPROVERS, INSTITUTION, Kind, OFFICERS, SUPPLIER},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        money::Currency,
        share::Share,
        zone::Zone,
    },
    moves,
    organisations::tax_id::{Country, TaxId},
    words,
};

access! {
    /// Set up a programme.
    Create = "programmes.create", OFFICERS, &[];
    /// Look at a programme and its rules.
    Read = "programmes.read", ANYONE, &[];
    /// List the programmes that one may see.
    List = "programmes.list", ANYONE, &[];
    /// Open a programme for requirements.
    Open = "programmes.open", OFFICERS, &["draft"];
    /// Close a programme.
    Close = "programmes.close", OFFICERS, &["open"];
    /// Change a programme's rules.
    ChangeRules = "programmes.change_rules", OFFICERS, &["draft", "open"];
    /// List the versions of a programme's rules.
    ListRules = "programmes.list_rules", ANYONE, &[];
    /// Look at one version of a programme's rules.
    ReadRules = "programmes.read_rules", ANYONE, &[];
    /// Take a firm into a programme.
    AddMember = "programmes.add_member", OFFICERS, &["draft", "open"];
    /// List a programme's members.
    ListMembers = "programmes.list_members", INSTITUTION, &[];
    /// Sign a waiver of the dependency cap.
    CreateWaiver = "waivers.create", APPROVERS, &["draft", "open"], approves;
    /// List a programme's waivers.
    ListWaivers = "waivers.list", INSTITUTION, &[];
    /// Look at a waiver.
    ReadWaiver = "waivers.read", INSTITUTION, &[];
    /// Revoke a waiver.
    RevokeWaiver = "waivers.revoke", APPROVERS, &["in_force"], decides;
    /// List the waivers that one's own firm has in a programme.
    ListOwnWaivers = "waivers.own", SUPPLIER, &[];
}

words! {
    /// How far a programme is.
    #[schema(as = ProgrammeState)]
    pub enum State {
        /// It is being set up.
        Draft = "draft",
        /// Lead firms post requirements, matches are made.
        Open = "open",
        /// It is over.
        Closed = "closed",
    }
}

moves! {
    /// What happens to a programme.
    pub enum Move of State {
        /// It begins.
        Open by Open: Draft => Open;
        /// Its rules change.
        ChangeRules by ChangeRules: Draft => Draft, Open => Open;
        /// A firm takes part.
        AddMember by AddMember: Draft => Draft, Open => Open;
        /// It is over.
        Close by Close: Open => Closed;
    }
}

/// A programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Programme {
    /// Its id.
    pub id: ProgrammeId,
    /// The institution that runs it.
    pub institution: OrganisationId,
    /// Its name.
    pub name: String,
    /// The currency of all its amounts and prices.
    pub currency: Currency,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// By whose clocks its days begin.
    pub time_zone: Zone,
    /// Where it works: a region, a valley, a town. Empty: nowhere in particular.
    pub locality: String,
    /// How far it is.
    pub state: State,
    /// Its rules.
    pub rules: Rules,
    /// Grows with every change of the rules.
    pub rules_version: i64,
    /// Grows with every change.
    pub version: i64,
}

impl Programme {
    /// The programme's calendar day at a moment.
    pub fn day(&self, at: Timestamp) -> Day {
        self.time_zone.day(at)
    }

    /// The last day on which its rules let a firm object to what was decided then.
    pub fn last_day_to_object(&self, decided: Timestamp) -> Day {
        self.day(decided).plus_days(self.rules.objection_days)
    }

    /// The cap that its rules set for a day.
    pub fn cap_on(&self, day: Day) -> Option<Share> {
        self.rules.cap_on(self.starts_on, day)
    }
}

/// The rules of a programme as they once were.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RulesVersion {
    /// Their version, which runs name.
    pub version: i64,
    /// The rules.
    pub rules: Rules,
    /// Who set them; `None`: before that was written down.
    pub changed_by: Option<AccountId>,
    /// When.
    pub changed_at: Timestamp,
}

/// A firm in a programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The firm.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Since when it takes part.
    pub added_at: Timestamp,
}

/// A cap of its own for one supplier towards one buyer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiver {
    /// Its id.
    pub id: WaiverId,
    /// The programme in which it holds.
    pub programme: ProgrammeId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// What counts as one buyer: [`buyer_key`](crate::organisations::Organisation::buyer_key). When the
    /// buyer joins a group, the waiver for the firm alone lapses.
    pub buyer_group: Uuid,
    /// The cap that holds instead of the programme's.
    pub dependency_cap: Share,
    /// Why.
    pub reason: String,
    /// Who signed it.
    pub signed_by: AccountId,
    /// When.
    pub signed_at: Timestamp,
    /// The last day on which it holds.
    pub expires_on: Day,
    /// When it was revoked, by whom and why.
    pub revoked: Option<Revoked>,
}

/// The end of a waiver before its day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

words! {
    /// Whether a waiver holds.
    pub enum WaiverState {
        /// It holds.
        InForce = "in_force",
        /// Its last day has passed.
        Expired = "expired",
        /// The institution has taken it back.
        Revoked = "revoked",
    }
}

impl Waiver {
    /// Whether it holds on a day of its programme.
    pub fn state(&self, day: Day) -> WaiverState {
        match (&self.revoked, self.expires_on < day) {
            (Some(_), _) => WaiverState::Revoked,
            (None, true) => WaiverState::Expired,
            (None, false) => WaiverState::InForce,
        }
    }
}

/// A programme to set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProgramme {
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// By whose clocks its days begin; usually UTC.
    pub time_zone: Zone,
    /// Where it works; may be empty.
    pub locality: String,
    /// Its rules, in its currency.
    pub rules: Rules,
}

impl Input for NewProgramme {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, currency) = (f.text("name", 2..=200), f.required::<Currency>("currency"));
        let (starts_on, ends_on) = (f.required::<Day>("starts_on"), f.required::<Day>("ends_on"));
        if let (Some(first), Some(last)) = (starts_on, ends_on)
            && last < first
        {
            f.fail("ends_on", Fault::new("ends-before-start"));
        }
        let rules = f.optional_object::<Rules>("rules");
        if let (Some(currency), Some(Some(rules))) = (currency, &rules) {
            for (place, fault) in rules.misfits(currency) {
                f.fail_within("rules", &place, fault);
            }
        }
        let (time_zone, locality) =
            (f.or("time_zone", Zone::default()), f.optional_text("locality", 2..=200));
        let currency = currency?;
        Some(Self {
            name: name?,
            currency,
            starts_on: starts_on?,
            ends_on: ends_on?,
            time_zone: time_zone?,
            locality: locality?.unwrap_or_default(),
            rules: rules?.unwrap_or_else(|| Rules::standard(currency)),
        })
    }
}

/// A firm to take into a programme: one that the institution sees, or one whose tax id it knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NewMember {
    /// The firm.
    Firm(OrganisationId),
    /// The firm's tax id.
    TaxId(TaxId),
}

impl Input for NewMember {
    fn read(f: &mut Fields) -> Option<Self> {
        let organisation = f.optional::<OrganisationId>("organisation")?;
        if let Some(id) = organisation {
            return Some(Self::Firm(id));
        }
        let (country, number) = (f.required::<Country>("country"), f.text("tax_id", 2..=40));
        TaxId::parse(country?, &number?).map_err(|fault| f.fail("tax_id", fault)).ok().map(Self::TaxId)
    }
}

/// A waiver to sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWaiver {
    /// The supplier.
    pub supplier: OrganisationId,
    /// The buyer; the waiver holds for the whole buyer group in which it is.
    pub lead_firm: OrganisationId,
    /// The cap that holds instead of the programme's.
    pub dependency_cap: Share,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires_on: Day,
}

impl Input for NewWaiver {
    fn read(f: &mut Fields) -> Option<Self> {
        let (supplier, lead_firm) = (f.required("supplier"), f.required("lead_firm"));
        let (dependency_cap, reason) = (f.required("dependency_cap"), f.reason());
        let expires_on = f.required("expires_on");
        Some(Self {
            supplier: supplier?,
            lead_firm: lead_firm?,
            dependency_cap: dependency_cap?,
            reason: reason?,
            expires_on: expires_on?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_programme_ends_on_its_first_day_at_the_earliest() {
        let may_end_on = |last: &str| {
            let json =
                json!({ "name": "Red", "currency": "USD", "starts_on": "2026-03-02", "ends_on": last });
            Fields::from_json::<NewProgramme>(json.to_string().as_bytes()).is_ok()
        };
        assert!(may_end_on("2026-03-02") && may_end_on("2026-03-03") && !may_end_on("2026-03-01"));
    }
}
