//! The matrix: every operation of the API on everything in every state that matters. Who sees it not gets the
//! answer of what does not exist; who may not do it in this state is told why and what to do; nothing ever fails.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use eslabon::{
    app,
    foundation::access::{Role, Row},
};
use serde_json::{Value, json};

use crate::{
    support::{Answer, Client, signing},
    world::{MISSING, Object, Offered, World, fill, funding_body, operations, plan, shown},
};

/// What asks for the state of something that its body names; `matches_approve` is the same for one.
const OF_THE_BODY: &str = "approvals_create";
/// What is possible in every state in which somebody sees the object, and what has the state of its body.
const ALWAYS_POSSIBLE: &[&str] = &["consortia_decline", "evidence_add", OF_THE_BODY];
/// What neighbours of the parties may not see in any state.
const OF_THE_PARTIES: &[&str] = &[
    "gap-acts",
    "plans",
    "matches",
    "contracts",
    "objections",
    "meetings",
    "mandates",
    "interests",
    "commitments",
    "consortia",
    "diagnostics",
    "evidence",
    "invitations",
    "membership-requests",
    "members",
    "tokens",
    "sessions",
    "organisations",
    "consents",
    "profile",
    "measurements",
    "measurement-rounds",
    "lead-firms",
    "audit-entries",
    "webhooks",
];
/// What firms write into their own profile under names of their own, whether another has that name in its own or not.
const OWN_NAMES: &[&str] = &["profiles_state_capacity", "profiles_state_process"];

/// What is nobody's: a catalogue, the same for all.
const OF_NOBODY: &[&str] = &["unspsc_read"];

fn rows() -> BTreeMap<String, Row> {
    app::access_table().into_iter().map(|row| (row.operation.replace('.', "_"), row)).collect()
}

