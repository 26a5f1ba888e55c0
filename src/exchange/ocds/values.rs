//! Single values: amounts, prices, quantities, dates, ids.

use iso_currency::Currency;
use num_traits::{Signed, Zero};
use time::{Date, Month};

use super::{
    exact::{self, Exact},
    findings::{Code, Warnings},
    json::{Node, Value},
    model::{Amount, Price, exponent},
};

/// Reads values and notes what is odd about them.
pub(super) struct Values<'w> {
    pub warnings: &'w mut Warnings,
    /// The process's currency, for amounts that name none.
    pub currency: Option<Currency>,
}

impl Values<'_> {
    /// The member `key` as an amount that is more than zero.
    pub(super) fn amount(&mut self, node: &Node, key: &str) -> Option<Amount> {
        let (value, currency, at) = self.money(node, key)?;
        let Some(amount) = Amount::nearest(&value, currency) else {
            let detail = "the amount is beyond reason; read as absent";
            self.warnings.add(Code::NumberUnreadable, at, detail);
            return None;
        };
        if amount.exact() != value {
            let places = exponent(currency);
            let code = currency.code();
            self.warnings.add(
                Code::AmountRounded,
                at,
                format!("{code} has {places} decimals; rounded to {amount}"),
            );
        }
        (amount.minor > 0).then_some(amount)
    }

    /// The price in an item's unit.
    pub(super) fn price(&mut self, unit: &Node) -> Option<Price> {
        let (amount, currency, _) = self.money(unit, "value")?;
        Some(Price { amount, currency })
    }

    /// An amount greater than zero in main units, its currency and its place.
    fn money(&mut self, node: &Node, key: &str) -> Option<(Exact, Currency, String)> {
        let node = node.get(key)?;
        let number = if node.is_object() { node.get("amount")? } else { node };
        let value = self.number(number)?;
        let at = String::from(&number.at);
        if value.is_zero() {
            let detail = "the amount is zero, likely a placeholder; read as absent";
            self.warnings.add(Code::AmountZero, at, detail);
            return None;
        }
        let currency = self.currency(node, &at)?;
        Some((value, currency, at))
    }

    fn currency(&mut self, value: &Node, at: &str) -> Option<Currency> {
        let Some(code) = value.text("currency") else {
            let detail = match self.currency {
                Some(known) => format!("names no currency; read as {}", known.code()),
                None => "names no currency, nor does the document; read as absent".to_owned(),
            };
            self.warnings.add(Code::CurrencyMissing, at, detail);
            return self.currency;
        };
        let known = currency(code);
        if known.is_none() {
            self.warnings.add(
                Code::CurrencyUnknown,
                at,
                format!("{code:?} is no ISO 4217 currency; the amount is read as absent"),
            );
        }
        known
    }

    /// A decimal that is not negative, given as a number or as a text.
    pub(super) fn number(&mut self, node: &Node) -> Option<Exact> {
        let at = &node.at;
        let Some(text) = node.as_text() else {
            if !matches!(&node.value, Value::Text(_)) {
                let detail = "is no number; read as absent";
                self.warnings.add(Code::WrongType, at, detail);
            }
            return None;
        };
        match exact::parse(text) {
            Some(value) if value.is_negative() => {
                let detail = "is negative; read as absent";
                self.warnings.add(Code::NumberNegative, at, detail);
                None
            }
            Some(value) => Some(value),
            None => {
                let shown: String = text.chars().take(40).collect();
                self.warnings.add(
                    Code::NumberUnreadable,
                    at,
                    format!("{shown:?} is no decimal number within reason; read as absent"),
                );
                None
            }
        }
    }

    /// The member `key` as a day: the day that is written, in the zone that it is written in.
    pub(super) fn date(&mut self, node: &Node, key: &str) -> Option<Date> {
        let node = node.get(key)?;
        let text = node.as_text().unwrap_or_default();
        let day = day(text);
        // An empty text is the usual way of saying nothing.
        if day.is_none() && !matches!(&node.value, Value::Text(text) if text.trim().is_empty()) {
            let detail = "is no date of the form 2010-01-31; read as absent";
            self.warnings.add(Code::DateUnreadable, &node.at, detail);
        }
        day
    }

    /// The `id` of an element, or one made of its position.
    pub(super) fn id(&mut self, node: &Node, kind: &str, position: usize) -> String {
        let Some(id) = node.text("id") else {
            let id = format!("{kind}-{}", position + 1);
            self.warnings.add(
                Code::IdMissing,
                &node.at,
                format!("the {kind} has no id; called by its position, such as {id}"),
            );
            return id;
        };
        self.tame(id, &node.at.to_string())
    }

    /// An id without the characters that tables and spreadsheets give a meaning to: it stands in CSV
    /// files that people open, and `|` joins ids in a list.
    pub(super) fn tame(&mut self, id: &str, at: &str) -> String {
        let tamed = tamed(id);
        if tamed != id {
            self.warnings.add(Code::IdChanged, at, format!("an id with special characters; read as {tamed}"));
        }
        tamed
    }
}

/// An ISO 4217 currency by its code.
pub(super) fn currency(code: &str) -> Option<Currency> {
    Currency::from_code(&code.to_ascii_uppercase())
}

/// See [`Values::tame`].
pub(super) fn tamed(id: &str) -> String {
    let mut tamed: String = id.chars().map(|c| if c.is_control() || c == '|' { '_' } else { c }).collect();
    if tamed.starts_with(['=', '+', '-', '@']) {
        tamed.insert(0, '_');
    }
    tamed
}

/// `id` with the next free suffix.
pub(super) fn free_id(id: &str, suffix: &mut usize, taken: impl Fn(&str) -> bool) -> String {
    loop {
        *suffix += 1;
        let candidate = format!("{id}~{suffix}");
        if !taken(&candidate) {
            return candidate;
        }
    }
}

/// The day at the start of an ISO 8601 text.
fn day(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    if text[10..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut parts = day.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let month = parts.next()?.parse::<u8>().ok()?;
    let date = Date::from_calendar_date(
        year.parse().ok()?,
        Month::try_from(month).ok()?,
        parts.next()?.parse().ok()?,
    );
    date.ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_day_is_read_as_written() {
        assert_eq!(day("2010-01-29T00:00:00-05:00"), Some(date!(2010 - 01 - 29)));
        assert_eq!(day("2012-02-29"), Some(date!(2012 - 02 - 29)));
        for text in ["", "2011-02-29", "29/01/2010", "2010-1-29", "2010-01-290", "año 2010, é"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_cannot_become_a_formula_or_a_list() {
        assert_eq!(tamed("=HYPERLINK(1)|x\n"), "_=HYPERLINK(1)_x_");
        assert_eq!(tamed("80026564-5"), "80026564-5");
    }
}
