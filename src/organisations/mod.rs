//! Who takes part: firms, institutions, their people, and which buyers are one.
//!
//! A person has one *account* and is a *member* of one or more organisations, in a role. An
//! [`Actor`](crate::foundation::access::Actor) is a person acting for one of them. Firms register
//! themselves or are registered by an institution; institutions are opened by the operator.
//!
//! Lead firms under common control form a *buyer group* (*grupo comprador*) and count as one buyer in
//! every rule about dependency; they declare it, an institution confirms it ([`control`]). A supplier's annual
//! sales, its sales per buyer, its capacities, processes and certificates ([`skills`]) belong to the supplier: its
//! own people see them, the officers of institutions that it works with, and the lead firms for which it has
//! consented ([`consents`]), whose reading it is told.
//!
//! People come in by invitation ([`joining`]), and replace a forgotten password by letter ([`resets`]). Whoever has
//! declared an interest in an organisation decides nothing about it ([`interests`]). A supplier lets an institution's
//! adviser answer its diagnostic for it by a mandate ([`mandates`]).
//!
//! Where a process is named by a code of the UNSPSC, the operator's table says what the code is called ([`unspsc`]).

pub mod api;
pub mod auth;
pub mod consents;
pub mod control;
pub mod interests;
pub mod jobs;
pub mod joining;
pub mod logins;
pub mod mandates;
pub mod pages;
pub mod password;
pub mod reading_log;
pub mod resets;
pub mod second_factor;
pub mod session;
pub mod skills;
pub mod store;
pub mod tax_id;
pub mod unspsc;

use crate::{
    access,
    foundation::{
        access::{ADMINISTRATORS, ANYONE, INSTITUTION, Kind, OFFICERS, PUBLIC, Role, SUPPLIER_WRITERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input, Raw, Value},
        i18n::Locale,
        ids::{AccountId, BuyerGroupId, LotId, OrganisationId, TokenId},
        money::{Currency, Money},
    },
    words,
};
use tax_id::{Country, TaxId};

access! {
    /// Register a firm with its first administrator.
    Register = "organisations.register", PUBLIC, &[];
    /// Look at an organisation.
    Read = "organisations.read", ANYONE, &[];
    /// List the organisations that one may see.
    List = "organisations.list", ANYONE, &[];
    /// State one's organisation's legal entity identifier.
    StateLei = "organisations.state_lei", ADMINISTRATORS, &[];
    /// List the members of one's organisation.
    ListMembers = "members.list", ANYONE, &[];
    /// Add a person to one's organisation.
    AddMember = "members.add", ADMINISTRATORS, &[];
    /// Change a member's role.
    ChangeMember = "members.change", ADMINISTRATORS, &[];
    /// Exchange e-mail and password for an API token.
    CreateToken = "tokens.create", PUBLIC, &[];
    /// List one's API tokens.
    ListTokens = "tokens.list", ANYONE, &[];
    /// Revoke one of one's API tokens.
    RevokeToken = "tokens.revoke", ANYONE, &[];
    /// See who one is.
    WhoAmI = "accounts.me", ANYONE, &[];
    /// Declare that buyers are under common control.
    CreateBuyerGroup = "buyer_groups.create", OFFICERS, &[];
    /// List buyer groups.
    ListBuyerGroups = "buyer_groups.list", INSTITUTION, &[];
    /// Look at a supplier's sales and capacities.
    ReadProfile = "profiles.read", ANYONE, &[];
    /// State a supplier's annual sales.
    StateSales = "profiles.state_sales", SUPPLIER_WRITERS, &[];
    /// State a supplier's annual sales to one lead firm.
    StateBuyerSales = "profiles.state_buyer_sales", SUPPLIER_WRITERS, &[];
    /// State a supplier's capacity in one process.
    StateCapacity = "profiles.state_capacity", SUPPLIER_WRITERS, &[];
}

/// A firm or an institution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// What it is in the programmes.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where it is registered.
    pub country: Country,
    /// Its tax id there, in canonical form.
    pub tax_id: String,
    /// For a lead firm under common control with others.
    pub buyer_group: Option<BuyerGroupId>,
    /// Its legal entity identifier (ISO 17442), where it has one.
    pub lei: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

impl Organisation {
    /// What counts as one buyer: the buyer group, or the firm alone.
    pub fn buyer_key(&self) -> uuid::Uuid {
        self.buyer_group.map_or(self.id.0, |group| group.0)
    }

    /// Its calendar day at that moment, for what belongs to it alone: diagnostics and certificates. What belongs to a
    /// programme goes by the programme's day.
    pub fn day(&self, at: Timestamp) -> Day {
        self.country.zone().day(at)
    }
}

/// A person's account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its e-mail address, in lower case; unique.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The language in which it is written to.
    pub locale: Locale,
    /// When its password was last changed.
    pub password_at: Timestamp,
}

