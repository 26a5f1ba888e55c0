//! What is odd in a document, and why a document is refused.

use std::{collections::HashMap, fmt};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The kinds of oddity, each with how it is read all the same.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as printed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

codes! {
    /// A byte order mark at the start: skipped.
    ByteOrderMark = "byte-order-mark",
    /// Not UTF-8: read as Latin-1.
    NotUtf8 = "not-utf8",
    /// A key stands twice in one object: the last one counts.
    KeyRepeated = "key-repeated",
    /// A text or object that cannot be decoded: read as absent.
    Unreadable = "unreadable",
    /// A part of a package that is no release: skipped.
    NotARelease = "not-a-release",
    /// A release that is only a link: not followed.
    ReleaseLinked = "release-linked",
    /// Several releases of one process: merged, later ones over earlier ones.
    ReleasesMerged = "releases-merged",
    /// No `ocid`: another id of the release stands in.
    OcidMissing = "ocid-missing",
    /// One object where the standard wants a list: read as a list of one.
    NotAList = "not-a-list",
    /// A value of another type than the standard's: read as absent.
    WrongType = "wrong-type",
    /// A number that is no decimal, or beyond reason: read as absent.
    NumberUnreadable = "number-unreadable",
    /// A negative amount, price or quantity: read as absent.
    NumberNegative = "number-negative",
    /// An amount of zero, usually a placeholder: read as absent.
    AmountZero = "amount-zero",
    /// An amount of nines only, or one that three or more awards or bids share: perhaps a placeholder
    /// or the whole's value repeated; kept.
    AmountSuspicious = "amount-suspicious",
    /// An amount finer than the currency's minor unit: rounded half up.
    AmountRounded = "amount-rounded",
    /// An amount that is not in an object with its currency, or without one: the document's is used.
    CurrencyMissing = "currency-missing",
    /// A currency code that ISO 4217 does not know: the amount is read as absent.
    CurrencyUnknown = "currency-unknown",
    /// An amount in another currency than the document's contracts: left out of sums and prices.
    CurrencyMixed = "currency-mixed",
    /// A date that is no date: read as absent.
    DateUnreadable = "date-unreadable",
    /// No id: one is made from the position.
    IdMissing = "id-missing",
    /// An id with characters that tables and spreadsheets give a meaning to: replaced by `_`.
    IdChanged = "id-changed",
    /// An id that stands twice: a double is dropped, a different thing gets a suffix.
    IdRepeated = "id-repeated",
    /// No `parties`: names and identifiers are taken from where they are referred to.
    PartiesMissing = "parties-missing",
    /// A party that `parties` does not list.
    PartyUnknown = "party-unknown",
    /// No buyer.
    BuyerMissing = "buyer-missing",
    /// The buyer and the procuring entity differ: the buyer counts.
    BuyerDiffers = "buyer-differs",
    /// A party without an identifier from a register: its id is made from its name, since the id
    /// that it has in one document may be another firm's in the next.
    IdentifierMissing = "identifier-missing",
    /// An identifier that fails the check of its register: kept as it stands, unconfirmed.
    IdentifierWrong = "identifier-wrong",
    /// An identifier's scheme is a sentence: read as the register that it describes.
    SchemeText = "scheme-text",
    /// An identifier of one country's register at an address in another: kept as given.
    SchemeCountry = "scheme-country",
    /// `schema` where the standard says `scheme`: read as `scheme`.
    SchemaForScheme = "schema-for-scheme",
    /// A classification scheme that is a sentence: read as the catalogue that it is based on.
    ClassificationText = "classification-text",
    /// A classification that is not UNSPSC: the first four digits of its code still make the family.
    FamilyNotUnspsc = "family-not-unspsc",
    /// An item without a code that has a family: it cannot be priced or paired.
    CodeMissing = "code-missing",
    /// No tender items: no lots.
    ItemsMissing = "items-missing",
    /// No quantity: one unit.
    QuantityMissing = "quantity-missing",
    /// A quantity that is not whole: rounded up.
    QuantityFractional = "quantity-fractional",
    /// A quantity of zero or less: no lot.
    QuantityZero = "quantity-zero",
    /// An item that is only its lot's id again, without anything to buy: dropped.
    LotAsItem = "lot-as-item",
    /// A lot lists its items by id, not the items their lot: read that way.
    LotItemsAreIds = "lot-items-are-ids",
    /// A lot or an item that is referred to and does not exist.
    ReferenceUnknown = "reference-unknown",
    /// The tender gives no unit price.
    TenderPriceMissing = "tender-price-missing",
    /// No bids: nobody but the winners is known.
    BidsMissing = "bids-missing",
    /// An award's value differs from its contracts' sum: the contracts count.
    AwardDiffers = "award-differs",
    /// A contract's value differs from its items' sum: the value counts.
    ContractDiffers = "contract-differs",
    /// A contract's value is missing: its items' sum, or its award's value, stands in.
    ValueDerived = "value-derived",
    /// A contract without any value: not a sale.
    ValueMissing = "value-missing",
    /// A contract names no award that exists.
    AwardUnknown = "award-unknown",
    /// A contract with no supplier, or with several: nobody's sale.
    SupplierUnclear = "supplier-unclear",
    /// Contract items whose ids match no tender item: prices are joined by classification code.
    ContractItemsUnmatched = "contract-items-unmatched",
    /// A contract signed before the date of its award.
    SignedBeforeAward = "signed-before-award",
    /// No signing date: the period's start or the award's date stands in.
    SignedMissing = "signed-missing",
    /// A cancelled contract: neither a sale nor a price.
    ContractCancelled = "contract-cancelled",
    /// A contract signed after the date in question: not an existing sale.
    ContractLater = "contract-later",
    /// A contract that ended before the date in question and over a year after its signing: not an
    /// existing sale.
    ContractOver = "contract-over",
    /// A contract of more than a year: its amount is divided by its years.
    ContractAnnualised = "contract-annualised",
    /// A code contracted in other quantities than tendered, or at several prices: the reference
    /// price is the quantity-weighted mean.
    PricesAveraged = "prices-averaged",
    /// The same code in another unit: that price is not joined.
    UnitDiffers = "unit-differs",
    /// No price for a lot: it stays out of the instance.
    PriceMissing = "price-missing",
}

