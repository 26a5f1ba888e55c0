//! What templates say it with: texts in the reader's language, amounts, days, and what a form knows.
//!
//! Numbers are grouped by thin spaces, because `1.234` is 1234 in Chile and 1.234 in Mexico, and have the decimal mark of
//! the country of the organisation that looks: what is put together before that is known has [`DECIMAL`] there, which the
//! page replaces when it is shown.

#![expect(
    clippy::inline_always,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "askama's macro writes what every filter of it must look like"
)]

use std::{borrow::Borrow, fmt};

use askama::{Result, Values, get_value};

use super::View;
use crate::foundation::{
    clock::{Day, Timestamp},
    i18n::Locale,
    money::Money,
    problem::Arg,
    share::Share,
    zone::Zone,
};

/// A space that neither breaks nor is wide.
const THIN: char = '\u{202f}';
/// Stands for the decimal mark until it is known who reads: the decimal separator key symbol.
pub(crate) const DECIMAL: char = '\u{2396}';

/// A text on its way onto the page.
pub struct Text {
    locale: Locale,
    key: String,
    args: Vec<Arg>,
}

impl Text {
    /// No text is empty; macros ask it of what may be one or none.
    pub const fn is_empty(&self) -> bool {
        false
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.locale.text_with(&self.key, &self.args))
    }
}

fn view(values: &dyn Values) -> Result<&View> {
    get_value::<View>(values, "view")
}

/// The text of a key: `{{ "login-title"|text }}`.
#[askama::filter_fn]
pub fn text<K: AsRef<str>>(key: K, values: &dyn Values) -> Result<Text> {
    Ok(Text { locale: view(values)?.locale, key: key.as_ref().to_owned(), args: Vec::new() })
}

/// Puts a value into a text: `{{ "match-lot"|text|with("lot", m.lot) }}`.
#[askama::filter_fn]
pub fn with<V: fmt::Display>(mut text: Text, _: &dyn Values, name: &'static str, value: V) -> Result<Text> {
    text.args.push((name, value.to_string()));
    Ok(text)
}

/// A word of a closed vocabulary as people say it: `{{ role|word("role") }}` is the text `role-WORD`.
#[askama::filter_fn]
pub fn word<W: fmt::Display>(word: W, values: &dyn Values, vocabulary: &'static str) -> Result<String> {
    Ok(view(values)?.locale.text(&format!("{vocabulary}-{word}")))
}

/// The one-time key of the page's forms.
#[askama::filter_fn]
pub fn once(_: &str, values: &dyn Values) -> Result<String> {
    Ok(view(values)?.once.clone())
}

/// Where the table under the heading with this id is to be had for a spreadsheet; the format follows. Nowhere after
/// something went wrong: the page's address is that of its form then.
#[askama::filter_fn]
pub fn as_table<I: AsRef<str>>(id: I, values: &dyn Values) -> Result<Option<String>> {
    let view = view(values)?;
    let joint = if view.path.contains('?') { '&' } else { '?' };
    let address = format!("{}{}{joint}table={}&format=", super::TABLES, view.path, id.as_ref());
    Ok(view.problem.is_none().then_some(address))
}

/// What is wrong with a field.
#[askama::filter_fn]
pub fn fault<N: AsRef<str>>(name: N, values: &dyn Values) -> Result<Option<String>> {
    Ok(view(values)?.fault_of(name.as_ref()).map(str::to_owned))
}

/// Whether something is wrong with a field.
#[askama::filter_fn]
pub fn is_wrong<N: AsRef<str>>(name: N, values: &dyn Values) -> Result<bool> {
    Ok(view(values)?.fault_of(name.as_ref()).is_some())
}

/// What a field holds: what was typed before something went wrong, else what is saved.
#[askama::filter_fn]
pub fn typed<N: AsRef<str>, S: fmt::Display>(name: N, values: &dyn Values, saved: S) -> Result<String> {
    Ok(view(values)?.typed.get(name.as_ref()).map_or_else(|| saved.to_string(), str::to_owned))
}

