//! A requirement as an OCDS 1.1.5 release: the way out.
//!
//! Lots are the standard's lots, each with one item; criteria become its requirements, offers its bids, approved
//! matches its awards. What the standard has no field for is the process of a lot that is no UNSPSC code: it stands
//! in `additionalClassifications` under [`PROCESS_SCHEME`], and reading understands it. Numbers are written from
//! their digits.

use serde_json::{Number, Value as Json, json};

use super::PROCESS_SCHEME;
use crate::{
    contracts::{Contract, State as ContractState},
    foundation::{
        clock::{Day, Timestamp},
        ids::{LotId, OrganisationId},
        money::{Currency, Money, UnitPrice},
    },
    matching::Match,
    organisations::{Organisation, unspsc},
    requirements::{
        Lot, Offer, Requirement, State,
        criteria::{Criterion, Demand},
    },
};

/// The extensions that a release uses.
const EXTENSIONS: &[&str] = &[
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_requirements_extension/master/extension.json",
];

/// What of a requirement goes out: as much of it as its reader may see.
pub struct Publication {
    /// The requirement.
    pub requirement: Requirement,
    /// The lead firm, and whoever is named below.
    pub firms: Vec<Organisation>,
    /// Offers, once they are open.
    pub offers: Vec<Offer>,
    /// Approved matches.
    pub matches: Vec<Match>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// The publisher's registered prefix: `ocds-abc123`.
    pub prefix: Option<String>,
}

/// Where and when a package is published, and by whom.
pub struct Imprint {
    /// The address of the package.
    pub uri: String,
    /// The institution.
    pub publisher: String,
    /// The moment.
    pub at: Timestamp,
}

impl Publication {
    /// The open contracting id: the one with which it came, else one of the publisher's.
    pub fn ocid(&self) -> String {
        let own = || {
            let prefix = self.prefix.as_deref().unwrap_or("eslabon");
            format!("{prefix}-{}", self.requirement.id)
        };
        self.requirement.external_reference.clone().unwrap_or_else(own)
    }

    fn firm(&self, id: OrganisationId) -> Option<&Organisation> {
        self.firms.iter().find(|firm| firm.id == id)
    }

    fn reference(&self, id: OrganisationId) -> Option<Json> {
        self.firm(id).map(|firm| json!({ "id": party_id(firm), "name": firm.name }))
    }

    /// Whether the bidder's name goes out: of those who were awarded something, and of records that were public.
    pub fn names(&self, offer: &Offer) -> bool {
        let awarded = self.matches.iter().any(|found| found.supplier == offer.supplier);
        awarded || self.requirement.external_reference.is_some()
    }

    /// The release. `tag` is what the standard calls it.
    pub fn release(&self, tags: &[&str]) -> Json {
        let requirement = &self.requirement;
        let moments = [requirement.published_at, requirement.closed_at, requirement.awarded_at];
        let date = moments.into_iter().flatten().max();
        let mut release = json!({
            "ocid": self.ocid(),
            "id": format!("{}-{}", self.ocid(), requirement.version),
            "tag": tags,
            "initiationType": "tender",
            "language": "es",
            "parties": self.firms.iter().map(|firm| self.party(firm)).collect::<Vec<_>>(),
            "tender": self.tender(),
        });
        put(&mut release, "date", date.map(|at| json!(at)));
        put(&mut release, "buyer", self.reference(requirement.lead_firm));
        let bids: Vec<Json> = self.offers.iter().filter_map(|offer| self.bid(offer)).collect();
        put(&mut release, "bids", (!bids.is_empty()).then(|| json!({ "details": bids })));
        let awards: Vec<Json> = self.matches.iter().map(|found| self.award(found)).collect();
        put(&mut release, "awards", (!awards.is_empty()).then(|| json!(awards)));
        let contracts: Vec<Json> = self.contracts.iter().map(|contract| self.contract(contract)).collect();
        put(&mut release, "contracts", (!contracts.is_empty()).then(|| json!(contracts)));
        release
    }

