//! The audit trail: an administrator reads what was done, with its proof.

use eslabon::foundation::access::Role;

on_both_engines! {
    async fn an_administrator_reads_the_trail_of_its_own_organisation(app: TestApp) {
        let (institution, other) = (app.institution().await, app.supplier("Tornos").await);
        institution.open_programme(&[]).await;
        let mut administrator = app.browser_of(&institution, Role::InstitutionAdministrator).await;
        let trail = administrator.open("/people").await.expect(200).link("/audit");
        let page = administrator.open(&trail).await.expect(200);
        page.says("programmes.open");
        let proof = page.link("/audit/");
        // No checkpoint covers it yet, and the page says when one will.
        administrator.open(&proof).await.expect(200).says("Todavía sin prueba");
        let mut stranger = app.browser_of(&other, Role::SupplierAdministrator).await;
        assert!(!stranger.open(&trail).await.expect(200).words().contains("programmes.open"));
        stranger.open(&proof).await.expect(404);
        let mut officer = app.browser_of(&institution, Role::Officer).await;
        officer.open(&trail).await.expect(403);
        assert!(!officer.open("/people").await.text.contains("/audit"));
    }
}
