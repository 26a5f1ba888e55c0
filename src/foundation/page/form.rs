//! Forms: read by the same rules as the API's bodies, sent once however often they are sent, and shown
//! again with everything that was typed when something is wrong.
//!
//! Every form carries two hidden fields: `_once`, under which it has its effect at most once, and, where
//! it changes something, `_version`, the version that the person was looking at.

use axum::{
    extract::{FromRequest, OriginalUri, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::Viewer;

use crate::foundation::{
    Base,
    access::{May, Operation},
    db::{Once, Write},
    fields::{Fields, Input, Nothing, Reason},
    http::{IfVersion, Reply, form_pairs, read_body},
    numerals::Convention,
    problem::Problem,
};

/// What was typed into a form, to be shown again.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Typed {
    pairs: Vec<(String, String)>,
    /// The places of the pairs in the order of their names, those of equal names as they came: a page asks for each of
    /// its fields by name, several times.
    by_name: Vec<usize>,
    /// How who typed it writes numbers.
    numbers: Convention,
}

/// It may hold what no log should.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Typed({} fields)", self.pairs.len())
    }
}

impl Typed {
    /// These fields.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self::with(pairs, Convention::UNKNOWN)
    }

    /// These fields, typed by who writes numbers so.
    fn with(pairs: Vec<(String, String)>, numbers: Convention) -> Self {
        let mut by_name: Vec<usize> = (0..pairs.len()).collect();
        by_name.sort_by_key(|at| &pairs[*at].0);
        Self { pairs, by_name, numbers }
    }

    /// Other fields, typed by the same person.
    #[must_use]
    pub fn of(&self, pairs: Vec<(String, String)>) -> Self {
        Self::with(pairs, self.numbers)
    }

    /// The same without some fields: what is kept is said of a name and its text.
    #[must_use]
    pub fn only(&self, is_kept: impl Fn(&str, &str) -> bool) -> Self {
        self.of(self.pairs.iter().filter(|(name, text)| is_kept(name, text)).cloned().collect())
    }

    /// What the fields say.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn read<T: Input>(&self) -> Result<T, Problem> {
        Fields::from_form(&self.pairs, self.numbers)
    }

    /// What the named field held; of several of a name the first counts. A password is never shown again.
    pub fn get(&self, name: &str) -> Option<&str> {
        if name.contains("password") {
            return None;
        }
        let first = self.by_name.partition_point(|at| self.pairs[*at].0.as_str() < name);
        let (field, text) = self.pairs.get(*self.by_name.get(first)?)?;
        (field == name).then_some(text.as_str())
    }

    /// Whether there was no form.
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Every field as it was sent, the hidden ones too.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The same without what belongs to a field of its row that was left empty: the currency of no amount, the
    /// criterion of no weight.
    #[must_use]
    pub fn without_blank(&self, field: &str, others: &[&str]) -> Self {
        let belongs = |last: &str| last == field || others.contains(&last);
        let is_blank =
            |row: &str| self.get(&format!("{row}-{field}")).is_some_and(|text| text.trim().is_empty());
        let is_left_out =
            |name: &str| name.rsplit_once('-').is_some_and(|(row, last)| belongs(last) && is_blank(row));
        self.only(|name, _| !is_left_out(name))
    }
}

/// A form that was sent.
#[derive(Debug)]
pub struct Form<T> {
    /// What it says, or what is wrong with it.
    pub value: Result<T, Problem>,
    /// Its one-time key, for [`Base::write`](crate::foundation::Base::write).
    pub once: Once,
    /// What was typed.
    pub typed: Typed,
}

impl<T> Form<T> {
    /// The version that the person was looking at.
    ///
    /// # Errors
    /// 428 when the form carries none, 412 when it carries none of ours.
    pub fn version(&self) -> Result<IfVersion, Problem> {
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "version-required");
        let text = self.typed.get("_version").ok_or_else(missing)?;
        text.parse().map(IfVersion).map_err(|_| Problem::stale())
    }

    /// The same form, read otherwise: where its fields are not those of the value.
    pub fn reading<U>(self, read: impl FnOnce(&Typed) -> Result<U, Problem>) -> Form<U> {
        Form { value: read(&self.typed), once: self.once, typed: self.typed }
    }

    /// Does what the form says; the answer leads to the address that `work` says.
    ///
    /// # Errors
    /// What is wrong with the form, and what `work` says.
    pub async fn act<O: Operation>(
        self,
        base: &Base,
        may: May<O>,
        work: impl AsyncFnOnce(&Write, T) -> Result<String, Problem>,
    ) -> Result<Reply, Problem> {
        let value = self.value?;
        base.write(may, self.once, async |w| {
            let there = work(&w, value).await?;
            Ok(w.done(Reply::see_other(there)))
        })
        .await
    }

    /// Does what the form says to what the person was looking at, at the version that they saw; the answer leads to
    /// the address that `work` says.
    ///
    /// # Errors
    /// As [`Form::version`] and [`Form::act`].
    pub async fn change<O: Operation>(
        self,
        base: &Base,
        may: May<O>,
        work: impl AsyncFnOnce(&Write, IfVersion, T) -> Result<String, Problem>,
    ) -> Result<Reply, Problem> {
        let version = self.version()?;
        self.act(base, may, async |w, value| work(w, version, value).await).await
    }
}

