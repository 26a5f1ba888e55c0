//! For whom a page is shown.

use std::{any::Any, collections::BTreeMap, convert::Infallible};

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{Method, request::Parts},
};

use super::{
    Typed, filters,
    menu::{Menu, News, Shown},
};
use crate::foundation::{
    Base,
    access::Actor,
    clock::Timestamp,
    i18n::Locale,
    numerals::Convention,
    problem::{Arg, FieldError, Problem},
    zone::Zone,
};

/// Who has logged in, as the layout names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Viewer {
    /// The person's name.
    pub person: String,
    /// The name of the organisation for which they act.
    pub organisation: String,
    /// Whether they can choose another one.
    pub has_choice: bool,
    /// By whose clocks the organisation lives.
    pub zone: Zone,
    /// How numbers are written where it is.
    pub numbers: Convention,
    /// After so many seconds without use the session ends.
    pub idle_seconds: i64,
}

impl Viewer {
    /// So many seconds before its end it is said that the session ends.
    const NOTICE: i64 = 5 * 60;

    /// After so many seconds without use it is said that the session ends.
    pub const fn warned_after(&self) -> i64 {
        self.idle_seconds - Self::NOTICE
    }

    /// How many minutes are left then.
    pub const fn minutes_left(&self) -> i64 {
        Self::NOTICE / 60
    }
}

/// For whom a page is shown, and what went wrong with the form that led to it.
#[derive(Clone, Debug)]
pub struct View {
    /// The language.
    pub locale: Locale,
    /// Who has logged in.
    pub viewer: Option<Viewer>,
    /// Where one can go from everywhere.
    pub menu: Vec<Shown>,
    /// The page's own address, to which the language switch comes back.
    pub path: String,
    /// When it is shown; none outside a request.
    pub at: Option<Timestamp>,
    /// The one-time key of the page's forms.
    pub once: String,
    /// The number under which is on record what was just done.
    pub done: Option<String>,
    /// What went wrong.
    pub problem: Option<Problem>,
    /// The same of its fields, in words: every field of the page asks for it.
    faults: Faults,
    /// What was typed.
    pub typed: Typed,
    /// Whether all of its tables are wanted, and not the beginnings that people look at.
    pub is_whole: bool,
}

/// The extension of a request for all of a page's tables, not for the beginnings that people look at.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

/// A fault as the summary lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The field's id on the page.
    pub field: String,
    /// What is wrong and what would do.
    pub text: String,
}

/// Every fault of a problem.
#[derive(Clone, Default, Debug)]
struct Faults {
    /// In the order of the problem.
    all: Vec<Fault>,
    /// By the field's id, what is wrong with it in all.
    of_fields: BTreeMap<String, String>,
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let all: Vec<Fault> = faults.into_iter().collect();
        let mut of_fields: BTreeMap<String, String> = BTreeMap::new();
        for Fault { field, text } in &all {
            let texts = of_fields.entry(field.clone()).or_default();
            if !texts.is_empty() {
                texts.push(' ');
            }
            texts.push_str(text);
        }
        Self { all, of_fields }
    }
}

impl View {
    pub(super) fn after(&self, problem: Problem, typed: Typed) -> Self {
        let faults = problem.errors.iter().map(|error| self.fault(error)).collect();
        Self { problem: Some(problem), faults, typed, ..self.clone() }
    }

    /// The same for whoever is no longer known.
    #[must_use]
    pub fn of_nobody(self) -> Self {
        Self { viewer: None, menu: Vec::new(), ..self }
    }

    /// The same with a form that is filled in so far, and nothing wrong with it.
    #[must_use]
    pub fn with_typed(&self, typed: Typed) -> Self {
        Self { typed, ..self.clone() }
    }

    /// Every fault, in the order of the fields' names.
    pub fn faults(&self) -> &[Fault] {
        &self.faults.all
    }

    /// What is wrong with a field.
    pub(super) fn fault_of(&self, field: &str) -> Option<&str> {
        self.faults.of_fields.get(field).map(String::as_str)
    }

