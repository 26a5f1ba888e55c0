//! The countries by name, for whoever registers.

use crate::foundation::i18n::Locale;

/// Those of Latin America, where programmes run: they come first.
#[rustfmt::skip]
const LATIN_AMERICA: &[&str] = &[
    "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "SV", "GT", "HT",
    "HN", "MX", "NI", "PA", "PY", "PE", "PR", "UY", "VE",
];

/// All others of ISO 3166-1.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AS", "AT", "AU",
    "AW", "AX", "AZ", "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ",
    "BL", "BM", "BN", "BQ", "BS", "BT", "BV", "BW", "BY", "BZ", "CA", "CC",
    "CD", "CF", "CG", "CH", "CI", "CK", "CM", "CN", "CV", "CW", "CX", "CY",
    "CZ", "DE", "DJ", "DK", "DM", "DZ", "EE", "EG", "EH", "ER", "ES", "ET",
    "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG",
    "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GU", "GW", "GY",
    "HK", "HM", "HR", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
    "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN",
    "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS",
    "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW",
    "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NL", "NO", "NP", "NR", "NU",
    "NZ", "OM", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PS", "PT", "PW",
    "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG",
    "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SX",
    "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN",
    "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UZ", "VA",
    "VC", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
];

/// The countries, as choices of a form: code and name, those of Latin America first, each part by name. The first
/// choice is none.
pub(super) fn countries(locale: Locale) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), locale.text("country-choose"))];
    for part in [LATIN_AMERICA, OTHERS] {
        let named = |code: &&str| ((*code).to_owned(), locale.text(&format!("country-{code}")));
        let mut named: Vec<_> = part.iter().map(named).collect();
        named.sort_by_key(|(_, name)| folded(name));
        choices.extend(named);
    }
    choices
}

/// A name by which it is sorted: without accents, in small letters.
fn folded(name: &str) -> String {
    let plain = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'î' | 'ï' => 'i',
        'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::organisations::tax_id::Country;

    #[test]
    fn every_country_has_a_name_and_those_of_latin_america_come_first() {
        for locale in [Locale::Es, Locale::En] {
            let choices = countries(locale);
            let codes: BTreeSet<_> = choices.iter().map(|(code, _)| code.clone()).collect();
            assert_eq!(codes.len(), 250, "249 and none");
            for (code, name) in choices.iter().skip(1) {
                assert!(code.parse::<Country>().is_ok() && !name.starts_with("country-"), "{code} {name}");
            }
            assert_eq!(choices[1].0, "AR");
            assert_eq!(choices.iter().position(|(code, _)| code == "VE"), Some(LATIN_AMERICA.len()));
        }
    }
}
