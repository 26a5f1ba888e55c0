//! From registration to gaps: what happens before anything is matched.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Failure, PASSWORD,
    caller::{Answer, Caller, text},
    case::{AmendmentCase, Case, Person, QuestionCase},
    networks::{Vertical, supplier},
    people,
};
use crate::{
    cli::user,
    foundation::{Base, access::Kind, clock::Day, i18n::Locale},
    organisations::{NewPerson, tax_id::TaxId},
};

/// Everybody, logged in.
pub(super) struct Network {
    pub administrator: Caller,
    pub officer: Caller,
    pub approver: Caller,
    pub programme: String,
    pub lead_firms: Vec<Firm>,
    pub suppliers: Vec<Firm>,
    /// The buyer group's id and name.
    group: (String, String),
}

/// A firm and its person.
pub(super) struct Firm {
    pub id: String,
    pub key: String,
    pub name: String,
    pub strength: usize,
    pub caller: Caller,
}

impl Network {
    /// The name of a firm, by id.
    pub(super) fn name(&self, id: &str) -> &str {
        let mut firms = self.lead_firms.iter().chain(&self.suppliers);
        firms.find(|firm| firm.id == id).map_or("?", |firm| firm.name.as_str())
    }

    /// The name of what counts as one buyer: a buyer group, or a lead firm alone.
    pub(super) fn buyer(&self, id: &str) -> &str {
        if id == self.group.0 { &self.group.1 } else { self.name(id) }
    }

    pub(super) fn lead_firm(&self, key: &str) -> Result<&Firm, Failure> {
        let found = self.lead_firms.iter().find(|firm| firm.key == key);
        found.ok_or_else(|| format!("the case names no lead firm {key}").into())
    }
}

/// A requirement that was posted and closed.
pub(super) struct Posted {
    pub id: String,
    pub title: String,
    pub lead_firm: String,
    pub lots: BTreeMap<String, String>,
    pub criteria: usize,
    pub offers: usize,
    /// Why it was amended, and how many offers had to be confirmed for that.
    pub amended: Option<(String, usize)>,
    /// A lot with its first and last day of delivery.
    pub window: Option<(String, Day, Day)>,
    /// What a supplier asked, and the answer.
    pub asked: Option<(String, String)>,
}