    pub(super) fn fault(&self, error: &FieldError) -> Fault {
        let field = error.pointer.trim_start_matches('/').replace('/', "-");
        Fault { field, text: self.told(error) }
    }

    /// What is wrong with a field and what would do, in the words for people where those for programs would not help.
    pub fn told(&self, error: &FieldError) -> String {
        let args = as_read(&error.args);
        let own = self.locale.text_if(&format!("page-field-{}", error.code), &args);
        own.unwrap_or_else(|| self.locale.text_with(&format!("field-{}", error.code), &args))
    }

    /// What happened, for the summary on top.
    pub fn summary(&self) -> Option<(String, String)> {
        self.problem.as_ref().map(|problem| self.said(problem))
    }

    /// What somebody else has saved in a field while something else was typed into it here: both are shown.
    pub(super) fn saved_meanwhile(&self, field: &str, saved: String) -> Option<String> {
        let is_stale = self.problem.as_ref().is_some_and(|problem| problem.code == Problem::stale().code);
        let is_other = self.typed.get(field).is_some_and(|typed| typed != saved);
        (is_stale && is_other && !saved.is_empty()).then_some(saved)
    }

    /// Title and detail of a problem, in the words for people where those for programs would not help.
    pub(super) fn said(&self, problem: &Problem) -> (String, String) {
        let own = format!("page-{}-detail", problem.code);
        let detail = if self.locale.has(&own) { own } else { format!("problem-{}-detail", problem.code) };
        let title = self.locale.text(&format!("problem-{}-title", problem.code));
        (title, self.locale.text_with(&detail, &as_read(&problem.args)))
    }

    /// How many rows of a table are shown, where so many are usual.
    pub const fn most(&self, usual: usize) -> usize {
        if self.is_whole { usize::MAX } else { usual }
    }

    /// The other language, to which the page can be switched.
    pub const fn other(&self) -> Locale {
        match self.locale {
            Locale::Es => Locale::En,
            Locale::En => Locale::Es,
        }
    }

    /// By whose clocks what belongs to no programme is shown: those of the organisation for which somebody acts.
    pub fn zone(&self) -> Zone {
        self.viewer.as_ref().map(|viewer| viewer.zone.clone()).unwrap_or_default()
    }

    /// How numbers are written for who looks.
    pub(super) fn numbers(&self) -> Convention {
        self.viewer.as_ref().map_or(Convention::UNKNOWN, |viewer| viewer.numbers)
    }

    /// A view for a page that is shown outside a request.
    pub(super) fn bare(locale: Locale) -> Self {
        let (once, typed) = (String::new(), Typed::default());
        let path = "/".to_owned();
        let (viewer, menu, at, done) = (None, Vec::new(), None, None);
        let (problem, faults) = (None, Faults::default());
        Self { locale, viewer, menu, path, at, once, done, problem, faults, typed, is_whole: false }
    }

    #[cfg(test)]
    pub(crate) fn sample(locale: Locale) -> Self {
        let viewer = Viewer {
            person: "Ana <Rojas>".to_owned(),
            organisation: "Metalmecánica Andes SpA".to_owned(),
            has_choice: true,
            zone: Zone::default(),
            numbers: Convention::UNKNOWN,
            idle_seconds: 1_800,
        };
        let here = |is_here| Shown { path: "/", text: "home-title", is_here, news: 2 };
        let menu = vec![here(true), here(false)];
        let done = Some("AB12-CD34-EF56".to_owned());
        let (at, once) = (Some(Timestamp::from_micros(0)), "0".repeat(64));
        Self { viewer: Some(viewer), menu, at, once, done, ..Self::bare(locale) }
    }
}