/// A person in an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The person.
    pub account: Account,
    /// Their role there.
    pub role: Role,
    /// Grows with every change.
    pub version: i64,
}

/// An API token, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// From which address it was asked for; unknown of tokens of before.
    pub made_from: Option<String>,
    /// When it was used last, to a quarter of an hour.
    pub used_at: Option<Timestamp>,
    /// From which address, then.
    pub used_from: Option<String>,
}

/// Lead firms under common control.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuyerGroup {
    /// Its id.
    pub id: BuyerGroupId,
    /// Its name.
    pub name: String,
    /// Grows with every change.
    pub version: i64,
}

words! {
    /// Where a figure of the sales ledger comes from.
    pub enum SalesSource {
        /// The supplier said so.
        Declared = "declared",
        /// An imported contract.
        Import = "import",
        /// A contract of this service.
        Contract = "contract",
    }
}

/// A supplier's economic position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The supplier.
    pub supplier: OrganisationId,
    /// Sales of the last twelve months; `None` = undisclosed.
    pub annual_sales: Option<Money>,
    /// The currency of its figures, once it has stated any.
    pub currency: Option<Currency>,
    /// The day for which the annual sales were stated.
    pub as_of: Option<Day>,
    /// Where the annual sales come from.
    pub source: Option<SalesSource>,
    /// Annual sales per buyer.
    pub buyer_sales: Vec<BuyerSales>,
    /// What it can make, per process.
    pub capacities: Vec<Capacity>,
    /// Grows with every change.
    pub version: i64,
}

impl Profile {
    /// What the supplier itself states that it sells to single lead firms, where that is more than all that it states.
    pub fn stated_beyond_all(&self) -> Option<(Money, Money)> {
        let all = self.annual_sales.filter(|_| self.source == Some(SalesSource::Declared))?;
        let is_stated = |sales: &&BuyerSales| {
            sales.source == SalesSource::Declared && sales.amount.currency == all.currency
        };
        let stated = self.buyer_sales.iter().filter(is_stated);
        let sum = stated.fold(0_i64, |sum, sales| sum.saturating_add(sales.amount.minor));
        (sum > all.minor).then(|| (Money::new(sum, all.currency), all))
    }
}

/// Existing annual sales of a supplier to one buyer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuyerSales {
    /// The lead firm.
    pub buyer: OrganisationId,
    /// Annual amount.
    pub amount: Money,
    /// The day for which it was stated.
    pub as_of: Day,
    /// Where it comes from.
    pub source: SalesSource,
    /// The lot that will replace it, once the supplier is awarded that lot.
    pub replaced_by_lot: Option<LotId>,
}

/// What a supplier can make of one process in a year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// The process, as lots name it.
    pub process: String,
    /// The process's own unit.
    pub unit: String,
    /// Amount, in millionths of the unit.
    pub amount_millionths: i64,
}

/// A firm to register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewOrganisation {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Country and tax id, checked.
    pub tax_id: TaxId,
}

/// As what a firm registers: an institution is opened by whoever runs the service.
struct FirmKind(Kind);

impl Value for FirmKind {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.one_of(&[Kind::Supplier.word(), Kind::LeadFirm.word()]).map(Self)
    }
}

impl Input for NewOrganisation {
    fn read(f: &mut Fields) -> Option<Self> {
        let kind = f.required("kind").map(|FirmKind(kind)| kind);
        let (name, country) = (f.text("name", 2..=200), f.required::<Country>("country"));
        if country == Some(Country::UNKNOWN) {
            f.fail("country", Fault::new("not-a-country"));
        }
        let number = f.text("tax_id", 2..=40);
        let tax_id = match (country, number) {
            (Some(country), Some(number)) => {
                TaxId::parse(country, &number).map_err(|fault| f.fail("tax_id", fault)).ok()
            }
            _ => None,
        };
        Some(Self { kind: kind?, name: name?, tax_id: tax_id? })
    }
}

/// A person to give an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPerson {
    /// In lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// At least ten characters, and none of the common ones.
    pub password: String,
    /// The language in which to write to them.
    pub locale: Locale,
}

impl Input for NewPerson {
    fn read(f: &mut Fields) -> Option<Self> {
        let (email, name) = (email(f), f.text("name", 2..=200));
        let own = [email.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default()];
        let (password, locale) = (password::chosen(f, &own), f.or("locale", Locale::Es));
        Some(Self { email: email?, name: name?, password: password?, locale: locale? })
    }
}

/// The version of the notice on personal data that is in force: whoever gets an account accepts it.
pub const PRIVACY_NOTICE: i64 = 1;

/// The version of the notice that somebody accepts, which must be the one in force.
pub fn accepted_notice(f: &mut Fields, name: &'static str) -> Option<i64> {
    let version = f.number(name, 1..=1_000)?;
    if version == PRIVACY_NOTICE {
        return Some(version);
    }
    f.fail(name, Fault("other-privacy-notice", vec![("version", PRIVACY_NOTICE.to_string())]));
    None
}

