//! The catalogue of indicators: versioned data, shipped with the service.
//!
//! A version is never changed once it has shipped; a round goes on pointing at the one that it was opened on.

use std::sync::LazyLock;

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{figures::Exact, rounds::Moment};
use crate::{
    diagnostics::instrument::Text,
    foundation::{figure::Figure, money::Currency},
    words,
};

words! {
    /// Of whom an indicator speaks.
    #[schema(as = IndicatorSubject)]
    pub enum About {
        /// A supplier.
        Supplier = "supplier",
        /// A lead firm.
        LeadFirm = "lead_firm",
        /// A network as a whole.
        Network = "network",
    }
}

words! {
    /// Who reports an indicator that the service does not know.
    #[schema(as = IndicatorReporter)]
    pub enum Reporter {
        /// The supplier itself.
        Supplier = "supplier",
        /// The lead firm itself.
        LeadFirm = "lead_firm",
        /// The institution.
        Institution = "institution",
        /// Nobody: the service knows it, or nobody does.
        System = "system",
    }
}

words! {
    /// Where an indicator comes from.
    #[schema(as = IndicatorSource)]
    pub enum Source {
        /// From what the service has on record alone.
        Known = "known",
        /// Somebody is asked.
        Asked = "asked",
        /// From what is on record; somebody is asked where nothing is.
        KnownOrAsked = "known_or_asked",
    }
}

words! {
    /// What on record an indicator is computed from.
    #[schema(as = IndicatorRecord)]
    pub enum Record {
        /// What suppliers state of their sales, with contracts.
        SalesLedger = "sales_ledger",
        /// Contracts, deliveries and payments.
        Contracts = "contracts",
        /// Diagnostics.
        Diagnostics = "diagnostics",
        /// Gap acts.
        GapActs = "gap_acts",
        /// Improvement plans.
        Plans = "plans",
        /// Certificates of the profile.
        Certificates = "certificates",
        /// Memberships of networks.
        Networks = "networks",
        /// Matches and their approvals.
        Matches = "matches",
    }
}

words! {
    /// In which unit an indicator is measured.
    #[schema(as = IndicatorUnit)]
    pub enum Unit {
        /// The programme's currency, by its ISO code.
        Currency = "currency",
        /// People.
        Persons = "persons",
        /// Percent.
        Percent = "percent",
        /// Parts per million.
        Ppm = "ppm",
        /// Days.
        Days = "days",
        /// Certificates.
        Certificates = "certificates",
        /// 1 for yes, 0 for no.
        YesNo = "yes_no",
    }
}

impl Unit {
    /// How the unit is written in a programme of this currency.
    pub const fn name(self, currency: Currency) -> UnitName {
        UnitName(self, currency)
    }
}

/// A unit as it is written: `CLP`, `persons`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnitName(Unit, Currency);

impl std::fmt::Display for UnitName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Unit::Currency => f.write_str(self.1.code()),
            unit => f.write_str(unit.word()),
        }
    }
}

words! {
    /// Which way is better.
    #[schema(as = IndicatorDirection)]
    pub enum Direction {
        /// More is better.
        Higher = "higher",
        /// Less is better.
        Lower = "lower",
    }
}

impl Direction {
    /// Whether a change is one for the better; `None` of none.
    pub fn improves(self, change: &Exact) -> Option<bool> {
        (!change.is_zero()).then(|| change.is_positive() == (self == Self::Higher))
    }
}

/// An indicator.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Indicator {
    /// What it is called in paths and filters.
    #[schema(example = "employment")]
    pub code: String,
    /// Of whom it speaks.
    pub about: About,
    /// Who reports it where the service does not know it.
    pub reporter: Reporter,
    /// Where it comes from.
    pub source: Source,
    /// What on record it is computed from.
    pub known_from: Vec<Record>,
    /// In which unit.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// At which moments it is measured.
    pub moments: Vec<Moment>,
    /// After how many months evaluations found an effect: suppliers after 12, lead firms after 24.
    pub effect_after_months: Option<u8>,
    /// The smallest value that can be.
    pub least: Figure,
    /// The largest value that can be.
    pub most: Figure,
    /// Its name.
    pub name: Text,
    /// What is measured, exactly.
    pub definition: Text,
    /// How it is asked.
    #[serde(default)]
    pub question: Option<Text>,
}

