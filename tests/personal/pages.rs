//! What is kept of oneself, at the screen.

use super::{joined, traces};
use crate::support::PASSWORD;

on_both_engines! {
    async fn one_reads_takes_along_and_corrects_what_is_kept_of_oneself(app: TestApp) {
        let firm = app.supplier("Tornos del Sur").await;
        let eva = joined(&app, &firm, "supplier_member", "Eva Soto", "eva@uno.example").await;
        let mut browser = app.browser();
        browser.log_in("eva@uno.example", PASSWORD).await.expect(303);
        let home = browser.open("/").await.expect(200);
        let page = browser.open(&home.link("/me")).await.expect(200);
        page.says("Eva Soto").says("eva@uno.example").says("Tornos del Sur: Proveedor").says("Sesiones abiertas 1");
        let file = browser.open(&page.link("/me/data.json")).await.expect(200);
        assert!(file.header("content-disposition").starts_with("attachment"));
        let told: serde_json::Value = serde_json::from_str(&file.text).unwrap();
        let api = eva.get("/me/data").await.expect(200).body;
        assert_eq!((&told["email"], &told["memberships"], &told["trail"]), (&api["email"], &api["memberships"], &api["trail"]));

        let form = browser.open(&page.link("/me/correction")).await.expect(200).form("/me/correction");
        let odd = browser.send(&form.clone().with("email", "nadie")).await.expect(422);
        assert_eq!(odd.form("/me/correction").get("email"), Some("nadie"));
        let corrected = browser.submit(&form.clone().with("name", "Eva Soto Ríos").with("locale", "en")).await;
        // The head of the page has the new name, too; the language is that of letters.
        corrected.says("Eva Soto Ríos Salir").says("Idioma en que se le escribe Inglés");
        browser.send(&form.with("name", "Otra")).await.expect(412);
    }

    async fn one_has_oneself_erased_and_reads_what_stays(app: TestApp) {
        let firm = app.supplier("Tornos del Sur").await;
        joined(&app, &firm, "supplier_member", "Eva Soto", "eva@uno.example").await;
        let mut browser = app.browser();
        browser.log_in("eva@uno.example", PASSWORD).await.expect(303);
        let page = browser.open("/me").await.expect(200);
        let question = browser.open(&page.link("/me/erasure")).await.expect(200);
        question.says("Qué queda, y por qué").says("El nombre bajo actas");
        let unsure = browser.send(&question.form("/me/erasure")).await.expect(422);
        let sure = unsure.form("/me/erasure").with("erase_me", "true");
        let erased = browser.send(&sure).await.expect(200);
        erased.says("Sus datos se borraron").says("El nombre bajo actas");
        assert!(!erased.text.contains("Eva Soto"));
        browser.open("/me").await.expect(303);
        for text in ["Eva Soto", "eva@uno.example"] {
            assert_eq!(traces(&app, text).await, [""; 0], "{text}");
        }
        browser.log_in("eva@uno.example", PASSWORD).await.expect(401);

        app.browser().open("/privacy").await.expect(200).says("Un año desde lo que cuentan");
        assert!(app.browser().open("/me").await.expect(303).location().starts_with("/login"));
    }
}