/// What is saved in a field of this HTML inputmode, as its reader would type it.
#[askama::filter_fn]
pub fn as_typed<S: fmt::Display, M: AsRef<str>>(saved: S, values: &dyn Values, mode: M) -> Result<String> {
    let saved = saved.to_string();
    Ok(if mode.as_ref() == "decimal" { view(values)?.numbers().write(&saved) } else { saved })
}

/// What is saved in a field now, when it was saved by somebody else while something else was typed here.
#[askama::filter_fn]
pub fn meanwhile<N: AsRef<str>, S: fmt::Display>(
    name: N,
    values: &dyn Values,
    saved: S,
) -> Result<Option<String>> {
    Ok(view(values)?.saved_meanwhile(name.as_ref(), saved.to_string()))
}

/// Whether [`meanwhile`] has something to say.
#[askama::filter_fn]
pub fn is_meanwhile<N: AsRef<str>, S: fmt::Display>(name: N, values: &dyn Values, saved: S) -> Result<bool> {
    Ok(view(values)?.saved_meanwhile(name.as_ref(), saved.to_string()).is_some())
}

/// Whether two things are written alike.
#[askama::filter_fn]
pub fn equals<A: fmt::Display, B: fmt::Display>(one: A, _: &dyn Values, other: B) -> Result<bool> {
    Ok(one.to_string() == other.to_string())
}

/// Whether a field was sent, and is shown again.
#[askama::filter_fn]
pub fn was_sent<N: AsRef<str>>(name: N, values: &dyn Values) -> Result<bool> {
    Ok(view(values)?.typed.get(name.as_ref()).is_some())
}

/// The kind of a field: a browser's date field would swallow what is no date, so that is shown in a plain one.
#[askama::filter_fn]
pub fn kind<N: AsRef<str>, S: fmt::Display>(
    name: N,
    values: &dyn Values,
    wanted: &'static str,
    saved: S,
) -> Result<&'static str> {
    let text = view(values)?.typed.get(name.as_ref()).map_or_else(|| saved.to_string(), str::to_owned);
    let is_day = |text: &str| text.parse::<Day>().is_ok();
    let is_time =
        |text: &str| (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let is_shown = match wanted {
        "date" => is_day(&text),
        "datetime-local" => text.split_once('T').is_some_and(|(day, time)| is_day(day) && is_time(time)),
        _ => true,
    };
    Ok(if is_shown || text.is_empty() { wanted } else { "text" })
}

/// Whether a field holds this value, for radio buttons and check boxes.
#[askama::filter_fn]
pub fn holds<N: AsRef<str>, S: fmt::Display, V: fmt::Display>(
    name: N,
    values: &dyn Values,
    saved: S,
    value: V,
) -> Result<bool> {
    let typed = &view(values)?.typed;
    let value = value.to_string();
    Ok(if typed.is_empty() { saved.to_string() == value } else { typed.get(name.as_ref()) == Some(&value) })
}

/// A decimal number with its digits in groups.
#[askama::filter_fn]
pub fn number<N: fmt::Display>(number: N, _: &dyn Values) -> Result<String> {
    Ok(grouped(&number.to_string()))
}

/// A number of units: `1 200 (pieza)`. What the unit is called in the plural, whoever typed it has not said, so it
/// stands beside the number; one of it, and a symbol like `kg`, follow it.
#[askama::filter_fn]
pub fn units<N: fmt::Display, U: fmt::Display>(number: N, _: &dyn Values, unit: U) -> Result<String> {
    Ok(of_units(&number.to_string(), &unit.to_string()))
}

/// The same for what is no template.
pub fn of_units(number: &str, unit: &str) -> String {
    let is_symbol = unit.chars().count() <= 3 || !unit.chars().all(|c| c.is_alphabetic() || c == ' ');
    let count = grouped(number);
    if number == "1" || is_symbol { format!("{count} {unit}") } else { format!("{count} ({unit})") }
}

/// An amount with its currency's ISO code.
#[askama::filter_fn]
pub fn money<B: Borrow<Money>>(money: B, _: &dyn Values) -> Result<String> {
    Ok(amount(money.borrow()))
}

/// A share in percent.
#[askama::filter_fn]
pub fn percent<B: Borrow<Share>>(share: B, _: &dyn Values) -> Result<String> {
    Ok(share_of(*share.borrow()))
}

