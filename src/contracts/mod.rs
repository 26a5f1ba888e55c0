//! Contracts: what becomes of approved matches, and how it is kept.
//!
//! A contract (*contrato de suministro*) is drawn up from one approved match, or from several of the same
//! requirement and supplier. Its terms never change: a draft that is wrong is withdrawn and drawn up anew.
//! Supplier and lead firm sign in either order; with the second signature it is active. [`Move`] is the one
//! table of legal moves.
//!
//! **What it does to the ledger.** An active contract is existing business: with the second signature, and in
//! the same write, its annual amount enters the supplier's sales ledger (source `contract`, reference the
//! contract's id) and its matches leave what is approved on top, so that nothing counts twice. Ending it in
//! whatever way ends the entry.
//!
//! **Renewal.** A contract may renew one that is active: when it becomes active, the old one ends. Before that
//! the institution announces the renewal, naming the lot that will replace it. An announcement alone changes
//! nothing: only a position with the supplier's own match of that very lot leaves the old entry out, for a
//! renewal replaces the sales that it renews. A run leaves it out for whoever may win the lot there. The
//! institution may take the announcement back.
//!
//! **Performance.** Each fact is recorded by the side that receives: deliveries by the lead firm, payments by
//! the supplier. Entries are never changed; a correction is an entry of its own that takes another's place.
//! The [`scorecard`] is made from them and says nothing about what nobody has recorded.

pub mod api;
pub mod pages;
pub mod scorecard;
pub mod store;
#[cfg(test)]
mod tests;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::{
    access,
    foundation::{
        access::{ANYONE, FIRM_WRITERS, LEAD_FIRM_WRITERS, OFFICERS, Role, SUPPLIER_WRITERS, WRITERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        ids::{
            AccountId, ContractId, DeliveryId, LotId, MatchId, OrganisationId, PaymentId, ProgrammeId,
            RequirementId,
        },
        money::{Currency, Money, UnitPrice},
    },
    matching::Match,
    words,
};

/// Officers, and those in lead firms who write.
const THOSE_WHO_DRAW_UP: &[Role] = &[
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];
/// Both firms and the institution.
const THOSE_WHO_END: &[Role] = WRITERS;
/// States of a contract that has been active.
const PERFORMED: &[&str] = &["active", "ended", "terminated"];

access! {
    /// Draw a contract up from approved matches.
    Create = "contracts.create", THOSE_WHO_DRAW_UP, &[];
    /// Look at a contract.
    Read = "contracts.read", ANYONE, &[];
    /// List the contracts that one may see.
    List = "contracts.list", ANYONE, &[];
    /// Sign a contract for one's firm.
    Sign = "contracts.sign", FIRM_WRITERS, &["draft", "signed_by_supplier", "signed_by_lead_firm"];
    /// Withdraw a contract that is not active yet.
    Withdraw = "contracts.withdraw", THOSE_WHO_END, &["draft", "signed_by_supplier", "signed_by_lead_firm"];
    /// End a contract whose term is over.
    End = "contracts.end", THOSE_WHO_END, &["active"];
    /// Terminate a contract before its term is over.
    Terminate = "contracts.terminate", THOSE_WHO_END, &["active"];
    /// Announce that a lot renews a contract, so that its award replaces the contract's sales.
    AnnounceRenewal = "contracts.announce_renewal", OFFICERS, &["active"];
    /// Take the announcement of a renewal back.
    WithdrawRenewal = "contracts.withdraw_renewal", OFFICERS, &["active"];
    /// Record a delivery that was received, or is due.
    RecordDelivery = "deliveries.create", LEAD_FIRM_WRITERS, PERFORMED;
    /// List a contract's deliveries.
    ListDeliveries = "deliveries.list", ANYONE, &[];
    /// Record an invoice, and its payment.
    RecordPayment = "payments.create", SUPPLIER_WRITERS, PERFORMED;
    /// List a contract's invoices and payments.
    ListPayments = "payments.list", ANYONE, &[];
    /// Read how a supplier has kept its contracts.
    ReadScorecard = "scorecards.read", ANYONE, &[];
}

words! {
    /// How far a contract is.
    #[schema(as = ContractState)]
    pub enum State {
        /// Nobody has signed.
        Draft = "draft",
        /// The supplier has signed, the lead firm has not.
        SignedBySupplier = "signed_by_supplier",
        /// The lead firm has signed, the supplier has not.
        SignedByLeadFirm = "signed_by_lead_firm",
        /// Both have signed.
        Active = "active",
        /// Its term is over, or another contract has renewed it.
        Ended = "ended",
        /// Somebody has ended it before its term was over.
        Terminated = "terminated",
        /// Somebody has withdrawn it before both had signed.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What somebody does with a contract.
    pub enum Move {
        /// The supplier signs.
        SupplierSigns = "supplier_signs",
        /// The lead firm signs.
        LeadFirmSigns = "lead_firm_signs",
        /// Somebody withdraws it.
        Withdraw = "withdraw",
        /// Its term is over.
        End = "end",
        /// Somebody terminates it.
        Terminate = "terminate",
    }
}

impl Move {
    /// The state after the move, when it is legal.
    pub const fn from(self, state: State) -> Option<State> {
        use State::{Active, Draft, Ended, SignedByLeadFirm, SignedBySupplier, Terminated, Withdrawn};
        match (self, state) {
            (Self::SupplierSigns, Draft) => Some(SignedBySupplier),
            (Self::LeadFirmSigns, Draft) => Some(SignedByLeadFirm),
            (Self::SupplierSigns, SignedByLeadFirm) | (Self::LeadFirmSigns, SignedBySupplier) => Some(Active),
            (Self::Withdraw, Draft | SignedBySupplier | SignedByLeadFirm) => Some(Withdrawn),
            (Self::End, Active) => Some(Ended),
            (Self::Terminate, Active) => Some(Terminated),
            _ => None,
        }
    }
}

/// A signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// By whom.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// A supply contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The requirement.
    pub requirement: RequirementId,
    /// The buyer.
    pub lead_firm: OrganisationId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// How far it is.
    pub state: State,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// Days from the invoice to the payment, as agreed.
    pub payment_days: i32,
    /// Sum of its lines.
    pub amount: Money,
    /// What it brings in a year, rounded half up to the minor unit.
    pub annual_amount: Money,
    /// The contract that it renews.
    pub renews: Option<ContractId>,
    /// The lot that is announced to renew it, while it is active.
    pub renewed_by_lot: Option<LotId>,
    /// SHA-256 of its canonical terms: what both sign.
    pub content_hash: String,
    /// The supplier's signature.
    pub supplier_signed: Option<Signature>,
    /// The lead firm's signature.
    pub lead_firm_signed: Option<Signature>,
    /// The day on which it ended.
    pub ended_on: Option<Day>,
    /// Why it was withdrawn or terminated.
    pub reason: Option<String>,
    /// When it was drawn up.
    pub created_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
    /// What it is made of.
    pub lines: Vec<Line>,
}

/// A line of a contract: an approved match.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Line {
    /// The match.
    pub r#match: MatchId,
    /// The lot.
    pub lot: LotId,
    /// Whole units.
    pub quantity: i64,
    /// Price per unit.
    pub unit_price: UnitPrice,
    /// Length of the contract.
    pub years: i32,
    /// Quantity × price, rounded half up to the minor unit.
    pub amount: Money,
}

