//! The pages of reference list what there is.

use std::{fs, path::Path};

use eslabon::app;

on_both_engines! {
    async fn every_problem_has_its_line_with_advice_in_both_languages(app: TestApp) {
        let page = app.anonymous().get("/docs/problems").await.expect(200);
        let html = page.body.as_str().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/foundation/i18n/locales/es");
        let mut codes = 0;
        for file in fs::read_dir(folder).unwrap() {
            for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                let Some((key, title)) = line.split_once(" = ") else { continue };
                let Some(code) = key.strip_prefix("problem-").and_then(|rest| rest.strip_suffix("-title")) else {
                    continue;
                };
                assert!(html.contains(&format!("<tr id=\"{code}\">")), "{code} has no line");
                assert!(html.contains(&format!("<b>{title}.</b>")), "{code} lacks its title");
                codes += 1;
            }
        }
        assert!(codes > 20 && html.matches("<tr id=").count() == codes);
        // A key that shows itself is a text without translation, or one whose values are missing.
        assert!(!html.contains(">problem-") && !html.contains(" problem-"), "{html}");
        assert!(html.contains("‹allowed›"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }

    async fn every_row_of_the_access_table_has_its_line(app: TestApp) {
        let page = app.anonymous().get("/docs/access").await.expect(200);
        let html = page.body.as_str().unwrap();
        for row in app::access_table() {
            assert!(html.contains(&format!("<tr id=\"{}\">", row.operation)), "{}", row.operation);
            for state in row.states {
                assert!(html.contains(&format!("<code>{state}</code>")), "{} {state}", row.operation);
            }
        }
        assert_eq!(html.matches("<tr id=").count(), app::access_table().len());
    }
}
