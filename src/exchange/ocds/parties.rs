//! Who buys and who sells: one entry a firm, whatever the document calls it and wherever.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    findings::{Code, Warnings},
    json::Node,
    model::{Identifier, Party},
    values::{Values, free_id, tamed},
};

/// The firms of one process.
pub(super) struct Parties<'d> {
    /// The document's `parties`, by their id there.
    listed: BTreeMap<&'d str, &'d Node>,
    /// Suppliers met so far.
    pub suppliers: Vec<Party>,
    by_identifier: HashMap<Identifier, usize>,
    by_name: HashMap<String, usize>,
    ids: HashSet<String>,
    doubles: HashMap<String, usize>,
}

impl<'d> Parties<'d> {
    /// The parties that the release lists.
    pub(super) fn of(release: &'d Node, warnings: &mut Warnings) -> Self {
        let mut listed = BTreeMap::new();
        for party in release.objects("parties", warnings) {
            if let Some(id) = party.text("id") {
                listed.entry(id).or_insert(party);
            }
        }
        if listed.is_empty() {
            warnings.add(
                Code::PartiesMissing,
                &release.at,
                "has no parties; names and identifiers are taken from where they are referred to",
            );
        }
        Self {
            listed,
            suppliers: Vec::new(),
            by_identifier: HashMap::new(),
            by_name: HashMap::new(),
            ids: HashSet::new(),
            doubles: HashMap::new(),
        }
    }

    /// The party that `reference` names or describes; `None` when it does neither.
    pub(super) fn party(&self, reference: &Node, values: &mut Values<'_>) -> Option<Party> {
        let own_id = reference.text("id");
        let entry = own_id.and_then(|id| self.listed.get(id).copied());
        if let (Some(id), None, false) = (own_id, entry, self.listed.is_empty()) {
            values.warnings.add(
                Code::PartyUnknown,
                &reference.at,
                format!("refers to party {}, which is not listed", tamed(id)),
            );
        }
        let described = entry.unwrap_or(reference);
        let name = described.text("name").or(reference.text("name"));
        let identifier = identifier(described, values).or_else(|| identifier(reference, values));
        let at = described.at.to_string();
        let id = match (&identifier, own_id, name) {
            (Some(identifier), ..) => values.tame(&identifier.id, &at),
            (None, own_id, name) => match (name.and_then(slug), own_id) {
                (Some(slug), _) => slug,
                (None, Some(id)) => values.tame(id, &at),
                (None, None) => return None,
            },
        };
        if identifier.is_none() {
            values.warnings.add(
                Code::IdentifierMissing,
                at.clone(),
                format!("is in no register; called {id}"),
            );
        }
        Some(Party { name: name.unwrap_or(&id).to_owned(), at, id, identifier })
    }

    /// The suppliers that a list of references names, by their ids, each entered once.
    pub(super) fn suppliers(&mut self, references: &[&Node], values: &mut Values<'_>) -> Vec<String> {
        let (mut ids, mut seen) = (Vec::new(), HashSet::new());
        for reference in references {
            let Some(party) = self.party(reference, values) else {
                let detail = "names nobody; skipped";
                values.warnings.add(Code::PartyUnknown, &reference.at, detail);
                continue;
            };
            let id = self.enter(party);
            if seen.insert(id.clone()) {
                ids.push(id);
            }
        }
        ids
    }

    /// Enters a supplier and returns its id. Equal numbers of two registers are two firms: the
    /// second one's id carries the register's name, as the standard's party ids do.
    fn enter(&mut self, mut party: Party) -> String {
        let known = match &party.identifier {
            Some(identifier) => self.by_identifier.get(identifier),
            // A mere name means the firm that was met under it.
            None => self.by_name.get(&party.name),
        };
        if let Some(&known) = known {
            return self.suppliers[known].id.clone();
        }
        if self.ids.contains(&party.id)
            && let Some(identifier) = &party.identifier
        {
            party.id = tamed(&format!("{}-{}", identifier.scheme, party.id));
        }
        if self.ids.contains(&party.id) {
            let suffix = self.doubles.entry(party.id.clone()).or_insert(1);
            party.id = free_id(&party.id, suffix, |id| self.ids.contains(id));
        }
        self.ids.insert(party.id.clone());
        let position = self.suppliers.len();
        if let Some(identifier) = party.identifier.clone() {
            self.by_identifier.insert(identifier, position);
        }
        self.by_name.entry(party.name.clone()).or_insert(position);
        let id = party.id.clone();
        self.suppliers.push(party);
        id
    }
}

/// The entry in a register: `identifier`, else the first of `additionalIdentifiers`, else an id of
/// the form that the standard recommends for parties (`PY-RUC-80026564-5`).
fn identifier(party: &Node, values: &mut Values<'_>) -> Option<Identifier> {
    let described = party.get("identifier").filter(|node| node.text("id").is_some());
    let node = match described {
        Some(node) => Some(node),
        None => {
            party.list("additionalIdentifiers", values.warnings).iter().find(|node| node.text("id").is_some())
        }
    };
    if let Some(node) = node {
        let scheme = scheme(node, values);
        let id = Some(normalised(node.text("id")?)).filter(|id| !id.is_empty())?;
        let country = party.find(&["address", "country"]).and_then(Node::as_text);
        if let (Some((register, _)), Some(country)) = (scheme.split_once('-'), country)
            && register.len() == 2
            && country.len() == 2
            && !register.eq_ignore_ascii_case(country)
        {
            values.warnings.add(
                Code::SchemeCountry,
                &node.at,
                format!("{scheme} is not a register of {country}, where the firm is; kept as given"),
            );
        }
        return Some(Identifier { scheme, id });
    }
    let number = party.text("id")?.strip_prefix(Identifier::PY_RUC)?;
    let id = Some(normalised(number.strip_prefix('-')?)).filter(|id| !id.is_empty())?;
    Some(Identifier { scheme: Identifier::PY_RUC.to_owned(), id })
}

/// The register that an identifier's scheme names or describes.
fn scheme(identifier: &Node, values: &mut Values<'_>) -> String {
    if identifier.get("scheme").is_none() && identifier.get("schema").is_some() {
        let detail = "`schema` where `scheme` belongs; read as `scheme`";
        values.warnings.add(Code::SchemaForScheme, &identifier.at, detail);
    }
    let given = identifier.text("scheme").or(identifier.text("schema"));
    let given = given.unwrap_or_default();
    let words = given.to_lowercase();
    if words.contains("contribuyente") && words.contains("paraguay") {
        values.warnings.add(
            Code::SchemeText,
            &identifier.at,
            "the identifier's scheme is a sentence about the Paraguayan taxpayer register; read as PY-RUC",
        );
        return Identifier::PY_RUC.to_owned();
    }
    given.to_owned()
}

/// A register's number without the dots and spaces that people put into it: `80.026.564 - 5`.
fn normalised(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace() && *c != '.').flat_map(char::to_uppercase).collect()
}

/// A name as an id: small letters, digits and hyphens.
fn slug(name: &str) -> Option<String> {
    let words: Vec<String> = name
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    (!words.is_empty()).then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_become_plain_ids() {
        assert_eq!(normalised(" 80.026.564 - 5 "), "80026564-5");
        assert_eq!(slug("Vicente Scavone & Cía. S.A.").as_deref(), Some("vicente-scavone-cía-s-a"));
        assert_eq!(slug("***"), None);
    }
}