/// The annual amounts of matches, added up exactly and rounded half up to the minor unit once.
pub fn annual_amount(matches: &[Match], currency: Currency) -> Option<Money> {
    let exact: BigRational = matches.iter().map(Match::exact_annual_amount).sum();
    let minor = exact * BigRational::from_integer(10_i64.checked_pow(currency.decimals())?.into());
    let half = BigRational::new(1.into(), 2.into());
    Some(Money::new((minor + half).floor().to_integer().to_i64()?, currency))
}

/// The last day of a contract that begins on a day and lasts so many years.
pub fn last_day(starts_on: Day, years: i32) -> Day {
    let begun = starts_on.date();
    let year = begun.year().saturating_add(years);
    // 29 February has no anniversary in most years: the year is over on 28 February.
    let anniversary = begun
        .replace_year(year)
        .ok()
        .or_else(|| time::Date::from_calendar_date(year, time::Month::March, 1).ok());
    anniversary.map_or(Day::from(time::Date::MAX), |day| Day::from(day).plus_days(-1))
}

/// So many matches go into one contract at most.
const MOST_LINES: usize = 200;

/// A contract to draw up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewContract {
    /// Approved matches of one requirement and supplier, at least one.
    pub matches: Vec<MatchId>,
    /// Its first day.
    pub starts_on: Day,
    /// Days from the invoice to the payment.
    pub payment_days: i32,
    /// The contract that it renews.
    pub renews: Option<ContractId>,
}

impl Input for NewContract {
    fn read(f: &mut Fields) -> Option<Self> {
        let (matches, starts_on) = (f.values::<MatchId>("matches", MOST_LINES), f.required("starts_on"));
        let (payment_days, renews) = (f.number("payment_days", 0..=365), f.optional("renews"));
        if matches.as_ref().is_some_and(Vec::is_empty) {
            f.fail("matches", Fault::new("required"));
        }
        Some(Self {
            matches: matches?,
            starts_on: starts_on?,
            payment_days: i32::try_from(payment_days?).ok()?,
            renews: renews?,
        })
    }
}

/// The lot that renews a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// A lot of the same lead firm.
    pub lot: LotId,
}

impl Input for Renewal {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { lot: f.required("lot")? })
    }
}

/// What the lead firm says of a delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// A lot of the contract.
    pub lot: LotId,
    /// When it was due.
    pub due_on: Day,
    /// When it came; `None`: it has not, or nobody knows.
    pub made_on: Option<Day>,
    /// Units that came, or that are due.
    pub units: i64,
    /// Of them accepted; `None`: not inspected.
    pub accepted: Option<i64>,
    /// Of them rejected; `None`: not inspected.
    pub rejected: Option<i64>,
    /// Anything else.
    pub note: Option<String>,
    /// The entry whose place this one takes.
    pub corrects: Option<DeliveryId>,
}

