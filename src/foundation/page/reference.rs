//! Two pages of reference: every problem with its advice, and who may do what. Both are made from what
//! the service itself uses, so that they can't say anything else.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use super::{Page, View, filters, show};
use crate::foundation::{
    Base,
    access::{ANYONE, PUBLIC, Role, Row},
    i18n::{Locale, problem_codes},
    problem::Problem,
};

/// The pages `/docs/problems` and `/docs/access`, the latter from the access table.
pub fn reference(table: Vec<Row>) -> Router<Base> {
    let access = async move |view: View| show(&view, &Access::of(&table));
    Router::new().route("/docs/problems", get(problems)).route("/docs/access", get(access))
}

async fn problems(view: View) -> Result<Response, Problem> {
    show(&view, &Problems::all())
}

#[derive(Template)]
#[template(path = "foundation/page/problems.html")]
struct Problems {
    problems: Vec<Entry>,
}

/// A kind of problem: where `type` of a problem leads.
struct Entry {
    code: &'static str,
    texts: Vec<Words>,
}

struct Words {
    locale: Locale,
    title: String,
    detail: String,
}

impl Problems {
    fn all() -> Self {
        let words = |code: &str, locale: Locale| Words {
            locale,
            title: locale.sketch(&format!("problem-{code}-title")),
            detail: locale.sketch(&format!("problem-{code}-detail")),
        };
        let entry =
            |code| Entry { code, texts: Locale::ALL.iter().map(|locale| words(code, *locale)).collect() };
        Self { problems: problem_codes().into_iter().map(entry).collect() }
    }
}

impl Page for Problems {
    fn title(&self, locale: Locale) -> String {
        locale.text("reference-problems-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

#[derive(Template)]
#[template(path = "foundation/page/access.html")]
struct Access {
    rows: Vec<Line>,
}

/// A row of the access table.
struct Line {
    operation: &'static str,
    description: &'static str,
    who: Who,
    states: &'static [&'static str],
    decides: bool,
    approves: bool,
}

enum Who {
    Everybody,
    LoggedIn,
    Roles(Vec<Role>),
}

impl Access {
    fn of(table: &[Row]) -> Self {
        Self { rows: table.iter().map(Line::from).collect() }
    }
}

impl From<&Row> for Line {
    fn from(row: &Row) -> Self {
        let who = match row.roles {
            PUBLIC => Who::Everybody,
            ANYONE => Who::LoggedIn,
            // The service itself may do nearly everything; only where it is alone that says something.
            [Role::System] => Who::Roles(vec![Role::System]),
            roles => Who::Roles(roles.iter().copied().filter(|role| *role != Role::System).collect()),
        };
        let (operation, description) = (row.operation, row.description.trim());
        Self { operation, description, who, states: row.states, decides: row.decides, approves: row.approves }
    }
}

impl Page for Access {
    fn title(&self, locale: Locale) -> String {
        locale.text("reference-access-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}