/// Something odd in a document, and how it was read all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// What kind of oddity.
    pub code: Code,
    /// JSON pointer (RFC 6901) to where it stands in the document; empty for the whole document.
    pub pointer: String,
    /// What is there and what became of it.
    pub detail: String,
    /// How often the same stands at like places; `pointer` is the first.
    pub times: usize,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{} {place}: {}", self.code.name(), self.detail)?;
        if self.times > 1 {
            write!(f, " ({} times, first here)", self.times)?;
        }
        Ok(())
    }
}

/// Why a document, or a procurement in it, cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {reason}. {action}")]
pub struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub action: String,
}

impl Refusal {
    pub(in crate::exchange) fn new(
        code: &'static str,
        reason: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self { code, reason: reason.into(), action: action.into() }
    }
}

/// Collects warnings. The same oddity at like places (pointers that differ in array positions only)
/// is one warning with a count: sixty lines about sixty items would hide the one that matters.
#[derive(Default)]
pub(super) struct Warnings {
    list: Vec<Warning>,
    seen: HashMap<(Code, String, String), usize>,
}

impl Warnings {
    pub(super) fn add(&mut self, code: Code, pointer: impl Into<String>, detail: impl Into<String>) {
        let (pointer, detail) = (pointer.into(), detail.into());
        let key = (code, pattern(&pointer), detail.clone());
        if let Some(&at) = self.seen.get(&key) {
            self.list[at].times += 1;
            return;
        }
        self.seen.insert(key, self.list.len());
        self.list.push(Warning { code, pointer, detail, times: 1 });
    }

    pub(super) fn into_list(self) -> Vec<Warning> {
        self.list
    }
}

fn pattern(pointer: &str) -> String {
    let star = |step: &str| {
        let position = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
        if position { "*" } else { step }.to_owned()
    };
    pointer.split('/').map(star).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::i18n::Locale;

    #[test]
    fn every_oddity_is_told_in_both_languages() {
        for (code, locale) in Code::ALL.iter().flat_map(|code| [(code, Locale::Es), (code, Locale::En)]) {
            let key = format!("ocds-{}", code.name());
            assert!(locale.has(&key), "{locale}: {key}");
        }
    }

    #[test]
    fn the_same_oddity_at_like_places_is_one_warning() {
        let mut warnings = Warnings::default();
        warnings.add(Code::AmountZero, "/contracts/0/value", "zero");
        warnings.add(Code::AmountZero, "/contracts/7/value", "zero");
        warnings.add(Code::AmountZero, "/awards/0/value", "zero");
        let printed: Vec<String> = warnings.into_list().iter().map(ToString::to_string).collect();
        assert_eq!(
            printed,
            [
                "amount-zero /contracts/0/value: zero (2 times, first here)",
                "amount-zero /awards/0/value: zero",
            ]
        );
    }
}