impl Form<Nothing> {
    /// The same form, which gives a reason.
    pub fn with_reason(self) -> Form<Reason> {
        self.reading(Typed::read)
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (typed, path) = sent(request).await?;
        let once = once(&path, &typed);
        Ok(Self { value: typed.read(), once, typed })
    }
}

/// What a request's form holds, and to which address it was sent.
pub(crate) async fn sent(request: Request) -> Result<(Typed, String), Problem> {
    let (parts, body) = request.into_parts();
    let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path()).to_owned();
    let numbers = parts.extensions.get::<Viewer>().map_or(Convention::UNKNOWN, |viewer| viewer.numbers);
    let bytes = read_body(&parts.headers, body).await?;
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form =
        kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    if !is_form && !bytes.is_empty() {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "malformed-form"));
    }
    Ok((Typed::with(form_pairs(&bytes)?, numbers), path))
}

/// The form's key stands for what was sent: who goes back and sends something else means something else,
/// and is asked about its version instead.
fn once(path: &str, typed: &Typed) -> Once {
    let Some(key) = typed.get("_once").filter(|key| !key.is_empty()) else { return Once::never() };
    let mut hash = Sha256::new();
    for part in
        [key, path].into_iter().chain(typed.pairs.iter().flat_map(|(name, text)| [name.as_str(), text]))
    {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    Once::new(format!("form:{}", hex::encode(hash.finalize())), &[])
}

/// Answers a form: with what was done, or by showing it again. What the person may not see or do at all
/// is not shown again.
///
/// # Errors
/// What showing it again returns.
pub async fn or_again<F>(done: Result<Reply, Problem>, again: F) -> Result<Response, Problem>
where
    F: AsyncFnOnce(Problem) -> Result<Response, Problem>,
{
    match done {
        Ok(reply) => Ok(reply.into_response()),
        Err(problem) => match problem.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(problem),
            _ => again(problem).await,
        },
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::foundation::i18n::Locale;

    /// What holds for every page: its texts are there, it is in its language, and nothing inline runs.
    pub(in crate::foundation::page) fn check(html: &str, locale: Locale) {
        assert!(html.contains(&format!("<html lang=\"{locale}\"")));
        assert_eq!(html.matches("<h1").count(), 1, "a page has one main heading: {html}");
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/static/").count(), "{html}");
        for inline in ["<style", " style=", " onclick=", " onsubmit=", "javascript:"] {
            assert!(!html.contains(inline), "{inline} on the page: {html}");
        }
        assert!(!html.contains("type=\"number\""), "a number field swallows what it does not understand");
        // A text without translation shows its key, which has hyphens and no space.
        let shown = html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
        for text in shown {
            let is_key = text.contains('-') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(!is_key, "no text for {text} in {locale}");
        }
    }

    fn key(fields: &[(&str, &str)]) -> String {
        let pairs = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        format!("{:?}", once("/x", &Typed::new(pairs.collect())))
    }

    #[test]
    fn a_form_that_was_changed_is_not_the_same_form() {
        let sent = key(&[("_once", "k"), ("a", "1")]);
        assert_eq!(sent, key(&[("_once", "k"), ("a", "1")]));
        assert_ne!(sent, key(&[("_once", "k"), ("a", "2")]));
        assert_ne!(sent, key(&[("_once", "l"), ("a", "1")]));
    }

    #[test]
    fn a_password_is_never_shown_again() {
        let typed = Typed::new(vec![("password".to_owned(), "secreto".to_owned())]);
        assert_eq!(typed.get("password"), None);
        assert!(!format!("{typed:?}").contains("secreto"));
    }

    #[test]
    fn fields_are_found_by_name_and_keep_their_order() {
        let sent = [("b", "1"), ("a", "2"), ("b", "3"), ("", "4"), ("a-0", "5"), ("é", "6"), ("b", "")];
        let pairs: Vec<_> =
            sent.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let typed = Typed::new(pairs.clone());
        assert_eq!(typed.pairs(), pairs);
        assert_eq!((typed.get("a"), typed.get("a-0"), typed.get("é")), (Some("2"), Some("5"), Some("6")));
        assert_eq!((typed.get("b"), typed.get("")), (Some("1"), Some("4")), "the first of a name counts");
        assert_eq!((typed.get("c"), typed.get("a-"), typed.get("z")), (None, None, None));
        let without = typed.only(|name, text| name != "a" && text != "1");
        assert_eq!((without.get("a"), without.get("b")), (None, Some("3")));
        assert_eq!(Typed::default().get("a"), None);
    }

    #[test]
    fn the_longest_form_is_looked_through_by_name() {
        let row = |at: usize| {
            (format!("rows-{at}-amount"), if at.is_multiple_of(2) { "1" } else { " " }.to_owned())
        };
        let typed = Typed::new((0..20_000).map(row).collect());
        assert_eq!(typed.without_blank("amount", &[]).pairs().len(), 10_000);
    }

    #[test]
    fn what_belongs_to_an_empty_field_goes_with_it() {
        let typed = [
            ("funds-amount", " "),
            ("funds-currency", "CLP"),
            ("largest_grant-amount", "5"),
            ("largest_grant-currency", "CLP"),
            ("title", ""),
        ];
        let typed =
            Typed::new(typed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
        let filled = typed.without_blank("amount", &["currency"]);
        let kept: Vec<_> = filled.pairs().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(kept, ["largest_grant-amount", "largest_grant-currency", "title"]);
    }
}