/// Values of a message with the decimal mark that the page puts in for its reader: `0.5`, `0.5 %` and `0.50 USD`.
fn as_read(args: &[Arg]) -> Vec<Arg> {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.split_once('.').is_some_and(|(whole, decimals)| are_digits(whole) && are_digits(decimals))
    };
    let is_unit = |text: &str| text == "%" || text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
    let read = |text: &str| {
        let (number, unit) = text.split_once([' ', '\u{a0}']).map_or((text, None), |(n, u)| (n, Some(u)));
        let is_one = is_number(number) && unit.is_none_or(is_unit);
        if is_one {
            text.replacen('.', filters::DECIMAL.encode_utf8(&mut [0; 4]), 1)
        } else {
            text.to_owned()
        }
    };
    args.iter().map(|(name, value)| (*name, read(value))).collect()
}

/// Where `filters` find it.
impl askama::Values for View {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "view").then_some(self)
    }
}

impl FromRequestParts<Base> for View {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, base: &Base) -> Result<Self, Infallible> {
        let headers = Locale::from_headers(&parts.headers);
        let locale = parts.extensions.get::<Actor>().map_or(headers, |actor| actor.locale);
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let viewer = parts.extensions.get::<Viewer>().cloned();
        let kind = parts.extensions.get::<Actor>().filter(|_| viewer.is_some()).and_then(Actor::kind);
        let news = parts.extensions.get::<News>().copied();
        let menu =
            parts.extensions.get::<Menu>().map(|menu| menu.shown(kind, &path, news)).unwrap_or_default();
        let is_whole = parts.extensions.get::<Whole>().is_some();
        // What has been done stands in the trail; a page is told of it where somebody has logged in.
        let done =
            super::done::of(&parts.headers).filter(|_| viewer.is_some() && parts.method == Method::GET);
        let (at, once) = (Some(base.clock.now()), base.ids.secret());
        Ok(Self { viewer, menu, path, at, once, done, is_whole, ..Self::bare(locale) })
    }
}

/// Whether a text is an address on this site, and nothing that a browser would take for another's.
pub fn is_local(path: &str) -> bool {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    plain && path.starts_with('/') && !path.starts_with("//") && path.len() <= 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_put_into_words_once_and_found_by_field() {
        let error = |at: usize| FieldError::new(format!("/lots/{at}/quantity"), "required");
        let errors = (0..500).map(error).chain([FieldError::new("/lots/7/quantity", "twice")]);
        let view = View::sample(Locale::Es).after(Problem::invalid(errors.collect()), Typed::default());
        assert_eq!(view.faults().len(), 501);
        assert!(std::ptr::eq(view.faults(), view.faults()), "nothing is made anew");
        let [missing, twice] = ["field-required", "field-twice"].map(|key| Locale::Es.text(key));
        assert_eq!(view.fault_of("lots-6-quantity"), Some(missing.as_str()));
        assert_eq!(view.fault_of("lots-7-quantity"), Some(format!("{missing} {twice}").as_str()));
        assert_eq!((view.fault_of("lots"), view.fault_of("lots-500-quantity")), (None, None));
        let corrected = view.after(Problem::field("/name", "required"), Typed::default());
        assert_eq!((corrected.faults().len(), corrected.fault_of("lots-6-quantity")), (1, None));
        assert!(View::sample(Locale::Es).faults().is_empty());
    }

    #[test]
    fn numbers_in_messages_have_the_mark_of_whoever_reads() {
        let read = |text: &str| as_read(&[("value", text.to_owned())]).remove(0).1;
        assert_eq!([read("1.234"), read("-0.5")], ["1⎖234", "-0⎖5"]);
        assert_eq!([read("50.00 %"), read("12.50 USD")], ["50⎖00 %", "12⎖50 USD"]);
        for other in ["7", "1.2.3", "v1.2", "2.ª red", "3.14 S.A.", ".5", "10.0.0.1"] {
            assert_eq!(read(other), other);
        }
    }

    #[test]
    fn only_addresses_on_this_site_are_local() {
        assert!(is_local("/") && is_local("/requirements/1?a=b#c"));
        for foreign in
            ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/\t/evil"]
        {
            assert!(!is_local(foreign), "{foreign:?}");
        }
    }
}