/// The institution opens a programme; firms register, state their sales and capacities, and join.
pub(super) async fn set_up(base: &Base, case: &Case, nobody: &Caller) -> Result<Network, Failure> {
    let country = case.country.parse()?;
    let tax_id = TaxId::parse(country, &case.institution.tax_id).map_err(|fault| fault.0)?;
    for officer in &case.institution.people {
        let person = NewPerson {
            email: officer.email.clone(),
            name: officer.name.clone(),
            password: PASSWORD.to_owned(),
            locale: Locale::Es,
        };
        let name = Some(case.institution.name.clone());
        user::open(base, Kind::Institution, tax_id.clone(), name, &person, officer.role)
            .await
            .map_err(|problem| user::said(&problem))?;
    }
    let by_role =
        |role: &str| case.institution.people.iter().find(|o| o.role.word() == role).map(|o| &o.email);
    let administrator = by_role("institution_administrator").ok_or("the case has no administrator")?;
    let administrator = nobody.log_in(administrator, PASSWORD).await?;
    let officer = nobody.log_in(by_role("officer").ok_or("the case has no officer")?, PASSWORD).await?;
    let approver = nobody.log_in(by_role("approver").ok_or("the case has no approver")?, PASSWORD).await?;

    let mut programme = case.programme.clone();
    programme["currency"] = json!(case.currency);
    // It has just begun, whenever somebody looks at it.
    let today = base.clock.now().day();
    programme["starts_on"] = json!(today.plus_days(-30));
    programme["ends_on"] = json!(today.plus_days(3 * 365));
    let programme = officer.post("/programmes", programme).await?;
    let id = programme.text("id");
    officer.post_if(&format!("/programmes/{id}/open"), &programme.etag, json!({})).await?;

    let group = officer.post("/buyer-groups", json!({ "name": case.buyer_group })).await?.text("id");
    // The first lead firm of the group.
    let mut sister: Option<String> = None;
    let mut lead_firms = Vec::new();
    for firm in &case.lead_firms {
        let new = (Kind::LeadFirm, &firm.name, &firm.tax_id, &firm.person);
        let (firm_id, caller) = join(case, nobody, &officer, &id, new).await?;
        if firm.grouped {
            if let Some(with) = &sister {
                people::declare_control(case, &caller, (with, &group), &officer).await?;
            }
            sister.get_or_insert_with(|| firm_id.clone());
        }
        let (key, name) = (firm.key.clone(), firm.name.clone());
        lead_firms.push(Firm { id: firm_id, key, name, strength: firm.strength, caller });
    }
    let group = (group, case.buyer_group.clone());
    let suppliers = Vec::new();
    let mut network =
        Network { administrator, officer, approver, programme: id, lead_firms, suppliers, group };
    for firm in &case.suppliers {
        let new = (Kind::Supplier, &firm.name, &firm.tax_id, &firm.person);
        let (firm_id, caller) = join(case, nobody, &network.officer, &network.programme, new).await?;
        let as_of = "2025-12-31";
        let money = |amount: u64| match firm.pesos_a_dollar {
            Some(rate) => json!({ "amount": (amount / rate).to_string(), "currency": "USD" }),
            None => json!({ "amount": amount.to_string(), "currency": case.currency }),
        };
        if let Some(annual) = firm.annual_sales {
            let stated = json!({ "annual_sales": money(annual), "as_of": as_of });
            caller.put_if("/profile/sales", "\"0\"", stated).await?;
        }
        for (key, amount) in &firm.sales {
            let stated = json!({ "amount": money(*amount), "as_of": as_of });
            let buyer = &network.lead_firm(key)?.id;
            caller.put(&format!("/profile/sales/{buyer}"), stated).await?;
        }
        let capacity = json!({ "unit": "unidad", "amount": firm.capacity.to_string() });
        caller.put(&format!("/profile/capacities/{}", firm.process), capacity).await?;
        for lead_firm in &network.lead_firms {
            caller.put(&format!("/consents/{}", lead_firm.id), json!({})).await?;
        }
        let (key, name) = (firm.process.clone(), firm.name.clone());
        network.suppliers.push(Firm { id: firm_id, key, name, strength: firm.strength, caller });
    }
    Ok(network)
}

async fn join(
    case: &Case,
    nobody: &Caller,
    officer: &Caller,
    programme: &str,
    (kind, name, tax_id, person): (Kind, &String, &String, &Person),
) -> Result<(String, Caller), Failure> {
    let registration = json!({
        "organisation": { "kind": kind, "name": name, "country": case.country, "tax_id": tax_id },
        "administrator": { "name": person.name, "email": person.email, "password": PASSWORD },
        "privacy_notice": crate::organisations::PRIVACY_NOTICE,
    });
    let id = nobody.post("/organisations", registration).await?.text("organisation/id");
    let member = json!({ "country": case.country, "tax_id": tax_id });
    officer.post(&format!("/programmes/{programme}/members"), member).await?;
    Ok((id, nobody.log_in(&person.email, PASSWORD).await?))
}

/// What a firm's diagnostic came to: name, and points of 100.
pub(super) type Score = (String, String);

