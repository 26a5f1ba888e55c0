//! An institution sets a programme up: its frame, its rules, its members, its waivers, its beginning and its end.

use eslabon::foundation::access::Role;

use crate::support::{Browser, TestApp};

/// An officer's browser, and the address of the programme that they have just set up.
async fn set_up(app: &TestApp) -> (Browser, crate::support::Client, String) {
    let institution = app.institution().await;
    let mut officer = app.browser_of(&institution, Role::Officer).await;
    let new = officer.open("/programmes").await.expect(200).link("/programmes/new");
    let fields = [
        ("name", "Redes <del valle>"),
        ("currency", "CLP"),
        ("starts_on", "2026-01-01"),
        ("ends_on", "2027-12-31"),
        ("time_zone", "America/Santiago"),
    ];
    let rules = officer.fill(&new, &fields).await.expect(303).location();
    (officer, institution, rules.trim_end_matches("/rules").to_owned())
}

on_both_engines! {
    async fn a_programme_is_set_up_opened_and_ended(app: TestApp) {
        let (mut officer, institution, programme) = set_up(&app).await;
        // Every fault at once, and nothing typed is lost.
        let fields = [("name", "R"), ("currency", "pesos"), ("starts_on", "ayer"), ("time_zone", "Santiago")];
        let wrong = officer.fill("/programmes/new", &fields).await.expect(422);
        assert!(wrong.title().starts_with("Error: "));
        for field in ["name", "currency", "starts_on", "ends_on", "time_zone"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}");
        }
        assert_eq!(wrong.form("/programmes/new").get("currency"), Some("pesos"));

        // The rules as they are shown, sent back, are the same rules.
        let rules = format!("{programme}/rules");
        let shown = officer.open(&rules).await.expect(200);
        officer.submit(&shown.form(&rules)).await.expect(200).says("30.0");
        let page = officer.open(&format!("{programme}/rules/versions")).await.expect(200);
        page.says("versión 2").says("Se guardaron sin cambios");

        // A change is kept beside what was before, and a fault of any rule stands at its field.
        let form = officer.open(&rules).await.form(&rules).with("dependency_cap", "25").with("dual_approval_above-amount", "1 000 000");
        let broken = form.clone().with("thresholds-yellow", "90").with("cofinancing-programme", "50").with("objectives-1-tier", "coverage");
        let wrong = officer.send(&broken).await.expect(422);
        for field in ["thresholds-yellow", "cofinancing-supplier", "cofinancing-lead_firm", "objectives-1-tier"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        assert_eq!(wrong.form(&rules).get("dependency_cap"), Some("25"));
        officer.submit(&form).await.expect(200).says("25.0").says("1 000 000 CLP");
        let page = officer.open(&format!("{programme}/rules/versions")).await.expect(200);
        page.says("versión 3").says("25 % Antes: 30 %");
        // Who saved last is told of who saved meanwhile.
        let stale = officer.send(&form.with("dependency_cap", "20")).await.expect(412);
        assert_eq!(stale.form(&rules).get("dependency_cap"), Some("20"));
        let kept = institution.get(&programme).await.expect(200);
        assert_eq!(kept.text("rules/dependency_cap"), "0.25");

        // A path takes the place of the cap.
        let form = officer.open(&rules).await.form(&rules);
        let form = form.with("glide_path-0", "60").with("glide_path-1", "40");
        officer.submit(&form).await.expect(200).says("60.0 % → 40.0 %");

        let open = officer.open(&programme).await.link("/open");
        let page = officer.open(&open).await.expect(200);
        officer.submit(&page.form(&open)).await.expect(200).says("Abierto");
        let close = officer.open(&programme).await.link("/close");
        let page = officer.open(&close).await.expect(200);
        page.says("no se puede volver a abrir");
        officer.submit(&page.form(&close)).await.expect(200).says("Terminado");
        assert!(!officer.open(&programme).await.text.contains("/rules\""), "what is over is not changed");
    }

    async fn firms_are_taken_in_and_one_gets_a_waiver(app: TestApp) {
        let (mut officer, institution, programme) = set_up(&app).await;
        let (lead_firm, supplier) = (app.lead_firm("Minera").await, app.supplier("Tornos <Sur>").await);
        let members = officer.open(&programme).await.expect(200).link("/members");
        for firm in [&lead_firm, &supplier] {
            let tax_id = firm.get("/me").await.text("organisation/tax_id");
            officer.fill(&members, &[("country", "NI"), ("tax_id", &tax_id)]).await.expect(303);
        }
        officer.open(&members).await.expect(200).says("Minera").says("Tornos <Sur>");
        let only = officer.open(&format!("{members}?kind=supplier")).await.expect(200);
        only.says("Tornos <Sur>");
        assert!(!only.words().contains("Minera"));
        let unknown = officer.fill(&members, &[("country", "NI"), ("tax_id", "nadie")]).await.expect(422);
        unknown.says("No encontramos esa empresa");
        assert_eq!(unknown.form(&members).get("tax_id"), Some("nadie"));

        // An officer signs no waiver; an approver does, with a reason, and revokes it with another.
        let new = format!("{programme}/waivers/new");
        officer.open(&new).await.expect(403);
        let mut approver = app.browser_of(&institution, Role::Approver).await;
        assert_eq!(approver.open(&programme).await.expect(200).link("/waivers/new"), new);
        let (buyer, seller) = (lead_firm.organisation().to_string(), supplier.organisation().to_string());
        let fields = [("supplier", seller.as_str()), ("lead_firm", buyer.as_str()), ("dependency_cap", "50"), ("expires_on", "2020-01-01"), ("reason", "sí")];
        let wrong = approver.fill(&new, &fields).await.expect(422);
        assert!(wrong.text.contains("id=\"reason-fault\""));
        let form = wrong.form(&new).with("reason", "Empieza con su primer comprador.");
        let past = approver.send(&form).await.expect(422);
        assert!(past.text.contains("id=\"expires_on-fault\""), "{}", past.words());
        let page = approver.submit(&form.with("expires_on", "2099-12-31")).await.expect(200);
        page.says("Tornos <Sur>").says("50.0 %").says("Empieza con su primer comprador.");
        let revoke = page.link("/revoke");
        officer.open(&revoke).await.expect(403);
        let short = approver.fill(&revoke, &[("reason", "no")]).await.expect(422);
        assert_eq!(short.form(&revoke).get("reason"), Some("no"));
        let page = approver.submit(&short.form(&revoke).with("reason", "Ya tiene otro comprador.")).await;
        page.says("Revocada");
        assert!(!page.text.contains(&revoke), "what is over is not revoked");

        // A group goes by the names of its firms, and what has run out says so.
        let sister = app.lead_firm("Fundición").await;
        let tax_id = sister.get("/me").await.text("organisation/tax_id");
        officer.fill(&members, &[("country", "NI"), ("tax_id", &tax_id)]).await.expect(303);
        institution.common_control(&sister, &lead_firm).await;
        let form = approver.open(&new).await.expect(200).form(&new);
        let form = form.with("supplier", &seller).with("lead_firm", &buyer).with("dependency_cap", "40");
        let form = form.with("expires_on", "2026-03-04").with("reason", "Mientras entra otro comprador.");
        approver.submit(&form).await.expect(200).says("Minera + Fundición");
        app.base.clock.advance(5 * 86_400);
        let mut later = app.browser_of(&institution, Role::Approver).await;
        later.open(&programme).await.expect(200).says("4 de marzo de 2026 Vencida");

        // Nobody else sees any of it.
        let mut seller = app.browser_of(&supplier, Role::SupplierAdministrator).await;
        for path in [members, new, revoke, format!("{programme}/rules")] {
            let status = seller.open(&path).await.status.as_u16();
            assert!([403, 404].contains(&status), "{path}: {status}");
        }
    }
}
