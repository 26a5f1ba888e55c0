//! What networks are expected to bring: the typology of results, by kind of network (Dini 2003).
//!
//! A project's goals are chosen from it. This product runs vertical networks; the results of the other two kinds stand
//! there so that nobody promises a supplier network what only a cluster brings.

use crate::{foundation::i18n::Locale, words};

words! {
    /// A kind of network.
    pub enum NetworkKind {
        /// A simple, horizontal one (*red sencilla*).
        Simple = "simple",
        /// A complex, vertical one (*red compleja*): around lead firms, or of organised suppliers.
        Vertical = "vertical",
        /// A cluster.
        Cluster = "cluster",
    }
}

words! {
    /// What a network is expected to bring.
    pub enum ExpectedResult {
        /// Specialised advice, by hiring experts for the group.
        SpecialisedAdvice = "specialised_advice",
        /// Joint commercial promotion.
        JointPromotion = "joint_promotion",
        /// Lower cost by joint purchase.
        JointPurchase = "joint_purchase",
        /// Special credit terms.
        CreditTerms = "credit_terms",
        /// Productivity and profitability through specialisation by phase.
        PhaseSpecialisation = "phase_specialisation",
        /// Technology, by joint purchase of shared equipment.
        SharedEquipment = "shared_equipment",
        /// Large-volume markets, by coordinating capacities.
        PooledCapacity = "pooled_capacity",
        /// Production standards and quality control, for even output across the group.
        ProductionStandards = "production_standards",
        /// Access to large firms' markets and know-how, by building supplier networks.
        LargeFirmAccess = "large_firm_access",
        /// Mechanisms of coordination between institutions.
        InstitutionalCoordination = "institutional_coordination",
        /// New markets through the territory's image.
        TerritorialImage = "territorial_image",
        /// New support services, such as a design centre or a testing laboratory.
        SupportServices = "support_services",
    }
}

impl ExpectedResult {
    /// The kinds of network in which it occurs.
    pub const fn kinds(self) -> &'static [NetworkKind] {
        match self {
            Self::SpecialisedAdvice | Self::JointPromotion | Self::JointPurchase => NetworkKind::ALL,
            Self::CreditTerms
            | Self::PhaseSpecialisation
            | Self::SharedEquipment
            | Self::PooledCapacity
            | Self::ProductionStandards
            | Self::LargeFirmAccess => &[NetworkKind::Vertical, NetworkKind::Cluster],
            Self::InstitutionalCoordination | Self::TerritorialImage | Self::SupportServices => {
                &[NetworkKind::Cluster]
            }
        }
    }

    /// What it is, in words.
    pub fn text(self, locale: Locale) -> String {
        locale.text(match self {
            Self::SpecialisedAdvice => "result-specialised-advice",
            Self::JointPromotion => "result-joint-promotion",
            Self::JointPurchase => "result-joint-purchase",
            Self::CreditTerms => "result-credit-terms",
            Self::PhaseSpecialisation => "result-phase-specialisation",
            Self::SharedEquipment => "result-shared-equipment",
            Self::PooledCapacity => "result-pooled-capacity",
            Self::ProductionStandards => "result-production-standards",
            Self::LargeFirmAccess => "result-large-firm-access",
            Self::InstitutionalCoordination => "result-institutional-coordination",
            Self::TerritorialImage => "result-territorial-image",
            Self::SupportServices => "result-support-services",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_occurs_in_as_many_kinds_as_was_found() {
        let count = |kinds| ExpectedResult::ALL.iter().filter(|result| result.kinds().len() == kinds).count();
        assert_eq!((count(3), count(2), count(1)), (3, 6, 3));
        let of = |kind| ExpectedResult::ALL.iter().filter(|result| result.kinds().contains(&kind)).count();
        assert_eq!(
            (of(NetworkKind::Simple), of(NetworkKind::Vertical), of(NetworkKind::Cluster)),
            (3, 9, 12)
        );
    }

    #[test]
    fn each_result_has_words_of_its_own_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            let texts: std::collections::BTreeSet<_> =
                ExpectedResult::ALL.iter().map(|result| result.text(locale)).collect();
            assert_eq!(texts.len(), ExpectedResult::ALL.len());
            assert!(texts.iter().all(|text| text.len() > 5 && !text.starts_with("result-")), "{texts:?}");
        }
    }
}
