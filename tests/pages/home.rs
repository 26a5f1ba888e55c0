//! What waits for each side, on its start page: through the HTML.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use crate::{
    approvals::{accepted, step},
    contracts::Deal,
    matching::scene::{Scene, award, lot},
    monitoring::Net,
    objections::{now, object},
    plans,
    programmes::calls::{Contest, commit, proposal, written},
    support::{Browser, Client, PASSWORD, TestApp, sign},
};

/// Somebody of that organisation, on the start page.
async fn home(app: &TestApp, client: &Client, role: Role) -> Browser {
    let mut browser = app.browser_of(client, role).await;
    browser.open("/").await.expect(200);
    browser
}

/// That the start page says that so many of these wait, and leads there.
async fn waits(browser: &mut Browser, what: &str, how_many: &str, there: &str) {
    let page = browser.open("/").await.expect(200);
    let words = page.words();
    let (_, rest) = words.split_once(what).unwrap_or_else(|| panic!("no «{what}» in: {words}"));
    // Its tag comes before the next one's.
    let tag = rest.split("esper").next().unwrap_or_default();
    assert!(tag.trim_end().ends_with(how_many), "{what}: {rest}");
    page.link(there);
}

async fn waits_not(browser: &mut Browser, what: &str) {
    let words = browser.open("/").await.expect(200).words();
    assert!(!words.contains(what), "«{what}» in: {words}");
}

