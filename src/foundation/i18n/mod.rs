//! Texts in both languages: Spanish first, English too.
//!
//! One Fluent file a stage and language under `locales/`. Keys are literal in the code, so that a
//! test can find the missing and the unused ones.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    sync::LazyLock,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid};

use super::problem::Arg;
use crate::words;

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "./src/foundation/i18n/locales",
        fallback_language: "es",
        // The marks protect right-to-left arguments; neither language needs them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ES: LanguageIdentifier = langid!("es");
static EN: LanguageIdentifier = langid!("en");

/// The English files that hold problems, as they are written: a loader can't say which keys there are.
const PROBLEMS: &[&str] = &[
    include_str!("locales/en/approvals-pages.ftl"),
    include_str!("locales/en/approvals.ftl"),
    include_str!("locales/en/calls.ftl"),
    include_str!("locales/en/contracts.ftl"),
    include_str!("locales/en/diagnostics-pages.ftl"),
    include_str!("locales/en/diagnostics.ftl"),
    include_str!("locales/en/exchange.ftl"),
    include_str!("locales/en/gaps.ftl"),
    include_str!("locales/en/governance.ftl"),
    include_str!("locales/en/matching.ftl"),
    include_str!("locales/en/letters.ftl"),
    include_str!("locales/en/monitoring.ftl"),
    include_str!("locales/en/objections.ftl"),
    include_str!("locales/en/organisations.ftl"),
    include_str!("locales/en/pages.ftl"),
    include_str!("locales/en/plans.ftl"),
    include_str!("locales/en/problems.ftl"),
    include_str!("locales/en/programmes.ftl"),
    include_str!("locales/en/projects.ftl"),
    include_str!("locales/en/requirements-pages.ftl"),
    include_str!("locales/en/requirements.ftl"),
    include_str!("locales/en/security.ftl"),
    include_str!("locales/en/trail.ftl"),
    include_str!("locales/en/webhooks.ftl"),
];

/// Every value that a problem mentions, shown by its name.
static NAMED: LazyLock<Vec<Arg>> = LazyLock::new(|| {
    let names = PROBLEMS.iter().flat_map(|source| source.split("{ $").skip(1));
    let names: BTreeSet<&'static str> = names.filter_map(|rest| rest.split([' ', '}']).next()).collect();
    names.into_iter().map(|name| (name, format!("‹{name}›"))).collect()
});

/// The code of every problem that has a text.
pub fn problem_codes() -> BTreeSet<&'static str> {
    let keys = PROBLEMS.iter().flat_map(|source| source.lines()).filter_map(|line| line.split_once(" ="));
    keys.filter_map(|(key, _)| key.strip_prefix("problem-")?.strip_suffix("-title")).collect()
}

words! {
    /// A language of the service.
    pub enum Locale {
        /// Spanish, the default.
        Es = "es",
        /// English.
        En = "en",
    }
}

impl Locale {
    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Es => &ES,
            Self::En => &EN,
        }
    }

    /// The text of a key; a missing key shows itself.
    pub fn text(self, key: &str) -> String {
        TEXTS.try_lookup(self.identifier(), key).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with values put in.
    pub fn text_with(self, key: &str, args: &[Arg]) -> String {
        TEXTS.try_lookup_with_args(self.identifier(), key, &values(args)).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a problem with its values shown by their names: what it says in every case.
    pub fn sketch(self, key: &str) -> String {
        self.text_with(key, &NAMED)
    }

    /// Whether the language has the key.
    pub fn has(self, key: &str) -> bool {
        TEXTS.lookup_single_language::<&str>(self.identifier(), key, None).is_ok()
    }

    /// The text of a key with values put in, where the language has it.
    pub fn text_if(self, key: &str, args: &[Arg]) -> Option<String> {
        TEXTS.lookup_single_language(self.identifier(), key, Some(&values(args))).ok()
    }

    /// The language that the headers ask for: a `lang` cookie (the page's switch), else
    /// `Accept-Language` in its order of preference, else Spanish.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self::chosen(headers).unwrap_or_else(|| accepted(headers))
    }

    /// The language that was chosen with the page's switch.
    pub fn chosen(headers: &HeaderMap) -> Option<Self> {
        cookie(headers, "lang").and_then(|word| word.parse().ok())
    }
}

