//! What closing a gap takes, as a box of a form: for the lines of an act, and for the actions of a plan.
//!
//! A box in which nothing was written is none. Costs are in the programme's currency, which the form carries once; a
//! split of which nothing was written is the programme's.

use crate::{
    foundation::{
        page::{Typed, rows},
        problem::Problem,
    },
    gaps::closing::Closing,
};

/// The list of boxes.
const LIST: &str = "actions";
/// What of a box people write.
const WRITTEN: &[&str] = &["description", "cost", "months", "technical_assistance"];
/// The shares of a split, in the order in which they are written.
const SHARES: [&str; 3] = ["programme", "lead_firm", "supplier"];

/// A box.
#[derive(Default)]
pub struct Written {
    /// Its place, from 0.
    pub at: usize,
    /// What is to be done.
    pub description: String,
    /// What it costs, without its currency.
    pub cost: String,
    /// Months that it takes.
    pub months: String,
    /// Who pays, in percent: programme, lead firm, supplier.
    pub split: [String; 3],
    /// What the lead firm's own people contribute.
    pub technical_assistance: String,
}

impl Written {
    /// One in which nothing stands.
    pub fn empty(at: usize) -> Self {
        Self { at, ..Self::default() }
    }

    /// What is saved.
    pub fn of(at: usize, closing: &Closing) -> Self {
        let split = &closing.split;
        Self {
            at,
            description: closing.description.clone(),
            cost: closing.cost.amount(),
            months: closing.months.to_string(),
            split: [split.programme, split.lead_firm, split.supplier]
                .map(|share| share.as_percent().to_string()),
            technical_assistance: closing.technical_assistance.clone().unwrap_or_default(),
        }
    }

    /// The name of one of its fields.
    pub fn name(&self, field: &str) -> String {
        rows::name(LIST, self.at, field)
    }
}

/// A form of boxes as it is to be read.
pub struct Boxes {
    pairs: Vec<(String, String)>,
    /// The places of the boxes that say something.
    places: Vec<usize>,
}

impl Boxes {
    /// What was typed; a box is empty when these of its fields are as well.
    pub fn of(typed: &Typed, also: &[&str]) -> Self {
        let is_blank = |name: String| typed.get(&name).is_none_or(|text| text.trim().is_empty());
        let currency = typed.get("currency").unwrap_or_default();
        let (mut pairs, mut places) = (Vec::new(), Vec::new());
        for (name, text) in typed.pairs() {
            let mut parts = name.splitn(3, '-');
            let (Some(LIST), Some(Ok(at)), Some(field)) =
                (parts.next(), parts.next().map(str::parse::<usize>), parts.next())
            else {
                if name != "currency" {
                    pairs.push((name.clone(), text.clone()));
                }
                continue;
            };
            if WRITTEN.iter().chain(also).all(|field| is_blank(rows::name(LIST, at, field))) {
                continue;
            }
            places.push(at);
            let has_split =
                SHARES.iter().any(|share| !is_blank(rows::name(LIST, at, &format!("split-{share}"))));
            match field {
                "cost" if !text.trim().is_empty() => {
                    pairs.push((format!("{name}-amount"), text.clone()));
                    pairs.push((format!("{name}-currency"), currency.to_owned()));
                }
                split if split.starts_with("split-") && !has_split => {}
                _ => pairs.push((name.clone(), text.clone())),
            }
        }
        places.sort_unstable();
        places.dedup();
        Self { pairs, places }
    }

    /// The fields, each put as it is to be read.
    #[must_use]
    pub fn with(mut self, put: impl Fn((String, String)) -> Vec<(String, String)>) -> Self {
        self.pairs = self.pairs.into_iter().flat_map(put).collect();
        self
    }

    /// The fields.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.pairs.clone()
    }

    /// A fault in the box that it is about: whoever found it counted those alone that say something.
    pub fn in_place(&self, mut problem: Problem) -> Problem {
        for error in &mut problem.errors {
            let mut parts = error.pointer.splitn(4, '/').skip(1);
            let (Some(LIST), Some(Ok(at))) = (parts.next(), parts.next().map(str::parse::<usize>)) else {
                continue;
            };
            if let Some(place) = self.places.get(at) {
                let rest = parts.next().map_or_else(String::new, |rest| format!("/{rest}"));
                error.pointer = format!("/{LIST}/{place}{rest}");
            }
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::problem::FieldError;

    fn typed(of: &[(&str, &str)]) -> Typed {
        Typed::new(of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn an_emptied_box_is_none_and_an_empty_split_is_the_programmes() {
        let boxes = Boxes::of(
            &typed(&[
                ("currency", "CLP"),
                ("actions-0-line", "3"),
                ("actions-0-split-supplier", "100"),
                ("actions-0-description", " "),
                ("actions-2-description", "Capacitar"),
                ("actions-2-cost", "1.000"),
                ("actions-2-split-programme", ""),
            ]),
            &[],
        );
        let get =
            |name: &str| boxes.pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        assert!(!boxes.pairs.iter().any(|(name, _)| name.starts_with("actions-0")), "{:?}", boxes.pairs);
        assert_eq!(
            (get("actions-2-cost-amount"), get("actions-2-cost-currency")),
            (Some("1.000"), Some("CLP"))
        );
        assert_eq!((get("actions-2-split-programme"), get("currency")), (None, None));
    }

    #[test]
    fn a_fault_is_shown_in_the_box_that_was_written_in() {
        let sent =
            typed(&[("actions-1-description", "a"), ("actions-4-months", "b"), ("actions-4-cost", "")]);
        let errors =
            ["/actions/1/split", "/actions/0", "/else/1"].map(|pointer| FieldError::new(pointer, "required"));
        let problem = Boxes::of(&sent, &[]).in_place(Problem::invalid(errors.to_vec()));
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/actions/1", "/actions/4/split", "/else/1"]);
    }
}