/// A body with which the operation could succeed.
#[expect(clippy::too_many_lines, clippy::match_same_arms, reason = "a list, one operation after the other")]
pub fn body(operation: &str, world: &World, object: Option<&Object>) -> Value {
    let supplier = world.supplier.organisation();
    let lot = object.and_then(|object| object.params.iter().find(|(name, _)| *name == "lot"));
    let lot = lot.map_or(MISSING, |(_, lot)| lot.as_str());
    let one_lot = crate::matching::scene::lot(10, "5");
    let reason = "Según lo que pide la red.";
    match operation {
        "requirements_change" => json!({ "title": "Otros bujes", "lots": [one_lot] }),
        "requirements_amend" => json!({ "reason": reason, "title": "Otros bujes", "lots": [one_lot] }),
        "interests_record" => json!({ "party": world.sister, "nature": "recusal" }),
        "objections_uphold" => json!({ "reason": reason, "remedy": reason }),
        "diagnostics_assist" => json!({ "revision": 9, "value": "400" }),
        "diagnostics_confirm_assisted" => json!({ "questions": ["quality-defects-ppm"] }),
        "meetings_call" => {
            json!({ "kind": "visit", "held_on": "2026-03-10", "place": "Planta norte", "purpose": reason,
            "participants": [world.buyer.organisation()] })
        }
        "meetings_write_minutes" => {
            json!({ "attendance": [{ "organisation": supplier, "people": "Ana Rojas" }] })
        }
        "meetings_fulfil" => json!({ "note": "Entregadas." }),
        "questions_ask" => json!({ "text": "¿Se acepta bronce SAE 65?" }),
        "questions_answer" => json!({ "answer": "Sí, con certificado." }),
        "impact_evaluations_record" => {
            json!({ "moment": "month_12", "findings": "El empleo creció en la red.",
            "attribution": "Sin la red habría crecido menos." })
        }
        "open_data_put" => json!({ "open": true }),
        "offers_put" | "consortium_offers_put" => json!({ "unit_price": "4" }),
        "gap_acts_open" => json!({ "supplier": supplier }),
        "gap_acts_put_actions" => json!({ "actions": [] }),
        "gap_acts_dispute" => json!({ "line": 0, "reason": reason }),
        "gap_acts_answer" => json!({ "text": "De acuerdo." }),
        "gap_acts_settle" => json!({ "outcome": "dismissed", "note": reason }),
        "gap_acts_sign" | "plans_sign" => signing(&"0".repeat(64)),
        "plans_create" => {
            let mut content = plan();
            content["supplier"] = json!(supplier);
            content
        }
        "plans_change" => plan(),
        "plans_record_progress" => {
            json!({ "action": MISSING, "percent": 10, "as_of": "2026-03-02", "note": "Avanza" })
        }
        "plans_record_visit" => {
            json!({ "visited_on": "2026-03-02", "findings": "El tablero se usa a diario" })
        }
        "plans_abandon"
        | "matches_decline"
        | "matches_reject"
        | "contracts_withdraw"
        | "contracts_terminate"
        | "waivers_revoke"
        | "questions_hide"
        | "interests_end"
        | "objections_dismiss"
        | "meetings_cancel"
        | "network_members_exclude"
        | "control_declarations_confirm"
        | "control_declarations_reject"
        | "practices_return"
        | "practices_retire" => json!({ "reason": reason }),
        "programmes_change_rules" => json!({
            "dependency_cap": "0.3", "dependency_allowance": { "amount": "0", "currency": "USD" },
        }),
        "waivers_create" => json!({
            "supplier": supplier, "lead_firm": world.buyer.organisation(), "dependency_cap": "0.5", "reason": reason,
            "expires_on": "2026-12-31",
        }),
        "networks_create" => json!({ "model": "organised_suppliers", "name": "Una red más" }),
        "networks_change" => json!({ "name": "Otro nombre", "call_open": false }),
        "programmes_add_member" | "network_members_invite" => world.partner_named.clone(),
        "network_members_decide" => json!({ "decision": "select", "reason": reason }),
        "network_members_apply" => json!({ "statement": "Torneamos bronce." }),
        "runs_create" => json!({ "name": "Otra corrida" }),
        "consortia_ask" | "consortia_remove" => json!({ "country": "NI", "tax_id": "J0310000000001" }),
        "consortia_form" => {
            json!({ "name": "Torneros", "members": [{ "country": "NI", "tax_id": "J0310000000001" }] })
        }
        "contracts_announce_renewal" => json!({ "lot": lot }),
        "deliveries_create" => json!({ "lot": lot, "due_on": "2026-03-02", "units": 1 }),
        "payments_create" => {
            json!({ "invoice": "F-1", "invoiced_on": "2026-03-02", "amount": { "amount": "1", "currency": "USD" } })
        }
        "diagnostics_answer" => json!({ "revision": 9, "value": "400" }),
        "diagnostics_verify" => json!({ "provenance": "document", "revision": 9, "value": "400" }),
        "diagnostics_confirm" => json!({ "questions": ["quality-defects-ppm"] }),
        "membership_requests_grant" | "members_change" => json!({ "role": "supplier_reader" }),
        "organisations_state_lei" => json!({ "lei": "YZ83GD8L7GG84979J516" }),
        "profiles_state_capacity" => json!({ "unit": "hora", "amount": "120" }),
        "profiles_state_buyer_sales" => {
            json!({ "amount": { "amount": "1", "currency": "USD" }, "as_of": "2026-02-28" })
        }
        "instruments_change" => {
            let code = object.map_or("metal-draft".to_owned(), |object| format!("metal-{}", object.state));
            crate::diagnostics::rounds::own_instrument(&code)
        }
        "practices_change" => {
            let mut content = crate::monitoring::practices::practice(&world.scene.programme);
            content.as_object_mut().unwrap().remove("programme");
            content
        }
        "measurement_rounds_open" => json!({ "moment": "month_24", "due_on": "2027-01-31" }),
        "measurements_answer" => json!({ "value": "12", "unit": "persons" }),
        "webhooks_change" => json!({ "url": "https://uno.example/hook", "active": true }),
        "approvals_create" => json!({ "matches": [{ "match": MISSING, "etag": "\"1\"" }] }),
        "approvals_preview" => json!({ "matches": [MISSING] }),
        _ => funding_body(operation, world, object).unwrap_or(json!({})),
    }
}

pub async fn ask(client: &Client, operation: &Offered, path: &str, etag: &str, body: &Value) -> Answer {
    let query = match operation.id.as_str() {
        "runs_compare" => format!("?with={MISSING}"),
        "scorecards_read" => "?from=2026-03-01&to=2026-03-31".to_owned(),
        _ => String::new(),
    };
    let body = (operation.method != Method::GET).then(|| body.clone());
    client.send(operation.method.clone(), &format!("{path}{query}"), &[("if-match", etag)], body).await
}