/// Every firm answers its diagnostic and submits it; lead firms too, and last.
pub(super) async fn diagnose(case: &Case, network: &Network) -> Result<Vec<Score>, Failure> {
    let mut scores = Vec::new();
    for (instrument, firms) in [("supplier", &network.suppliers), ("lead-firm", &network.lead_firms)] {
        for firm in firms {
            let questions = firm.caller.get(&format!("/instruments/{instrument}")).await?;
            let diagnostic = firm.caller.post("/diagnostics", json!({})).await?.text("id");
            for question in questions.body["questions"].as_array().into_iter().flatten() {
                if let Some(value) = case.answer(question, firm.strength) {
                    let path = format!("/diagnostics/{diagnostic}/answers/{}", text(question, "code"));
                    firm.caller.put(&path, json!({ "value": value, "revision": 1 })).await?;
                }
            }
            let path = format!("/diagnostics/{diagnostic}");
            let shows = firm.name == case.verified.supplier;
            if shows {
                people::show_certificate(case, &firm.caller, &path).await?;
            }
            let answered = firm.caller.get(&path).await?;
            firm.caller.post_if(&format!("{path}/submit"), &answered.etag, json!({})).await?;
            if shows {
                people::verify(case, &network.officer, &path).await?;
            }
            let score = firm.caller.get(&format!("{path}/scores")).await?;
            scores.push((firm.name.clone(), score.text("whole/points")));
        }
    }
    Ok(scores)
}

/// Lead firms post and publish their requirements, suppliers put sealed prices on the lots of their
/// process, and the requirements close. One is amended in between: offers for the lot that changed count only
/// once they are confirmed.
pub(super) async fn post(
    base: &Base,
    case: &Case,
    network: &Network,
    verticals: &[Vertical],
) -> Result<Vec<Posted>, Failure> {
    let (mut posted, today) = (Vec::new(), base.clock.now().day());
    for requirement in &case.requirements {
        let mut lots = requirement.lots.clone();
        let window = requirement.window.as_ref();
        let window = window.map(|w| (w.lot, today.plus_days(w.from), today.plus_days(w.to)));
        if let Some((lot, from, to)) = window {
            lots[lot]["delivery_from"] = json!(from);
            lots[lot]["delivery_to"] = json!(to);
        }
        let lead_firm = network.lead_firm(&requirement.lead_firm)?;
        let within = verticals.iter().find(|vertical| Some(&vertical.key) == requirement.network.as_ref());
        let body = json!({
            "programme": network.programme, "network": within.map(|vertical| &vertical.id),
            "title": requirement.title, "description": requirement.description,
            "lots": lots, "criteria": requirement.criteria,
        });
        let draft = lead_firm.caller.post("/requirements", body).await?;
        let path = format!("/requirements/{}", draft.text("id"));
        let mut published =
            lead_firm.caller.post_if(&format!("{path}/publish"), &draft.etag, json!({})).await?;
        let lead_time = requirement.window.as_ref().map(|window| window.lead_time);
        let offers = offer(case, network, (within, lead_time), &published.body, None).await?;
        let mut amended = None;
        if let Some(amendment) = &requirement.amendment {
            let changed = amend(&lead_firm.caller, &path, &published, amendment).await?;
            published.body = changed.body["requirement"].clone();
            published.etag = changed.etag;
            let lot = text(&published.body["lots"][amendment.lot], "id");
            let confirmed = offer(case, network, (within, lead_time), &published.body, Some(&lot)).await?;
            amended = Some((amendment.reason.clone(), confirmed));
        }
        let asked = match &requirement.question {
            Some(question) => Some(ask(network, &path, question, &lead_firm.caller).await?),
            None => None,
        };
        lead_firm.caller.post_if(&format!("{path}/close"), &published.etag, json!({})).await?;
        let lots = published.body["lots"].as_array().into_iter().flatten();
        posted.push(Posted {
            id: draft.text("id"),
            title: requirement.title.clone(),
            lead_firm: lead_firm.name.clone(),
            lots: lots.map(|lot| (text(lot, "id"), text(lot, "name"))).collect(),
            criteria: requirement.criteria.len(),
            offers,
            amended,
            window: window.map(|(lot, from, to)| (text(&requirement.lots[lot], "name"), from, to)),
            asked,
        });
    }
    Ok(posted)
}

/// A supplier asks, and the lead firm answers to all; returns question and answer.
async fn ask(
    network: &Network,
    requirement: &str,
    question: &QuestionCase,
    lead_firm: &Caller,
) -> Result<(String, String), Failure> {
    let asked = json!({ "text": question.text });
    let by = &supplier(network, &question.supplier)?.caller;
    let asked = by.post(&format!("{requirement}/questions"), asked).await?;
    let answer = json!({ "answer": question.answer });
    let path = format!("/questions/{}/answer", asked.text("id"));
    lead_firm.post_if(&path, &asked.etag, answer).await?;
    Ok((question.text.clone(), question.answer.clone()))
}