const MOST_UNITS: i64 = 1_000_000_000_000;

impl Input for NewDelivery {
    fn read(f: &mut Fields) -> Option<Self> {
        let (lot, due_on, made_on) = (f.required("lot"), f.required("due_on"), f.optional::<Day>("made_on"));
        let units = f.number("units", 1..=MOST_UNITS);
        let accepted = f.optional_number("accepted", 0..=MOST_UNITS);
        let rejected = f.optional_number("rejected", 0..=MOST_UNITS);
        let (note, corrects) = (f.optional_text("note", 1..=2_000), f.optional("corrects"));
        let inspected = |found: Option<Option<i64>>| found.flatten();
        let (yes, no) = (inspected(accepted), inspected(rejected));
        if made_on == Some(None) && (yes.is_some() || no.is_some()) {
            f.fail("made_on", Fault::new("inspected-before-made"));
            return None;
        }
        let known = yes.unwrap_or(0) + no.unwrap_or(0);
        if units.is_some_and(|units| known > units) {
            f.fail("units", Fault("more-inspected-than-delivered", vec![("inspected", known.to_string())]));
            return None;
        }
        Some(Self {
            lot: lot?,
            due_on: due_on?,
            made_on: made_on?,
            units: units?,
            accepted: accepted?,
            rejected: rejected?,
            note: note?,
            corrects: corrects?,
        })
    }
}

/// An entry about a delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The contract.
    pub contract: ContractId,
    /// What it says.
    pub said: NewDelivery,
    /// The entry that has taken its place.
    pub corrected_by: Option<DeliveryId>,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
}

impl NewDelivery {
    /// Days after the due day (negative: before); `None` while it has not come.
    pub fn delay_days(&self) -> Option<i64> {
        Some(self.made_on?.days_since(self.due_on))
    }
}

/// What the supplier says of an invoice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPayment {
    /// Its number.
    pub invoice: String,
    /// Its day.
    pub invoiced_on: Day,
    /// When it is due; `None`: after the days agreed in the contract.
    pub due_on: Option<Day>,
    /// When it was paid; `None`: it has not been.
    pub paid_on: Option<Day>,
    /// Its amount.
    pub amount: Money,
    /// Anything else.
    pub note: Option<String>,
    /// The entry whose place this one takes.
    pub corrects: Option<PaymentId>,
}

impl Input for NewPayment {
    fn read(f: &mut Fields) -> Option<Self> {
        let (invoice, invoiced_on) = (f.text("invoice", 1..=60), f.required::<Day>("invoiced_on"));
        let (due_on, paid_on) = (f.optional::<Day>("due_on"), f.optional::<Day>("paid_on"));
        let (amount, note) = (f.required("amount"), f.optional_text("note", 1..=2_000));
        let corrects = f.optional("corrects");
        let in_order = in_order(f, invoiced_on, due_on.flatten(), paid_on.flatten());
        Some(Self {
            invoice: invoice?,
            invoiced_on: invoiced_on?,
            due_on: due_on?,
            paid_on: paid_on?,
            amount: amount?,
            note: note?,
            corrects: corrects?,
        })
        .filter(|_| in_order)
    }
}

/// Whether nothing is due or paid before the invoice; notes where it is.
fn in_order(f: &mut Fields, invoiced_on: Option<Day>, due_on: Option<Day>, paid_on: Option<Day>) -> bool {
    let mut in_order = true;
    for (name, day) in [("due_on", due_on), ("paid_on", paid_on)] {
        if invoiced_on.zip(day).is_some_and(|(invoiced, day)| day < invoiced) {
            f.fail(name, Fault::new("before-the-invoice"));
            in_order = false;
        }
    }
    in_order
}

/// An entry about an invoice and its payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The contract.
    pub contract: ContractId,
    /// Number of the invoice.
    pub invoice: String,
    /// Its day.
    pub invoiced_on: Day,
    /// When it is due.
    pub due_on: Day,
    /// When it was paid.
    pub paid_on: Option<Day>,
    /// Its amount.
    pub amount: Money,
    /// Anything else.
    pub note: Option<String>,
    /// The entry whose place it takes.
    pub corrects: Option<PaymentId>,
    /// The entry that has taken its place.
    pub corrected_by: Option<PaymentId>,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
}

impl Payment {
    /// Days from the invoice to its payment; `None` while it is open.
    pub fn days_to_pay(&self) -> Option<i64> {
        Some(self.paid_on?.days_since(self.invoiced_on))
    }
}

/// Of which time a scorecard speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
}

/// A scorecard looks back so many days at most.
const LONGEST: i64 = 3_660;

impl Input for Period {
    fn read(f: &mut Fields) -> Option<Self> {
        let (from, to) = (f.required::<Day>("from"), f.required::<Day>("to"));
        let period = Self { from: from?, to: to? };
        if period.to < period.from {
            f.fail("to", Fault::new("ends-before-start"));
            return None;
        }
        if period.to.days_since(period.from) > LONGEST {
            f.fail("from", Fault("period-too-long", vec![("most", LONGEST.to_string())]));
            return None;
        }
        Some(period)
    }
}