/// The catalogue in one version.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Catalogue {
    /// Grows with every change of its data.
    pub version: i32,
    /// The indicators, in order.
    pub indicators: Vec<Indicator>,
}

#[expect(clippy::expect_used, reason = "a test reads every shipped catalogue")]
static SHIPPED: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let texts = [include_str!("indicators-1.json")];
    texts.map(|text| serde_json::from_str(text).expect("a shipped catalogue is readable")).into()
});

#[expect(clippy::expect_used, reason = "the list of the shipped ones has one at least")]
/// The present version.
pub fn present() -> &'static Catalogue {
    SHIPPED.last().expect("a shipped catalogue")
}

/// A version that was shipped.
pub fn version(number: i32) -> Option<&'static Catalogue> {
    SHIPPED.iter().find(|catalogue| catalogue.version == number)
}

impl Catalogue {
    /// The indicator of this code.
    pub fn find(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.code == code)
    }

    /// What is measured of firms of this kind at a moment.
    pub fn at(&self, about: About, moment: Moment) -> impl Iterator<Item = &Indicator> {
        self.indicators.iter().filter(move |i| i.about == about && i.moments.contains(&moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_can_be_better() {
        let exact = |number: i64| Exact::from_integer(number.into());
        assert_eq!(Direction::Higher.improves(&exact(3)), Some(true));
        assert_eq!(Direction::Lower.improves(&exact(3)), Some(false));
        assert_eq!(Direction::Lower.improves(&exact(-3)), Some(true));
        assert_eq!(Direction::Lower.improves(&exact(0)), None);
    }

    #[test]
    fn the_shipped_catalogue_says_everything_of_every_indicator() {
        let catalogue = present();
        assert_eq!(version(catalogue.version), Some(catalogue));
        for indicator in &catalogue.indicators {
            let code = &indicator.code;
            assert_eq!(catalogue.find(code), Some(indicator), "{code} stands twice");
            for text in [Some(&indicator.name), Some(&indicator.definition), indicator.question.as_ref()] {
                let Some(text) = text else { continue };
                assert!(text.es.len() > 3 && text.en.len() > 3 && text.es != text.en, "{code}");
            }
            assert!(indicator.moments.contains(&Moment::Baseline), "{code} has nothing to compare with");
            assert!(indicator.least < indicator.most, "{code}");
            // Who is asked has a question, and what comes from records says from which.
            assert_eq!(indicator.source != Source::Known, indicator.question.is_some(), "{code}");
            assert_eq!(indicator.source == Source::Known, indicator.reporter == Reporter::System, "{code}");
            assert_eq!(indicator.source == Source::Asked, indicator.known_from.is_empty(), "{code}");
            let effect = match indicator.about {
                About::Supplier => Some(12),
                About::LeadFirm => Some(24),
                About::Network => None,
            };
            assert_eq!(indicator.effect_after_months, effect, "{code}");
        }
    }

    #[test]
    fn firms_of_a_kind_are_asked_for_what_is_measured_of_them_then() {
        let catalogue = present();
        for about in [About::Supplier, About::LeadFirm, About::Network] {
            for moment in [Moment::Baseline, Moment::Month24] {
                let expected: Vec<_> = catalogue
                    .indicators
                    .iter()
                    .filter(|indicator| indicator.about == about)
                    .filter(|indicator| indicator.moments.contains(&moment))
                    .collect();
                assert_eq!(catalogue.at(about, moment).collect::<Vec<_>>(), expected);
            }
        }
    }
}
