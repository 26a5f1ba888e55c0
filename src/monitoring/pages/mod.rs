//! Monitoring at the screen: what a network's work changes, how far its suppliers have come, how they depend on their
//! buyers, and what is asked of one's own firm.

mod answering;
mod charts;
mod dashboard;
mod practices;
mod rounds;

use axum::Router;
use num_rational::BigRational;

use crate::foundation::{
    Base,
    access::Kind,
    figure::brief,
    i18n::Locale,
    page::{Entry, filters::grouped},
};

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[
    Entry { path: "/measurements", text: "measurements-title", kinds: Kind::ALL },
    Entry { path: "/practices", text: "practices-title", kinds: Kind::ALL },
];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .merge(dashboard::routes())
        .merge(rounds::routes())
        .merge(answering::routes())
        .merge(practices::routes())
}

/// A figure of several firms, as people read it: exact ones have more decimals than anybody needs.
fn shown(exact: &BigRational) -> String {
    grouped(&brief(exact, 2))
}

/// A share of 1 in percent.
fn percent(share: &BigRational) -> String {
    grouped(&brief(&(share * BigRational::from_integer(100.into())), 1))
}

/// A unit in the reader's language; a currency is its code.
fn unit(unit: &str, locale: Locale) -> String {
    let key = format!("unit-{unit}");
    if locale.has(&key) { locale.text(&key) } else { unit.to_owned() }
}
