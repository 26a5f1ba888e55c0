//! How a contract ends, is renewed, and was kept: through the HTML.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::contracts::Deal;

on_both_engines! {
    async fn a_contract_is_renewed_terminated_and_its_scorecard_tells(app: TestApp) {
        let deal = Deal::of(&app, &[100, 100]).await;
        deal.approve(0).await.expect(200);
        let contract = deal.contract(0).await;
        let delivery = json!({ "lot": deal.lots[0], "due_on": "2026-03-02", "made_on": "2026-03-01", "units": 10, "accepted": 9, "rejected": 1 });
        let recorded = deal.buyer.post(&format!("{contract}/deliveries"), delivery).await;
        let mut officer = app.browser_of(&deal.scene.institution, Role::Officer).await;
        let mut seller = app.browser_of(&deal.supplier, Role::SupplierMember).await;

        // Who has a share in a contract reads how it was kept, and nobody else.
        let card = seller.open(&contract).await.expect(200).link("/scorecard");
        let page = seller.open(&format!("{card}?from=2026-01-01&to=2026-12-31")).await.expect(200);
        if recorded.status.is_success() {
            page.says("100.0 %").says("100 000");
        }
        seller.open(&format!("{card}?from=2026-12-31&to=2026-01-01")).await.expect(422);
        let mut other = app.browser_of(&app.lead_firm("Otra").await, Role::LeadFirmMember).await;
        other.open(&card).await.expect(404);
        seller.open("/profile").await.expect(200).link("/scorecard");

        // Terminated with a reason that the other side reads.
        let page = seller.open(&contract).await.expect(200);
        assert!(!page.text.contains("/renewal"), "the institution announces renewals");
        let terminate = page.link("/steps/terminate");
        let short = seller.fill(&terminate, &[("reason", "no")]).await.expect(422);
        assert_eq!(short.form(&terminate).get("reason"), Some("no"));
        let early = seller.open(&contract).await.link("/steps/end");
        let page = seller.open(&early).await.expect(200);
        seller.send(&page.form(&early)).await.expect(409).says("Vigente hasta");
        let renewal = officer.open(&contract).await.expect(200).link("/renewal");
        officer.open(&renewal).await.expect(200);
        seller.open(&renewal).await.expect(403);
        let done = seller.submit(&short.form(&terminate).with("reason", "La planta <cierra> en julio.")).await.expect(200);
        done.says("La planta <cierra> en julio.");
        assert!(!done.text.contains("/steps/"), "what is over does not end again");
        officer.open(&contract).await.expect(200).says("La planta <cierra> en julio.");
        other.open(&terminate).await.expect(404);
    }
}
