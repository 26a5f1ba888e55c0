//! The demo's case, as it stands in `case.json`. Firms, people and figures are fictional.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::foundation::access::Role;

#[derive(Deserialize)]
pub(super) struct Case {
    pub country: String,
    pub currency: String,
    pub institution: Institution,
    pub programme: Value,
    pub buyer_group: String,
    pub lead_firms: Vec<LeadFirm>,
    pub suppliers: Vec<Supplier>,
    pub networks: Vec<NetworkCase>,
    /// The waiver that the approver signs, and one that is taken back.
    pub waiver: WaiverCase,
    pub revoked_waiver: WaiverCase,
    /// Why the lead firms under common control are, and what the agency says to it.
    pub control: ControlCase,
    pub lei: LeiCase,
    /// Whom an administrator invites, and who asks to be.
    pub invited: Colleague,
    pub asks: Colleague,
    pub verified: VerifiedCase,
    /// What the supplier of the contract answers otherwise in its next round.
    pub better: BetterCase,
    pub revokes_consent: Consenting,
    pub renewal: RenewalCase,
    /// A good practice, as it is sent.
    pub practice: Value,
    pub requirements: Vec<Requirement>,
    /// Answers to number questions, by strength.
    numbers: BTreeMap<String, Value>,
    /// From which strength on boolean and certificate questions are answered yes.
    yes_from: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
pub(super) struct Institution {
    pub name: String,
    pub tax_id: String,
    pub people: Vec<Officer>,
}

#[derive(Deserialize)]
pub(super) struct Officer {
    pub name: String,
    pub email: String,
    pub role: Role,
}

#[derive(Deserialize)]
pub(super) struct Person {
    pub name: String,
    pub email: String,
}

#[derive(Deserialize)]
pub(super) struct LeadFirm {
    pub name: String,
    pub tax_id: String,
    pub key: String,
    /// Under common control with the others that are.
    pub grouped: bool,
    /// 0 weak … 4 excellent: what it answers.
    pub strength: usize,
    pub person: Person,
}

#[derive(Deserialize)]
pub(super) struct Supplier {
    pub name: String,
    pub tax_id: String,
    pub process: String,
    /// 0 weak … 4 excellent: what it answers.
    pub strength: usize,
    /// `None`: undisclosed.
    pub annual_sales: Option<u64>,
    /// It states its sales in dollars, at so many pesos.
    #[serde(default)]
    pub pesos_a_dollar: Option<u64>,
    /// Annual sales by lead firm.
    pub sales: BTreeMap<String, u64>,
    /// Units a year of its process.
    pub capacity: u64,
    /// What it asks, as a multiple of the reference price.
    pub factor: f64,
    pub person: Person,
}

/// A network, with suppliers by name.
#[derive(Deserialize)]
pub(super) struct NetworkCase {
    pub key: String,
    pub model: String,
    pub name: String,
    pub lead_firm: String,
    pub selected: Vec<String>,
    /// Why they are selected.
    pub reason: String,
    pub refused: Option<Refused>,
    /// What the selected suppliers call themselves as one.
    pub consortium: Option<String>,
}

/// A supplier that a network does not take.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub supplier: String,
    pub reason: String,
}

/// A waiver of the dependency cap, with the supplier by name.
#[derive(Deserialize)]
pub(super) struct WaiverCase {
    pub supplier: String,
    pub lead_firm: String,
    pub dependency_cap: String,
    pub reason: String,
    /// For how many days.
    pub days: i64,
    /// Why it is taken back.
    #[serde(default)]
    pub revoked: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ControlCase {
    pub ground: String,
    pub reason: String,
}

#[derive(Deserialize)]
pub(super) struct LeiCase {
    pub lead_firm: String,
    pub lei: String,
}

/// Somebody who comes into a lead firm after its first person.
#[derive(Deserialize)]
pub(super) struct Colleague {
    pub lead_firm: String,
    pub role: Role,
    pub name: String,
    pub email: String,
}

/// What a verifier answers beside a supplier, which has shown its certificate.
#[derive(Deserialize)]
pub(super) struct VerifiedCase {
    pub supplier: String,
    /// The question beside which the certificate stands.
    pub certificate: String,
    pub question: String,
    pub value: Value,
}

#[derive(Deserialize)]
pub(super) struct BetterCase {
    pub question: String,
    pub value: Value,
}

#[derive(Deserialize)]
pub(super) struct Consenting {
    pub supplier: String,
    pub lead_firm: String,
}

/// The requirement that renews the contract.
#[derive(Deserialize)]
pub(super) struct RenewalCase {
    pub title: String,
    pub network: String,
    pub lead_firm: String,
    /// Two ways to show quality: a certificate, or what is measured.
    pub criteria: Vec<Value>,
    /// It is to have two suppliers at least.
    pub max_supplier_share: String,
    pub lot: Value,
}

/// When a lot is delivered.
#[derive(Deserialize)]
pub(super) struct WindowCase {
    /// The place of the lot.
    pub lot: usize,
    /// In how many days the first delivery comes, and the last one.
    pub from: i64,
    pub to: i64,
    /// The days that suppliers need from order to delivery.
    pub lead_time: i64,
}

/// What a supplier asks, and what all are answered.
#[derive(Deserialize)]
pub(super) struct QuestionCase {
    pub supplier: String,
    pub text: String,
    pub answer: String,
}

/// How a requirement changes after offers have come in.
#[derive(Deserialize)]
pub(super) struct AmendmentCase {
    /// The place of the lot.
    pub lot: usize,
    pub quantity: u64,
    pub reason: String,
}

#[derive(Deserialize)]
pub(super) struct Requirement {
    pub lead_firm: String,
    /// The network in which it is posted; none: the whole programme.
    #[serde(default)]
    pub network: Option<String>,
    #[serde(default)]
    pub amendment: Option<AmendmentCase>,
    /// When one of its lots is delivered.
    #[serde(default)]
    pub window: Option<WindowCase>,
    /// What a supplier asks about it.
    #[serde(default)]
    pub question: Option<QuestionCase>,
    pub title: String,
    pub description: String,
    pub lots: Vec<Value>,
    pub criteria: Vec<Value>,
}

impl Case {
    pub(super) fn load() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("case.json"))
    }

    /// What a firm of this strength answers to a question of an instrument; `None`: it leaves it open.
    pub(super) fn answer(&self, question: &Value, strength: usize) -> Option<Value> {
        let code = question["code"].as_str()?;
        let yes = || strength >= self.yes_from.get(code).copied().unwrap_or(2);
        match question["kind"].as_str()? {
            "level" => {
                // Not every dimension is equally strong: the code decides, the same every time.
                let lower = code.len().is_multiple_of(5) && strength > 1;
                Some(Value::from(strength - usize::from(lower)))
            }
            "number" => self.numbers.get(code)?.get(strength).cloned(),
            "boolean" => Some(Value::from(yes())),
            "certificate" => Some(if yes() { Value::from("2028-06-30") } else { Value::from(false) }),
            _ => None,
        }
    }
}
