//! Prefill: what the service knows already is not asked again, only confirmed.
//!
//! A suggestion comes from the firm's profile, or else from its last round. It is no answer: it counts
//! nowhere, and is derived anew each time from what is known then, until the firm confirms it or answers
//! something else.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    Answer, Content, Given, Provenance,
    instrument::{Form, Instrument, Question},
    score::Scale,
};
use crate::{
    foundation::{clock::Day, figure::Figure},
    organisations::{Profile, skills::Certificate},
    words,
};

/// The question about the share of the largest customer, which the sales ledger can answer.
const LARGEST_SHARE: &str = "customers-largest-share";

words! {
    /// Where a suggestion comes from.
    pub enum PrefillSource {
        /// The firm's profile.
        Profile = "profile",
        /// The firm's own answer in its last round.
        LastRound = "last_round",
    }
}

/// An answer that the firm has yet to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The question.
    pub question: String,
    /// The answer that it would be.
    pub content: Content,
    /// Where it comes from.
    pub source: PrefillSource,
}

/// What can be suggested for the questions that the firm has not answered, in the instrument's order.
pub fn suggestions(
    instrument: &Instrument,
    answers: &[Given],
    last_round: &[Given],
    profile: Option<(&Profile, &[Certificate])>,
    today: Day,
) -> Vec<Suggestion> {
    let own = |given: &&Given| given.provenance == Provenance::SelfDeclared;
    let answered: BTreeSet<&str> = answers.iter().filter(own).map(|given| given.question.as_str()).collect();
    let open = instrument.questions.iter().filter(|question| !answered.contains(question.code.as_str()));
    open.filter_map(|question| {
        let known = profile.and_then(|(profile, certificates)| {
            largest(question, profile).or_else(|| certified(question, certificates, today))
        });
        let (content, source) = if let Some(content) = known {
            (content, PrefillSource::Profile)
        } else {
            let last = last_round.iter().filter(own).find(|given| given.question == question.code)?;
            (again(question, &last.content, today)?, PrefillSource::LastRound)
        };
        Some(Suggestion { question: question.code.clone(), content, source })
    })
    .collect()
}

/// The answer of the last round, as an answer to the question as it is asked now; none when it would not be
/// one, or is a certificate that has expired.
fn again(question: &Question, last: &Content, today: Day) -> Option<Content> {
    let sent = match last.answer {
        Answer::NotApplicable => None,
        Answer::Level(level) => Some(json!(level)),
        Answer::Boolean(yes) => Some(json!(yes)),
        Answer::Number(number) => Some(json!(number.to_string())),
        Answer::Certificate(Some(expiry)) if expiry < today => return None,
        Answer::Certificate(expiry) => Some(expiry.map_or(Json::Bool(false), |day| json!(day.to_string()))),
    };
    // A level means what its text says; on a scale of another length it means something else.
    if let (Scale::Steps(then), Scale::Steps(now)) = (&last.scale, question.form.scale())
        && then.len() != now.len()
    {
        return None;
    }
    content(question, sent.as_ref(), last.issuer.clone())
}

fn content(question: &Question, sent: Option<&Json>, issuer: Option<String>) -> Option<Content> {
    let answer = match sent {
        None => Answer::NotApplicable,
        Some(value) => question.form.read(value).ok()?,
    };
    Some(Content { answer, scale: question.form.scale(), issuer })
}

/// The firm's certificate under the standard that the question names at its end, as `quality-iso-9001` does: of
/// several that hold the one that holds longest.
fn certified(question: &Question, certificates: &[Certificate], today: Day) -> Option<Content> {
    let (_, standard) = question.code.rsplit_once("-iso-")?;
    let names = |scheme: &str| {
        scheme.to_uppercase().contains("ISO")
            && scheme.split(|c: char| !c.is_ascii_digit()).any(|part| part == standard)
    };
    let held = certificates.iter().filter(|held| held.holds_on(today) && names(&held.scheme));
    let (last, held) =
        held.filter_map(|held| Some((held.expires_on?, held))).max_by_key(|(last, _)| *last)?;
    let issuer = Some(held.issuer.clone()).filter(|issuer| !issuer.is_empty());
    content(question, Some(&json!(last.to_string())), issuer)
}

fn largest(question: &Question, profile: &Profile) -> Option<Content> {
    if question.code != LARGEST_SHARE || !matches!(question.form, Form::Number { .. }) {
        return None;
    }
    content(question, Some(&json!(largest_share(profile)?.to_string())), None)
}

/// Percent of the annual sales that went to the largest buyer, to one decimal, rounded half up.
fn largest_share(profile: &Profile) -> Option<Figure> {
    let annual = profile.annual_sales.filter(|annual| annual.minor > 0)?;
    let mut by_buyer = std::collections::BTreeMap::<_, i128>::new();
    for sale in profile.buyer_sales.iter().filter(|sale| sale.amount.currency == annual.currency) {
        *by_buyer.entry(sale.buyer).or_default() += i128::from(sale.amount.minor);
    }
    let largest = by_buyer.into_values().max()?;
    let tenths = (2_000 * largest + i128::from(annual.minor)).div_euclid(2 * i128::from(annual.minor));
    Some(Figure::from_millionths(i64::try_from(tenths).ok()?.checked_mul(100_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{ids::OrganisationId, money::Money},
        organisations::{BuyerSales, SalesSource},
    };
    use uuid::Uuid;

    #[test]
    fn a_certificate_is_suggested_until_the_day_on_which_it_expires() {
        let instrument =
            super::super::instrument::for_kind(crate::foundation::access::Kind::Supplier).unwrap();
        let asks_for_one = |question: &&Question| matches!(question.form, Form::Certificate { .. });
        let question = instrument.questions.iter().find(asks_for_one).unwrap();
        let expiry: Day = "2026-03-02".parse().unwrap();
        let last =
            Content { answer: Answer::Certificate(Some(expiry)), scale: question.form.scale(), issuer: None };
        let is_suggested = |today: &str| again(question, &last, today.parse().unwrap()).is_some();
        assert!(is_suggested("2026-03-01") && is_suggested("2026-03-02") && !is_suggested("2026-03-03"));
    }

    #[test]
    fn without_sales_nobody_has_a_largest_customer() {
        let usd = |minor| Money::new(minor, "USD".parse().unwrap());
        let nobody = OrganisationId(Uuid::nil());
        let share = |annual: i64| {
            largest_share(&Profile {
                supplier: nobody,
                annual_sales: Some(usd(annual)),
                currency: None,
                as_of: None,
                source: Some(SalesSource::Declared),
                buyer_sales: vec![BuyerSales {
                    buyer: nobody,
                    amount: usd(25),
                    as_of: "2026-03-02".parse().unwrap(),
                    source: SalesSource::Declared,
                    replaced_by_lot: None,
                }],
                capacities: Vec::new(),
                version: 1,
            })
        };
        assert_eq!(share(0), None);
        assert_eq!(share(100), Figure::whole(25));
    }
}