    /// The tags of a release that tells all of this at once.
    pub fn tags(&self) -> Vec<&'static str> {
        let more = [(self.matches.is_empty(), "award"), (self.contracts.is_empty(), "contract")];
        let more = more.into_iter().filter(|(empty, _)| !empty).map(|(_, tag)| tag);
        std::iter::once("tender").chain(more).collect()
    }

    fn party(&self, firm: &Organisation) -> Json {
        let buys = firm.id == self.requirement.lead_firm;
        let sells = self.matches.iter().any(|found| found.supplier == firm.id)
            || self.contracts.iter().any(|contract| contract.supplier == firm.id);
        let bids = self.offers.iter().any(|offer| offer.supplier == firm.id);
        let roles = [(buys, "buyer"), (buys, "procuringEntity"), (sells, "supplier"), (bids, "tenderer")];
        json!({
            "id": party_id(firm),
            "name": firm.name,
            "identifier": { "scheme": scheme(firm.country.code()), "id": firm.tax_id, "legalName": firm.name },
            "roles": roles.into_iter().filter(|(has, _)| *has).map(|(_, role)| role).collect::<Vec<_>>(),
        })
    }

    fn tender(&self) -> Json {
        let requirement = &self.requirement;
        let status = if requirement.state == State::Published { "active" } else { "complete" };
        let currency = requirement.currency;
        let mut tender = json!({
            "id": requirement.id,
            "title": requirement.title,
            "status": status,
            "procurementMethod": "selective",
            "items": requirement.lots.iter().map(|lot| item(lot, currency)).collect::<Vec<_>>(),
            "lots": requirement.lots.iter().map(|lot| lot_json(lot, status, currency)).collect::<Vec<_>>(),
        });
        put(&mut tender, "description", Some(json!(requirement.description)).filter(|text| text != ""));
        // Without a single price nothing else would say in which currency the requirement is.
        let priced = requirement.lots.iter().any(|lot| lot.reference_price.is_some());
        put(&mut tender, "value", (!priced).then(|| json!({ "currency": currency.code() })));
        put(&mut tender, "procuringEntity", self.reference(requirement.lead_firm));
        let mut period = json!({});
        put(&mut period, "startDate", requirement.published_at.map(|at| json!(at)));
        put(&mut period, "endDate", requirement.closes_at.or(requirement.closed_at).map(|at| json!(at)));
        put(&mut tender, "tenderPeriod", Some(period).filter(|period| period != &json!({})));
        let criteria: Vec<Json> =
            (0..).zip(&requirement.criteria).map(|(at, one)| criterion(at, one)).collect();
        put(&mut tender, "criteria", (!criteria.is_empty()).then(|| json!(criteria)));
        tender
    }

    fn bid(&self, offer: &Offer) -> Option<Json> {
        let lot = self.requirement.lots.iter().find(|lot| lot.id == offer.lot)?;
        let currency = self.requirement.currency;
        let units = offer.max_quantity.unwrap_or(lot.quantity);
        let mut bid = json!({
            "id": format!("{}-{}", offer.lot, self.offers.iter().position(|other| other == offer)?),
            "date": offer.offered_at,
            "status": "valid",
            "relatedLots": [offer.lot],
            "items": [{
                "id": offer.lot, "relatedLot": offer.lot, "quantity": units,
                "unit": { "name": lot.unit, "value": price(offer.unit_price, currency) },
            }],
        });
        put(&mut bid, "value", worth(offer.unit_price, units, currency));
        if self.names(offer) {
            put(&mut bid, "tenderers", self.reference(offer.supplier).map(|firm| json!([firm])));
        }
        Some(bid)
    }

    fn award(&self, found: &Match) -> Json {
        let mut award = json!({
            "id": found.id,
            "status": "active",
            "value": money(found.amount),
            "relatedLots": [found.lot],
        });
        put(&mut award, "date", found.decided_at.map(|at| json!(at)));
        put(&mut award, "suppliers", self.reference(found.supplier).map(|firm| json!([firm])));
        put(
            &mut award,
            "items",
            self.sold(found.lot, found.quantity, found.unit_price).map(|item| json!([item])),
        );
        award
    }

    fn contract(&self, contract: &Contract) -> Json {
        let status = match contract.state {
            ContractState::Draft | ContractState::SignedBySupplier | ContractState::SignedByLeadFirm => {
                "pending"
            }
            ContractState::Active => "active",
            ContractState::Ended | ContractState::Terminated => "terminated",
            ContractState::Withdrawn => "cancelled",
        };
        let items =
            contract.lines.iter().filter_map(|line| self.sold(line.lot, line.quantity, line.unit_price));
        let mut json = json!({
            "id": contract.id,
            "status": status,
            "value": money(contract.amount),
            "period": { "startDate": midnight(contract.starts_on), "endDate": midnight(contract.ends_on) },
            "items": items.collect::<Vec<_>>(),
        });
        put(&mut json, "awardID", contract.lines.first().map(|line| json!(line.r#match)));
        let signed = [&contract.supplier_signed, &contract.lead_firm_signed];
        let signed = signed.map(|signature| signature.as_ref().map(|signature| signature.at));
        if let [Some(one), Some(other)] = signed {
            put(&mut json, "dateSigned", Some(json!(one.max(other))));
        }
        json
    }

    /// An item of an award or a contract.
    fn sold(&self, lot: LotId, units: i64, unit_price: UnitPrice) -> Option<Json> {
        let lot = self.requirement.lots.iter().find(|other| other.id == lot)?;
        let currency = self.requirement.currency;
        let mut sold = item(lot, currency);
        sold["quantity"] = json!(units);
        sold["unit"]["value"] = price(unit_price, currency);
        Some(sold)
    }

    /// A release package with this one release.
    pub fn release_package(&self, imprint: &Imprint) -> Json {
        package(imprint, "releases", vec![self.release(&self.tags())])
    }

    /// A record package with this one record.
    pub fn record_package(&self, imprint: &Imprint) -> Json {
        let release = self.release(&self.tags());
        let mut compiled = self.release(&["compiled"]);
        compiled["id"] = json!(format!("{}-compiled", self.ocid()));
        package(
            imprint,
            "records",
            vec![json!({
                "ocid": self.ocid(), "releases": [release], "compiledRelease": compiled,
            })],
        )
    }
}

fn package(imprint: &Imprint, key: &str, content: Vec<Json>) -> Json {
    let mut package = json!({
        "uri": imprint.uri,
        "version": "1.1",
        "extensions": EXTENSIONS,
        "publisher": { "name": imprint.publisher },
        "publishedDate": imprint.at,
    });
    package[key] = Json::Array(content);
    package
}

fn put(object: &mut Json, key: &str, value: Option<Json>) {
    if let (Some(map), Some(value)) = (object.as_object_mut(), value) {
        map.insert(key.to_owned(), value);
    }
}

/// The register of a country's tax ids, as org-id.guide names it.
fn scheme(country: &str) -> String {
    let register = match country {
        "AR" => "CUIT",
        "BR" => "CNPJ",
        "CL" | "UY" => "RUT",
        "CO" | "BO" | "GT" => "NIT",
        "EC" | "PA" | "PE" | "PY" | "NI" => "RUC",
        "MX" => "RFC",
        "VE" => "RIF",
        "DO" => "RNC",
        "HN" => "RTN",
        _ => "TAX",
    };
    format!("{country}-{register}")
}

fn party_id(firm: &Organisation) -> String {
    format!("{}-{}", scheme(firm.country.code()), firm.tax_id)
}

fn item(lot: &Lot, currency: Currency) -> Json {
    let mut unit = json!({ "name": lot.unit });
    if let Some(code) = &lot.unit_code {
        put(&mut unit, "scheme", Some(json!("UNCEFACT")));
        put(&mut unit, "id", Some(json!(code)));
    }
    put(&mut unit, "value", lot.reference_price.map(|one| price(one, currency)));
    let mut item = json!({
        "id": lot.id, "description": lot.name, "quantity": lot.quantity, "relatedLot": lot.id, "unit": unit,
        "additionalClassifications": [{ "scheme": PROCESS_SCHEME, "id": lot.process, "description": lot.process }],
    });
    let code = unspsc::is_code(&lot.process).then(|| json!({ "scheme": "UNSPSC", "id": lot.process }));
    put(&mut item, "classification", code);
    item
}

fn lot_json(lot: &Lot, status: &str, currency: Currency) -> Json {
    let mut json = json!({ "id": lot.id, "title": lot.name, "status": status });
    put(&mut json, "value", lot.reference_price.and_then(|price| worth(price, lot.quantity, currency)));
    if let (Some(from), Some(to)) = (lot.delivery.from, lot.delivery.to) {
        let period = json!({ "startDate": midnight(from), "endDate": midnight(to) });
        put(&mut json, "contractPeriod", Some(period));
    }
    json
}

/// A criterion of the requirements extension: one group with one requirement.
fn criterion(at: usize, criterion: &Criterion) -> Json {
    let id = format!("criterion-{}", at + 1);
    let mut demanded = json!({ "id": format!("{id}-1"), "title": criterion.question });
    let bounds: Vec<(&str, Json)> = match &criterion.demand {
        Demand::Boolean { expected } => {
            vec![("dataType", json!("boolean")), ("expectedValue", json!(expected))]
        }
        Demand::Level { minimum } => vec![("dataType", json!("integer")), ("minValue", json!(minimum))],
        Demand::Number(bounds) => {
            let values = [
                ("minValue", bounds.minimum),
                ("maxValue", bounds.maximum),
                ("expectedValue", bounds.expected),
            ];
            let values =
                values.into_iter().filter_map(|(key, value)| Some((key, number(&value?.to_string()))));
            std::iter::once(("dataType", json!("number"))).chain(values).collect()
        }
        Demand::Certificate { .. } => vec![("dataType", json!("boolean")), ("expectedValue", json!(true))],
    };
    for (key, value) in bounds {
        put(&mut demanded, key, Some(value));
    }
    json!({
        "id": id, "title": criterion.question,
        "requirementGroups": [{ "id": format!("{id}-group"), "requirements": [demanded] }],
    })
}

/// A number from its digits.
fn number(digits: &str) -> Json {
    digits.parse::<Number>().map_or_else(|_| json!(digits), Json::Number)
}

fn money(money: Money) -> Json {
    json!({ "amount": number(&money.amount()), "currency": money.currency.code() })
}

fn price(price: UnitPrice, currency: Currency) -> Json {
    json!({ "amount": number(&price.to_string()), "currency": currency.code() })
}

/// What so many units are worth, rounded half up to the minor unit.
fn worth(price: UnitPrice, units: i64, currency: Currency) -> Option<Json> {
    let scale = 10_i128.pow(6_u32.checked_sub(currency.decimals())?);
    let minor = (i128::from(price.0) * i128::from(units) + scale / 2) / scale;
    Some(money(Money::new(i64::try_from(minor).ok()?, currency)))
}

/// The beginning of a day, for a standard that knows moments only.
fn midnight(day: Day) -> String {
    format!("{day}T00:00:00Z")
}
