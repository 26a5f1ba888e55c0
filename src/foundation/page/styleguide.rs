//! The pieces of which pages are made, each shown once with what it is for. For those who write pages: the operator
//! switches it on with `--styleguide`.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use super::{Confirm, Page, Typed, View, filters, show};
use crate::foundation::{
    Base,
    i18n::Locale,
    problem::{FieldError, Problem},
};

/// The page, where it is switched on.
pub(super) fn routes(is_on: bool) -> Router<Base> {
    let pages = Router::new();
    if !is_on {
        return pages;
    }
    pages
        .route("/styleguide", get(async |view: View| show(&view, &Pieces)))
        .route("/styleguide/error", get(wrong))
        .route("/styleguide/confirm", get(async |view: View| show(&view, &confirm(view.locale))))
}

#[derive(Template)]
#[template(path = "foundation/page/styleguide.html")]
struct Pieces;

impl Page for Pieces {
    fn title(&self, locale: Locale) -> String {
        locale.text("styleguide-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// The same page after a form on it was sent and something was wrong with it.
async fn wrong(view: View) -> Result<Response, Problem> {
    let typed = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let typed = Typed::new(vec![typed("line", "1.234"), typed("area", "…")]);
    let number = FieldError::new("/line", "ambiguous-number").with("one", "1234").with("other", "1.234");
    let problem = Problem::invalid(vec![number, FieldError::new("/choice", "required")]);
    show(&view.after(problem, typed), &Pieces)
}

fn confirm(locale: Locale) -> Confirm {
    let back = ("/styleguide".to_owned(), locale.text("styleguide-title"));
    Confirm::new("styleguide-confirm", back, "/styleguide".to_owned())
        .with("styleguide-fact", locale.text("styleguide-value"))
        .with_reason()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{
        numerals::Convention,
        page::{render, samples},
    };

    /// Fields with what is saved in them.
    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"{% import "foundation/page/form.html" as form -%}
{% call form::line("cap", "Tope", "", "25", "text", "", "off") %}{% endcall %}
{% call form::line("days", "Plazo", "", "10", "text", "", "off") %}{% endcall %}
{% call form::amount("funds", "Fondos", "", "900", "CLP") %}{% endcall %}
{% call form::select("base", "Base", "", "b", options) %}{% endcall %}
{% call form::radio("open", "no", "No", "", "no", "open-no") %}{% endcall %}"#
    )]
    struct Saved {
        options: Vec<(&'static str, &'static str)>,
    }

    #[test]
    fn what_somebody_else_saved_meanwhile_stands_beside_what_was_typed() {
        let typed = [("cap", "20"), ("days", "10"), ("funds-amount", "800"), ("base", "a"), ("open", "yes")];
        let typed =
            Typed::new(typed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
        let shown = |problem| {
            let page = Saved { options: vec![("a", "Primera"), ("b", "Segunda")] };
            page.render_with_values(&View::sample(Locale::Es).after(problem, typed.clone())).unwrap()
        };
        let stale = shown(Problem::stale());
        for both in [
            r#"value="20""#,
            r#"id="cap-now">Guardado ahora: <b>25</b>"#,
            r#"aria-describedby="cap-now""#,
            r#"id="funds-now">Guardado ahora: <b>900</b>"#,
            "Segunda (guardado ahora)</option>",
            r#"No<span class="note"><b>guardado ahora</b></span>"#,
        ] {
            assert!(stale.contains(both), "{both} is not in {stale}");
        }
        assert!(!stale.contains("days-now"), "what is the same is said once: {stale}");
        let wrong = shown(Problem::invalid(vec![FieldError::new("/cap", "required")]));
        assert!(!wrong.to_lowercase().contains("guardado ahora"), "{wrong}");
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_told_as_the_reader_would_write_it() {
        let number = FieldError::new("/line", "ambiguous-number").with("one", "1234").with("other", "1.234");
        let told = |country: &str| {
            let mut view = View::sample(Locale::Es);
            view.viewer.as_mut().unwrap().numbers = Convention::of(country);
            let view = view.after(Problem::invalid(vec![number.clone()]), Typed::default());
            render(&view, &Pieces).unwrap()
        };
        let (in_chile, in_mexico) = (told("CL"), told("MX"));
        assert_eq!(in_chile.matches("Escriba 1234 o 1,2340").count(), 2, "{in_chile}");
        assert!(in_mexico.contains("Escriba 1234 o 1.2340"), "{in_mexico}");
        assert!(!in_chile.contains("decimal="), "that is said to programs");
    }

    #[test]
    fn on_a_phone_the_menu_is_folded_behind_where_one_is_and_what_is_new() {
        let html = render(&View::sample(Locale::Es), &Pieces).unwrap();
        let (_, menu) = html.split_once(r#"<nav class="menu" id="menu""#).unwrap();
        let (fold, lines) = menu.split_once("<ul").unwrap();
        assert!(fold.contains(r##"<a class="unfold" href="#menu">Menú"##), "{fold}");
        assert!(
            fold.contains("<span>Qué hacer ahora</span>") && fold.contains(r#"<span class="tag now">4<"#),
            "{fold}"
        );
        assert!(lines.contains(r#"aria-current="page""#), "{lines}");
    }

    #[test]
    fn the_summary_leads_to_the_fields_that_are_there() {
        let faults = [FieldError::new("/line", "required"), FieldError::new("/elsewhere", "twice")];
        let view = View::sample(Locale::Es).after(Problem::invalid(faults.to_vec()), Typed::default());
        let html = render(&view, &Pieces).unwrap();
        assert!(html.contains(r##": <a href="#line">"##), "it says which field: {html}");
        let plain = format!("<li>{}</li>", Locale::Es.text("field-twice"));
        assert!(html.contains(&plain) && !html.contains("#elsewhere"), "{html}");
    }

    #[test]
    fn cells_of_cards_carry_their_columns_names_and_all_keep_their_roles() {
        let [es, en] = samples(&Pieces);
        let table = |html: &str| {
            let (_, rest) = html.split_once(r#"<table class="cards" role="table">"#).unwrap();
            rest.split_once("</table>").unwrap().0.to_owned()
        };
        for (html, number) in [(es, "Número"), (en, "Number")] {
            let table = table(&html);
            assert_eq!(table.matches(&format!(r#"data-label="{number}""#)).count(), 2, "{table}");
            for (tag, role) in [("<tr ", "row"), ("<td ", "cell"), ("<tbody ", "rowgroup")] {
                let with = format!(r#"role="{role}""#);
                let all =
                    table.split(tag).skip(1).all(|rest| rest.split('>').next().unwrap().contains(&with));
                assert!(all && !table.contains(&format!("{}>", tag.trim_end())), "{tag}: {table}");
            }
        }
    }

    #[test]
    fn the_pieces_are_shown_in_both_languages() {
        samples(&Pieces);
        // Numbers have the decimal mark of the country of whoever reads.
        let shown = |country: &str| {
            let mut view = View::sample(Locale::Es);
            view.viewer.as_mut().unwrap().numbers = Convention::of(country);
            render(&view, &Pieces).unwrap()
        };
        assert!(shown("CL").contains("98,5&nbsp;%") && shown("MX").contains("98.5&nbsp;%"));
        for locale in [Locale::Es, Locale::En] {
            samples(&confirm(locale));
        }
    }
}