/// What somebody who sees the object read of it: its version.
pub async fn version(client: &Client, operation: &Offered, object: &Object, world: &World) -> Option<String> {
    match object.noun {
        "networks" if operation.id.starts_with("network_members") => {
            client.get(&object.path()).await.headers.get("etag")?;
            let own = world.partner.get(&format!("{}/membership", object.path())).await;
            Some(own.headers.get("etag").map_or("\"1\"", |etag| etag.to_str().unwrap()).to_owned())
        }
        // What has no address of its own: who sees it is known, and nobody is asked for a version.
        "lots" => (object.state != "draft").then(|| "\"1\"".to_owned()),
        "invitations" | "membership-requests" | "evidence" => {
            (client.organisation() == world.supplier.organisation()).then(|| "\"1\"".to_owned())
        }
        _ => {
            let read = client.get(&object.path()).await;
            read.headers.get("etag").map(|etag| etag.to_str().unwrap().to_owned())
        }
    }
}

/// One person of each organisation who has a role for the operation: another one for each object, so that all roles
/// have their turn and the states are not multiplied by them. (On what does not exist, `operations` tries every role.)
fn by_turns<'a>(people: &'a [(Role, Client)], row: &Row, turn: usize) -> Vec<&'a (Role, Client)> {
    let mut by_organisation: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for person in people.iter().filter(|(role, _)| row.roles.contains(role)) {
        by_organisation.entry(person.1.organisation()).or_default().push(person);
    }
    by_organisation.into_values().map(|able| able[turn % able.len()]).collect()
}

/// What was found.
#[derive(Default)]
struct Findings {
    /// Answers that were compared with those for what does not exist.
    alike: usize,
    /// Refusals in a wrong state, by operation.
    refused: BTreeMap<String, usize>,
    faults: Vec<String>,
}

impl Findings {
    fn demand(&mut self, holds: bool, place: &str, answer: &Answer) {
        if !holds {
            self.faults.push(format!("{place}: {} {}", answer.status, answer.body));
        }
    }

    /// Whoever sees it not is answered as for what does not exist: everybody of these, or those of them who may see other
    /// objects of the kind and not this one.
    async fn told_alike(
        &mut self,
        world: &World,
        operation: &Offered,
        row: &Row,
        (people, some_see_it): (&[(Role, Client)], bool),
    ) {
        let (nowhere, sent) = (fill(&operation.path, |_| None), body(&operation.id, world, None));
        let is_own_name = OWN_NAMES.contains(&operation.id.as_str());
        let profile = format!("/organisations/{}/profile", world.supplier.organisation());
        let before = shown(&world.supplier.get(&profile).await.expect(200));
        let hidden = |object: &&Object| !is_everybodys(&operation.id, object);
        for (at, object) in world.of(operation.noun()).filter(hidden).enumerate() {
            for (role, person) in by_turns(people, row, at) {
                if some_see_it && sees(person, object).await {
                    continue;
                }
                let nothing = ask(person, operation, &nowhere, "\"1\"", &sent).await;
                let sent = body(&operation.id, world, Some(object));
                let answer = ask(person, operation, &object.fill(&operation.path), "\"1\"", &sent).await;
                let place = format!("{} as foreign {role} on {} {}", operation.id, object.noun, object.state);
                // What is shown then is one's own, with the name that one has just written.
                let is_alike = answer.status.as_u16() < 500
                    && if is_own_name {
                        answer.status == nothing.status && answer.status.is_success()
                    } else {
                        shown(&answer) == shown(&nothing)
                    };
                self.demand(is_alike, &place, &answer);
                self.alike += 1;
            }
        }
        let after = world.supplier.get(&profile).await.expect(200);
        self.demand(shown(&after) == before, &format!("{} changed another's profile", operation.id), &after);
    }

    /// Whoever sees it is told why the operation is not possible in this state, and what to do.
    async fn told_why(&mut self, world: &World, operation: &Offered, row: &Row) {
        for (at, object) in world.of(operation.noun()).enumerate() {
            let sent = body(&operation.id, world, Some(object));
            // A stream of events lasts as long as the run.
            if operation.id == "runs_follow" && matches!(object.state, "queued" | "running") {
                continue;
            }
            for (role, person) in by_turns(&world.own, row, at) {
                if row.states.is_empty() && operation.method == Method::GET {
                    let answer = ask(person, operation, &object.fill(&operation.path), "", &sent).await;
                    let place = format!("{} as {role} on {} {}", operation.id, object.noun, object.state);
                    self.demand(![401, 403].contains(&answer.status.as_u16()), &place, &answer);
                    self.demand(answer.status.as_u16() < 500, &place, &answer);
                } else if !row.states.is_empty() && operation.id != OF_THE_BODY {
                    self.tried(world, operation, row, object, (*role, person), &sent).await;
                }
            }
        }
    }