/// A day in words.
#[askama::filter_fn]
pub fn day<B: Borrow<Day>>(day: B, values: &dyn Values) -> Result<String> {
    Ok(in_words(*day.borrow(), view(values)?.locale))
}

/// The day of a moment in words, by the clocks of whom it belongs to: `{{ at|day_in(zone) }}`.
#[askama::filter_fn]
pub fn day_in<B: Borrow<Timestamp>, Z: Borrow<Zone>>(at: B, values: &dyn Values, zone: Z) -> Result<String> {
    Ok(in_words(zone.borrow().day(*at.borrow()), view(values)?.locale))
}

/// The day of a moment in words, by the clocks of the organisation that looks.
#[askama::filter_fn]
pub fn day_here<B: Borrow<Timestamp>>(at: B, values: &dyn Values) -> Result<String> {
    let view = view(values)?;
    Ok(in_words(view.zone().day(*at.borrow()), view.locale))
}

/// A moment: the day in words, the time, and by whose clocks.
#[askama::filter_fn]
pub fn moment_in<B: Borrow<Timestamp>, Z: Borrow<Zone>>(
    at: B,
    values: &dyn Values,
    zone: Z,
) -> Result<String> {
    Ok(at_in_words(*at.borrow(), zone.borrow(), view(values)?.locale))
}

/// A share in percent with one decimal: `30.0 %`.
pub fn share_of(share: Share) -> String {
    format!("{}{THIN}%", grouped(&share.to_percent()))
}

/// A share in percent, exactly: `12.345 %`.
pub fn whole_share(share: Share) -> String {
    format!("{}{THIN}%", grouped(&share.as_percent().to_string()))
}

/// `12 345 678 CLP`.
pub fn amount(money: &Money) -> String {
    format!("{}\u{a0}{}", grouped(&money.amount()), money.currency)
}

/// The moment as people say it who live by those clocks.
pub fn at_in_words(at: Timestamp, zone: &Zone, locale: Locale) -> String {
    let args =
        [("day", in_words(zone.day(at), locale)), ("time", zone.wall_clock(at)), ("place", zone.place())];
    locale.text_with(if zone.name() == "UTC" { "moment-in-utc" } else { "moment-in-words" }, &args)
}

/// The day as people say it.
pub fn in_words(day: Day, locale: Locale) -> String {
    let date = day.date();
    let (number, month) = (date.day().to_string(), u8::from(date.month()).to_string());
    locale.text_with("day-in-words", &[("day", number), ("month", month), ("year", date.year().to_string())])
}

/// A decimal number with its digits in groups, and [`DECIMAL`] before its decimals.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("\u{2212}", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push(DECIMAL);
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_without_a_sign_that_reads_otherwise_elsewhere() {
        let shown =
            |text: &str, currency: &str| amount(&Money::parse(text, currency.parse().unwrap()).unwrap());
        assert_eq!(shown("626953284", "PYG"), "626\u{202f}953\u{202f}284\u{a0}PYG");
        assert_eq!(shown("-1234.5", "USD"), "\u{2212}1\u{202f}234\u{2396}50\u{a0}USD");
        assert_eq!(shown("999", "CLP"), "999\u{a0}CLP");
    }

    #[test]
    fn days_are_said_in_words() {
        let day = "2026-03-02".parse().unwrap();
        assert_eq!(in_words(day, Locale::Es), "2 de marzo de 2026");
        assert_eq!(in_words(day, Locale::En), "2 March 2026");
    }

    #[test]
    fn moments_are_said_by_the_clocks_of_a_place() {
        let (at, zone) = ("2026-03-02T01:30:00Z".parse().unwrap(), "America/Santiago".parse().unwrap());
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        let said = |zone: &Zone, locale| plain(at_in_words(at, zone, locale));
        assert_eq!(said(&zone, Locale::Es), "1 de marzo de 2026, 22:30 (hora de Santiago)");
        assert_eq!(said(&zone, Locale::En), "1 March 2026, 22:30 (Santiago time)");
        assert_eq!(said(&Zone::default(), Locale::En), "2 March 2026, 01:30 UTC");
    }
}
