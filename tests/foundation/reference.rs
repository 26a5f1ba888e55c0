//! The pages of reference list what there is.

use std::{fs, path::Path};

use eslabon::app;

/// The problem codes of the Spanish texts, with their titles.
fn problems() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/foundation/i18n/locales/es");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let lines: Vec<String> =
        files.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let found = lines.iter().filter_map(|line| line.split_once(" = ")).filter_map(|(key, title)| {
        let code = key.strip_prefix("problem-")?.strip_suffix("-title")?;
        Some((code.to_owned(), title.to_owned()))
    });
    found.collect()
}

on_both_engines! {
    async fn every_problem_has_its_line_with_advice_in_both_languages(app: TestApp) {
        let page = app.browser().open("/docs/problems").await.expect(200);
        let problems = problems();
        for (code, title) in &problems {
            assert!(page.text.contains(&format!("<tr id=\"{code}\">")), "{code} has no line");
            assert!(page.text.contains(&format!("<b>{title}.</b>")), "{code} lacks its title");
        }
        assert!(problems.len() > 20);
        assert_eq!(page.text.matches("<tr id=").count(), problems.len());
        // A key that shows itself has no text in this language, or a value that was not given.
        assert!(!page.text.contains(">problem-") && !page.text.contains("</b> problem-"), "{}", page.text);
        assert!(page.text.contains("‹allowed›"));
        assert!(!page.header("content-security-policy").contains("unsafe"));
    }

    async fn every_row_of_the_access_table_has_its_line(app: TestApp) {
        let page = app.browser().open("/docs/access").await.expect(200);
        for row in app::access_table() {
            let (_, line) = page.text.split_once(&format!("<tr id=\"{}\">", row.operation)).expect(row.operation);
            let line = line.split("</tr>").next().unwrap();
            for state in row.states {
                assert!(line.contains(&format!("<code>{state}</code>")), "{}: {line}", row.operation);
            }
        }
        assert_eq!(page.text.matches("<tr id=").count(), app::access_table().len());
    }
}
