//! Common control, interests and mandates: through the HTML.

use eslabon::foundation::access::Role;

on_both_engines! {
    async fn common_control_is_declared_and_confirmed(app: TestApp) {
        let institution = app.institution().await;
        let (one, other) = (app.lead_firm("Minera").await, app.lead_firm("Hermana <SpA>").await);
        institution.open_programme(&[&one, &other]).await;
        let mut firm = app.browser_of(&one, Role::LeadFirmMember).await;
        let control = firm.open("/people").await.expect(200).link("/control-declarations");
        let wrong = firm.fill(&control, &[("ground", "sí")]).await.expect(422);
        assert!(wrong.text.contains("id=\"ground-fault\""));
        let form = wrong.form(&control).with("with", &other.organisation().to_string()).with("ground", "Misma <matriz> desde 2020.");
        firm.submit(&form).await.expect(200).says("Minera, con Hermana <SpA>").says("Por confirmar");
        let mut officer = app.browser_of(&institution, Role::Officer).await;
        let confirm = officer.open(&control).await.expect(200).link("/confirm");
        firm.open(&confirm).await.expect(403);
        let short = officer.fill(&confirm, &[("reason", "no")]).await.expect(422);
        short.says("Misma <matriz> desde 2020.");
        officer.submit(&short.form(&confirm).with("reason", "Consta en el registro de comercio.")).await.expect(200).says("Confirmada");
        let mut seller = app.browser_of(&app.supplier("Tornos").await, Role::SupplierMember).await;
        seller.open(&control).await.expect(403);
        assert!(!seller.open("/people").await.expect(200).text.contains("/control-declarations"));
    }

    async fn an_interest_is_declared_and_ended_with_a_reason(app: TestApp) {
        let institution = app.institution().await;
        let supplier = app.supplier("Tornos <Sur>").await;
        institution.open_programme(&[&supplier]).await;
        let mut officer = app.browser_of(&institution, Role::Officer).await;
        let page = officer.open("/interests").await.expect(200);
        let form = page.form("/interests").with("party", &supplier.organisation().to_string()).with("nature", "family");
        let wrong = officer.send(&form).await.expect(422);
        assert!(wrong.text.contains("id=\"text-fault\""), "kin is explained: {}", wrong.words());
        let made = officer.submit(&wrong.form("/interests").with("text", "El dueño es mi <hermano>.")).await.expect(200);
        made.says("Tornos <Sur>").says("Vigente").says("El dueño es mi <hermano>.");
        let end = made.link("/end");
        let mut colleague = app.browser_of(&institution, Role::Officer).await;
        colleague.open(&end).await.expect(404);
        assert!(!colleague.open("/interests").await.words().contains("hermano"), "only its person and who manages people see it");
        let page = officer.fill(&end, &[("reason", "ya")]).await.expect(422);
        officer.submit(&page.form(&end).with("reason", "Vendió su parte en marzo.")).await.expect(200).says("Terminado");
    }

    async fn a_mandate_is_given_and_revoked(app: TestApp) {
        let institution = app.institution().await;
        let supplier = app.supplier("Tornos").await;
        institution.open_programme(&[&supplier]).await;
        let mut administrator = app.browser_of(&supplier, Role::SupplierAdministrator).await;
        let page = administrator.open("/mandates").await.expect(200);
        let form = page.form("/mandates").with("institution", &institution.organisation().to_string()).with("purpose", "Que nos <ayuden> en la visita.");
        let wrong = administrator.send(&form).await.expect(422);
        assert!(wrong.text.contains("id=\"until-fault\""));
        let made = administrator.submit(&wrong.form("/mandates").with("until", "2099-12-31")).await.expect(200);
        made.says("Responder el diagnóstico").says("Que nos <ayuden> en la visita.");
        let mut officer = app.browser_of(&institution, Role::Officer).await;
        let seen = officer.open("/mandates").await.expect(200);
        seen.says("Vigente");
        assert!(!seen.text.contains("/revoke"));
        let revoke = made.link("/revoke");
        officer.open(&revoke).await.expect(403);
        let page = administrator.open(&revoke).await.expect(200);
        administrator.submit(&page.form(&revoke)).await.expect(200).says("Retirado");
    }
}