/// The suppliers for which the requirement is put sealed prices on the lots of their process, or on one lot, where
/// they confirm what they have offered; returns how many. For a consortium its speaker makes the offer.
async fn offer(
    case: &Case,
    network: &Network,
    (within, lead_time): (Option<&Vertical>, Option<i64>),
    requirement: &Value,
    only: Option<&str>,
) -> Result<usize, Failure> {
    let mut offers = 0;
    let consortium = within.and_then(|vertical| vertical.consortium.as_ref());
    let asked = |name: &String| match consortium {
        Some(consortium) => consortium.speaker == *name,
        None => within.is_none_or(|vertical| vertical.selected.contains(name)),
    };
    let by = consortium.map_or_else(String::new, |consortium| format!("/consortia/{}", consortium.id));
    for (supplier, terms) in network.suppliers.iter().zip(&case.suppliers) {
        if !asked(&supplier.name) {
            continue;
        }
        for lot in requirement["lots"].as_array().into_iter().flatten() {
            let id = text(lot, "id");
            if text(lot, "process") != terms.process || only.is_some_and(|only| only != id) {
                continue;
            }
            let price = text(lot, "reference_price").parse::<f64>()? * terms.factor;
            let offer = json!({ "unit_price": format!("{price:.0}"), "lead_time_days": lead_time });
            let path = format!("/lots/{id}{by}/offer");
            let version =
                if only.is_some() { supplier.caller.get(&path).await?.etag } else { "\"0\"".to_owned() };
            supplier.caller.put_if(&path, &version, offer).await?;
            offers += 1;
        }
    }
    Ok(offers)
}

/// The lead firm asks for another quantity of a lot.
async fn amend(
    lead_firm: &Caller,
    path: &str,
    published: &Answer,
    amendment: &AmendmentCase,
) -> Result<Answer, Failure> {
    let mut lots = published.body["lots"].clone();
    for lot in lots.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        for derived in ["unit_code", "revision", "external_reference"] {
            lot.remove(derived);
        }
    }
    lots[amendment.lot]["quantity"] = json!(amendment.quantity);
    let body = json!({ "reason": amendment.reason, "title": published.body["title"],
        "description": published.body["description"], "lots": lots, "criteria": published.body["criteria"] });
    lead_firm.post_if(&format!("{path}/amendments"), &published.etag, body).await
}

/// The approver waives the cap of a supplier that hangs on one buyer as it is, and takes another waiver back; returns
/// until when the first one holds.
pub(super) async fn waive(base: &Base, case: &Case, network: &Network) -> Result<Day, Failure> {
    let (today, path) = (base.clock.now().day(), format!("/programmes/{}/waivers", network.programme));
    for waiver in [&case.waiver, &case.revoked_waiver] {
        let supplier = &supplier(network, &waiver.supplier)?.id;
        let body = json!({ "supplier": supplier, "lead_firm": network.lead_firm(&waiver.lead_firm)?.id,
            "dependency_cap": waiver.dependency_cap, "reason": waiver.reason,
            "expires_on": today.plus_days(waiver.days) });
        let signed = network.approver.post(&path, body).await?.text("id");
        if let Some(reason) = &waiver.revoked {
            network.approver.post(&format!("{path}/{signed}/revoke"), json!({ "reason": reason })).await?;
        }
    }
    Ok(today.plus_days(case.waiver.days))
}

/// The officer has the gaps of every supplier computed for every requirement.
pub(super) async fn analyse(
    network: &Network,
    posted: &[Posted],
) -> Result<Vec<(String, Vec<Value>)>, Failure> {
    let mut found = Vec::new();
    for requirement in posted {
        let path = format!("/requirements/{}/gap-analyses", requirement.id);
        network.officer.post(&path, json!({})).await?;
        found.push((requirement.title.clone(), network.officer.all(&path).await?));
    }
    Ok(found)
}