on_both_engines! {
    async fn acts_and_plans_wait_for_each_side_in_its_turn(app: TestApp) {
        let scene = plans::Scene::set(&app).await;
        let mut seller = home(&app, &scene.supplier, Role::SupplierMember).await;
        let mut buyer = home(&app, &scene.lead_firm, Role::LeadFirmMember).await;
        let mut officer = home(&app, &scene.institution, Role::Officer).await;
        for browser in [&mut seller, &mut buyer, &mut officer] {
            for what in ["Actas de brechas por firmar", "Reparos por responder", "Planes de mejora por"] {
                waits_not(browser, what).await;
            }
        }

        // A draft waits for the institution, a proposal for both firms until each has signed.
        let plan = scene.draw_up().await;
        waits(&mut officer, "Planes de mejora por proponer", "1", &plan).await;
        waits_not(&mut seller, "Planes de mejora").await;
        now(&scene.institution, &plan, "propose", json!({})).await.expect(200);
        waits_not(&mut officer, "Planes de mejora").await;
        waits(&mut seller, "Planes de mejora por firmar", "1", &plan).await;
        waits(&mut buyer, "Planes de mejora por firmar", "1", &plan).await;
        sign(&scene.supplier, &plan).await.expect(200);
        waits_not(&mut seller, "Planes de mejora por firmar").await;
        waits(&mut buyer, "Planes de mejora por firmar", "1", &plan).await;
        sign(&scene.lead_firm, &plan).await.expect(200);
        waits_not(&mut buyer, "Planes de mejora por firmar").await;

        // Its action is the supplier's, a week before it is due.
        now(&scene.supplier, &plan, "start", json!({})).await.expect(200);
        waits_not(&mut seller, "Acciones de mejora que vencen").await;

        // Another round of the act waits for both; disputed, for whoever has to answer.
        scene.lead_firm.amend(&scene.requirement, "/criteria/1/minimum", json!("98")).await;
        now(&scene.supplier, &scene.act, "renew", json!({})).await.expect(200);
        waits(&mut seller, "Actas de brechas por firmar", "1", &scene.act).await;
        waits(&mut buyer, "Actas de brechas por firmar", "1", &scene.act).await;
        waits_not(&mut officer, "Actas de brechas por firmar").await;
        let reason = json!({ "line": 1, "reason": "La medición de marzo no se contó" });
        now(&scene.supplier, &scene.act, "disputes", reason).await.expect(200);
        waits(&mut buyer, "Reparos por responder", "1", &scene.act).await;
        waits(&mut officer, "Reparos por responder", "1", &scene.act).await;
        waits_not(&mut seller, "Reparos por responder").await;
        waits_not(&mut seller, "Actas de brechas por firmar").await;

        // Nobody else is told anything of it.
        let mut other = home(&app, &app.supplier("Otro").await, Role::SupplierMember).await;
        waits_not(&mut other, "1 espera").await;
    }

    async fn contracts_questions_and_measurements_wait_for_firms(app: TestApp) {
        let deal = Deal::of(&app, &[100]).await;
        deal.approve(0).await.expect(200);
        let mut seller = home(&app, &deal.supplier, Role::SupplierMember).await;
        let mut buyer = home(&app, &deal.buyer, Role::LeadFirmMember).await;
        let terms = json!({ "matches": [deal.matches[0]], "starts_on": "2026-03-02", "payment_days": 30 });
        let drawn = deal.buyer.post("/contracts", terms).await.expect(201);
        let contract = format!("/contracts/{}", drawn.text("id"));
        waits(&mut seller, "Contratos por firmar", "1", &contract).await;
        waits(&mut buyer, "Contratos por firmar", "1", &contract).await;
        let etag = deal.supplier.get(&contract).await.expect(200).etag();
        deal.supplier.post_if(&format!("{contract}/sign"), &etag, json!({})).await.expect(200);
        waits_not(&mut seller, "Contratos por firmar").await;
        waits(&mut buyer, "Contratos por firmar", "1", &contract).await;
        let etag = deal.buyer.get(&contract).await.expect(200).etag();
        deal.buyer.post_if(&format!("{contract}/sign"), &etag, json!({})).await.expect(200);
        waits_not(&mut buyer, "Contratos por firmar").await;

        // What was due and is not known to have come: for the side that it comes to.
        let delivery = json!({ "lot": deal.lots[0], "due_on": "2026-03-02", "units": 10 });
        deal.buyer.post(&format!("{contract}/deliveries"), delivery).await.expect(201);
        waits(&mut buyer, "Entregas por confirmar", "1", &contract).await;
        waits_not(&mut seller, "por confirmar").await;

        // A question waits for the lead firm until it is answered.
        let requirement = deal.buyer.requirement(&deal.scene.programme, json!([lot(10, "1")]), json!([])).await;
        deal.buyer.move_on(&requirement, "publish").await;
        let text = json!({ "text": "¿Se puede entregar en partes?" });
        let asked = deal.supplier.post(&format!("{requirement}/questions"), text).await.expect(201);
        let question = format!("/questions/{}", asked.text("id"));
        waits(&mut buyer, "Preguntas por responder", "1", &question).await;
        waits_not(&mut seller, "Preguntas por responder").await;

        let net = Net::of(&app, 5).await;
        net.round("baseline", "2026-04-01").await;
        let mut asked = home(&app, &net.suppliers[0], Role::SupplierMember).await;
        asked.open("/").await.expect(200).says("Mediciones por responder").link("/measurements?state=asked");
        waits_not(&mut seller, "Mediciones por responder").await;
    }

    async fn calls_objections_and_results_wait_for_institutions(app: TestApp) {
        let contest = Contest::set(&app).await;
        let institution = &contest.scene.institution;
        let call = contest.call(&app, json!({})).await;
        let email = app.person_with_password(institution.organisation(), Role::Officer).await;
        institution.post(&format!("{call}/evaluators"), json!({ "email": email })).await.expect(200);
        let mut executor = home(&app, &contest.executor, Role::Officer).await;
        let mut officer = home(&app, institution, Role::Officer).await;
        let mut lead = home(&app, &contest.lead, Role::LeadFirmMember).await;
        waits(&mut executor, "Convocatorias abiertas", "1", &call).await;
        waits_not(&mut officer, "Convocatorias abiertas").await;

        let path = written(&contest.executor, &call, proposal(&contest.lead, "500")).await;
        waits(&mut lead, "Compromisos por responder", "1", "/commitments/").await;
        commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
        waits_not(&mut lead, "Compromisos por responder").await;
        contest.executor.move_on(&path, "submit").await;
        waits_not(&mut executor, "Convocatorias abiertas").await;

        // It waits for those who evaluate it, and then for whoever may decide.
        let mut evaluator = app.browser();
        evaluator.log_in(&email, PASSWORD).await;
        waits_not(&mut evaluator, "Propuestas por").await;
        app.base.clock.advance(2 * 3_600);
        // Sessions that nobody used have ended meanwhile.
        evaluator.log_in(&email, PASSWORD).await;
        let mut officer = home(&app, institution, Role::Officer).await;
        waits(&mut evaluator, "Propuestas por evaluar", "1", &path).await;
        waits_not(&mut officer, "Propuestas por evaluar").await;
        contest.evaluated(&app, &call, &[(path.as_str(), [4, 4])]).await;
        // So have theirs, as to evaluate takes its time.
        evaluator.log_in(&email, PASSWORD).await;
        let mut executor = home(&app, &contest.executor, Role::Officer).await;
        waits_not(&mut evaluator, "Propuestas por evaluar").await;
        let mut approver = home(&app, institution, Role::Approver).await;
        waits(&mut approver, "Propuestas por decidir", "1", &path).await;
        waits_not(&mut executor, "Propuestas por decidir").await;
    }

    async fn what_is_decided_waits_to_be_announced_and_an_objection_to_be_handled(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await;
        accepted(&buyer, &supplier, &found[0]).await;
        let role = Role::InstitutionAdministrator;
        let mut officer = home(&app, &scene.institution, role).await;
        waits_not(&mut officer, "Resultados por anunciar").await;
        step(&scene.approver, &found[0], "reject").await.expect(200);
        waits(&mut officer, "Resultados por anunciar", "1", "/requirements/").await;

        let filed = object(&supplier, "match", &found[0]).await.expect(201);
        let there = format!("/objections/{}", filed.text("id"));
        waits(&mut officer, "Objeciones por resolver", "1", &there).await;
        let handler = app.person(scene.institution.organisation(), Kind::Institution, role).await;
        now(&handler, &there, "review", json!({})).await.expect(200);
        now(&handler, &there, "dismiss", json!({ "reason": "La visita consta en el acta." })).await.expect(200);
        waits_not(&mut officer, "Objeciones por resolver").await;
        let mut seller = home(&app, &supplier, Role::SupplierMember).await;
        waits_not(&mut seller, "por resolver").await;
    }
}