/// An e-mail address: something, one `@`, a domain with a point. Who reads it shows whether it works.
pub fn email(f: &mut Fields) -> Option<String> {
    let text = f.text("email", 3..=254)?.to_lowercase();
    let plausible = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    });
    if !plausible {
        f.fail("email", Fault::new("not-an-email"));
        return None;
    }
    Some(text)
}

/// A registration: the firm and its first administrator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
    /// The firm.
    pub organisation: NewOrganisation,
    /// Its administrator.
    pub administrator: NewPerson,
    /// The version of the notice on personal data that the administrator accepts.
    pub privacy_notice: i64,
}

impl Input for Registration {
    fn read(f: &mut Fields) -> Option<Self> {
        let (organisation, administrator) = (f.object("organisation"), f.object("administrator"));
        let privacy_notice = accepted_notice(f, "privacy_notice");
        Some(Self {
            organisation: organisation?,
            administrator: administrator?,
            privacy_notice: privacy_notice?,
        })
    }
}

/// A person to add to an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMember {
    /// The person.
    pub person: NewPerson,
    /// Their role.
    pub role: Role,
}

impl Input for NewMember {
    fn read(f: &mut Fields) -> Option<Self> {
        let (person, role) = (NewPerson::read(f), f.required("role"));
        Some(Self { person: person?, role: role? })
    }
}

/// A member's new role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleChange {
    /// The role.
    pub role: Role,
}

impl Input for RoleChange {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { role: f.required("role")? })
    }
}

/// E-mail and password, for a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// In lower case.
    pub email: String,
    /// As typed.
    pub password: String,
    /// For which organisation to act; needed by members of several.
    pub organisation: Option<OrganisationId>,
    /// What to call the token.
    pub name: String,
    /// A code of the second factor, or a recovery code, where the account has one.
    pub code: Option<String>,
}

impl Input for Credentials {
    fn read(f: &mut Fields) -> Option<Self> {
        let (email, password) = (f.text("email", 1..=254), f.text("password", 1..=200));
        let (organisation, name) = (f.optional("organisation"), f.optional_text("name", 1..=100));
        let code = f.optional_text("code", 1..=60);
        Some(Self {
            email: email?.to_lowercase(),
            password: password?,
            organisation: organisation?,
            name: name?.unwrap_or_else(|| "API".to_owned()),
            code: code?,
        })
    }
}

/// The name of a buyer group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewBuyerGroup {
    /// Its name.
    pub name: String,
}

impl Input for NewBuyerGroup {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { name: f.text("name", 2..=200)? })
    }
}

/// A supplier's annual sales, as stated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatedSales {
    /// `None`: the supplier does not disclose them.
    pub annual_sales: Option<Money>,
    /// The day for which they are stated.
    pub as_of: Day,
}

impl Input for StatedSales {
    fn read(f: &mut Fields) -> Option<Self> {
        let (annual_sales, as_of) = (f.optional("annual_sales"), f.required("as_of"));
        Some(Self { annual_sales: annual_sales?, as_of: as_of? })
    }
}

/// A supplier's annual sales to one lead firm, as stated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatedBuyerSales {
    /// Annual amount.
    pub amount: Money,
    /// The day for which it is stated.
    pub as_of: Day,
}

impl Input for StatedBuyerSales {
    fn read(f: &mut Fields) -> Option<Self> {
        let (amount, as_of) = (f.required("amount"), f.required("as_of"));
        Some(Self { amount: amount?, as_of: as_of? })
    }
}

/// The most processes of which a supplier states a capacity.
pub const MOST_CAPACITIES: usize = 500;

/// A supplier's capacity in one process, as stated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatedCapacity {
    /// The process's own unit.
    pub unit: String,
    /// In millionths of the unit.
    pub amount_millionths: i64,
}

impl Input for StatedCapacity {
    fn read(f: &mut Fields) -> Option<Self> {
        let (unit, amount) =
            (f.text("unit", 1..=20), f.required::<crate::foundation::money::UnitPrice>("amount"));
        Some(Self { unit: unit?, amount_millionths: amount?.0 })
    }
}

/// A legal entity identifier, as stated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatedLei {
    /// Twenty characters with two check digits; `None` takes it back.
    pub lei: Option<String>,
}

impl Input for StatedLei {
    fn read(f: &mut Fields) -> Option<Self> {
        let Some(text) = f.optional_text("lei", 1..=30)? else { return Some(Self { lei: None }) };
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let Ok(lei) = lei::parse(&plain.to_uppercase()) else {
            f.fail("lei", Fault::new("wrong-lei"));
            return None;
        };
        Some(Self { lei: Some(lei.to_string()) })
    }
}