    async fn tried(
        &mut self,
        world: &World,
        operation: &Offered,
        row: &Row,
        object: &Object,
        (role, person): (Role, &Client),
        sent: &Value,
    ) {
        let state = world.shown_to(person, object.state_for(&operation.id));
        let possible = row.states.contains(&state);
        let is_read = operation.method == Method::GET;
        if possible && !operation.versioned && !is_read {
            return;
        }
        let read = version(person, operation, object, world).await;
        // Where it is possible, with a version that was never there: nothing is to change.
        let etag = read.as_deref().filter(|_| !possible).unwrap_or("\"987654\"");
        let answer = ask(person, operation, &object.fill(&operation.path), etag, sent).await;
        let (status, place) =
            (answer.status.as_u16(), format!("{} as {role} on {} {state}", operation.id, object.noun));
        match (read, possible) {
            (None, _) => self.demand([403, 404].contains(&status), &place, &answer),
            (Some(_), true) => {
                let code = answer.body["code"].as_str().unwrap_or_default();
                let is_told = if is_read { status < 500 } else { (400..500).contains(&status) };
                self.demand(is_told && code != "wrong-state", &place, &answer);
            }
            // What one sees and is yet not one's own: another firm's membership, or side.
            (Some(_), false) if status == 404 && is_anothers(operation, object, person, world) => {}
            (Some(_), false) => {
                let (code, detail) =
                    (&answer.body["code"], answer.body["detail"].as_str().unwrap_or_default());
                let is_explained =
                    status == 409 && detail.len() > 20 && (code != "wrong-state" || detail.contains(state));
                self.demand(is_explained, &place, &answer);
                *self.refused.entry(operation.id.clone()).or_default() += 1;
            }
        }
    }
}

/// Whether somebody of the programme sees an object: it has an address, or is seen with what it belongs to.
async fn sees(person: &Client, object: &Object) -> bool {
    match object.noun {
        "lots" => object.state != "draft",
        _ => person.get(&object.path()).await.status.is_success(),
    }
}

/// Whether everybody may do it, in whatever programme: published practices are there to be read and adopted.
fn is_everybodys(operation: &str, object: &Object) -> bool {
    let of_readers = ["practices_read", "practices_adopt", "practices_withdraw_adoption"];
    object.noun == "practices"
        && matches!(object.state, "published" | "retired")
        && of_readers.contains(&operation)
}

/// Whether a supplier sees the object and has no part in what the operation is about.
fn is_anothers(operation: &Offered, object: &Object, person: &Client, world: &World) -> bool {
    let (id, is_partner) = (operation.id.as_str(), person.organisation() == world.partner.organisation());
    match object.noun {
        "consortia" => matches!(id, "consortia_accept" | "consortia_decline") && !is_partner,
        "networks" => id.starts_with("network_members"),
        // Whoever reads a published practice did not write it.
        "practices" => person.organisation() != world.scene.institution.organisation(),
        // No waiver was signed there.
        "programmes" => id == "waivers_revoke" && object.params.len() == 1,
        _ => false,
    }
}

on_both_engines! {
    async fn foreign_and_missing_are_told_alike_in_every_state_and_a_wrong_state_is_explained(app: TestApp) {
        let (world, rows, mut found) = (World::set(&app).await, rows(), Findings::default());
        let mut with_states = Vec::new();
        let reads = operations().into_iter().filter(|operation| operation.method == Method::GET);
        let addressed: BTreeSet<String> = reads.map(|operation| operation.path).collect();
        for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
            let (row, noun) = (&rows[&operation.id], operation.noun());
            if OF_NOBODY.contains(&operation.id.as_str()) {
                continue;
            }
            assert!(world.of(noun).next().is_some(), "nothing to try {operation:?} on");
            found.told_alike(&world, operation, row, (&world.strangers, false)).await;
            if OF_THE_PARTIES.contains(&noun) {
                found.told_alike(&world, operation, row, (&world.neighbours, false)).await;
            } else if noun == "lots" || addressed.contains(&format!("/{noun}/{{id}}")) {
                found.told_alike(&world, operation, row, (&world.neighbours, true)).await;
            }
            found.told_why(&world, operation, row).await;
            if !row.states.is_empty() && !ALWAYS_POSSIBLE.contains(&operation.id.as_str()) {
                with_states.push(operation.id.clone());
            }
        }
        assert!(found.faults.is_empty(), "{} faults:\n{}", found.faults.len(), found.faults.join("\n"));
        assert!(found.alike > 500, "only {} answers were compared", found.alike);
        with_states.retain(|id| !found.refused.contains_key(id));
        assert_eq!(with_states, [""; 0], "operations with states that were never refused in a wrong one");
    }
}
