//! A page that asks before something is done: what follows from it, and a reason where somebody will read one.
//!
//! Its words are those of a stem: `STEM-title`, `STEM-about`, `STEM-confirm`.

use askama::Template;

use super::{Page, filters};
use crate::foundation::i18n::Locale;

/// The question, with what it is about.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(path = "foundation/page/confirm.html")]
pub struct Confirm {
    stem: &'static str,
    /// Where not doing it leads, and what that is called.
    back: (String, String),
    /// To which the answer is sent.
    action: String,
    version: Option<i64>,
    /// Labels' keys and what stands beside them.
    facts: Vec<(&'static str, String)>,
    has_reason: bool,
}

impl Confirm {
    /// A step that needs nothing but a yes.
    pub const fn new(stem: &'static str, back: (String, String), action: String) -> Self {
        Self { stem, back, action, version: None, facts: Vec::new(), has_reason: false }
    }

    /// The same for what is at this version.
    #[must_use]
    pub const fn at(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// The same with a fact that matters: the key of its label, and its text.
    #[must_use]
    pub fn with(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((label, text.into()));
        self
    }

    /// The same, with a reason in the field `reason`.
    #[must_use]
    pub const fn with_reason(mut self) -> Self {
        self.has_reason = true;
        self
    }

    fn key(&self, part: &str) -> String {
        format!("{}-{part}", self.stem)
    }
}

impl Page for Confirm {
    fn title(&self, locale: Locale) -> String {
        locale.text(&self.key("title"))
    }
}