fn values(args: &[Arg]) -> HashMap<Cow<'static, str>, FluentValue<'static>> {
    args.iter().map(|(name, value)| (Cow::from(*name), value_of(value))).collect()
}

/// Small whole numbers go in as numbers, so that plural rules see them; everything else as it is.
fn value_of(value: &str) -> FluentValue<'static> {
    match value.parse::<u32>() {
        // A sign is not lost: +1 is a change, and no number of things.
        Ok(number) if number < 1_000 && !value.starts_with('+') => FluentValue::from(number),
        _ => FluentValue::from(value.to_owned()),
    }
}

/// What a cookie of that name holds.
pub(in crate::foundation) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn accepted(headers: &HeaderMap) -> Locale {
    let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0.0_f32, Locale::Es);
    for range in text.split(',') {
        let (tag, quality) = range.split_once(";q=").unwrap_or((range, "1"));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let (Ok(locale), Ok(quality)) = (primary.parse(), quality.trim().parse::<f32>())
            && quality > best.0
        {
            best = (quality, locale);
        }
    }
    best.1
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, text: &str) -> Locale {
        Locale::from_headers(&[(name, text.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn the_callers_preference_decides_and_spanish_is_the_default() {
        assert_eq!(Locale::from_headers(&HeaderMap::new()), Locale::Es);
        assert_eq!(asked(header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9,es;q=0.8"), Locale::En);
        assert_eq!(asked(header::ACCEPT_LANGUAGE, "pt-BR,es-CL;q=0.9,en;q=0.5"), Locale::Es);
        assert_eq!(asked(header::COOKIE, "a=b; lang=en"), Locale::En);
    }

    #[test]
    fn a_text_that_may_be_missing_is_told_where_it_is_there() {
        let day = [("day", "2".to_owned()), ("month", "3".to_owned()), ("year", "2026".to_owned())];
        assert_eq!(Locale::En.text_if("day-in-words", &day).as_deref(), Some("2 March 2026"));
        assert_eq!(Locale::Es.text_if("page-field-no-such-code", &[]), None);
    }

    #[test]
    fn values_are_shown_by_their_names_each_of_which_is_known_once() {
        let told = Locale::En.sketch("problem-too-large-detail");
        assert_eq!(told, "The body may have at most ‹most› bytes. Split it.");
        assert!(NAMED.windows(2).all(|two| two[0].0 < two[1].0), "{:?}", *NAMED);
        let names: usize = PROBLEMS.iter().map(|source| source.matches("{ $").count()).sum();
        assert!(!NAMED.is_empty() && NAMED.len() < names / 2, "{} of {names}", NAMED.len());
    }

    #[test]
    fn every_file_with_problems_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/foundation/i18n/locales/en");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let has_problems =
                text.lines().any(|line| line.starts_with("problem-") && line.contains("-title ="));
            assert!(!has_problems || PROBLEMS.contains(&text.as_str()), "PROBLEMS lacks {}", path.display());
        }
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |dir: &str| {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src/foundation/i18n/locales")
                .join(dir);
            let mut keys = std::collections::BTreeSet::new();
            for file in std::fs::read_dir(root).unwrap() {
                for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                    if let Some((key, _)) = line.split_once(" =")
                        && !key.starts_with([' ', '#', '-'])
                    {
                        assert!(keys.insert(key.to_owned()), "{key} stands twice in {dir}");
                    }
                }
            }
            keys
        };
        assert_eq!(keys("es"), keys("en"));
    }
}
