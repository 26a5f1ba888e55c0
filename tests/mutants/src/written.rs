//! The sources with their mutants.
//!
//! Only one mutant lives at a time: what is within one is written as it was, and only what stands there in earnest has
//! further mutants within it. So a nested expression grows with its depth, not with a power of it.

use std::{fmt::Write as _, ops::Range};

use crate::places::{Instead, Site, What};

pub fn written(source: &str, mut sites: Vec<Site<'_>>) -> String {
    // The outer ones first.
    sites.sort_by_key(|site| (site.range.start, std::cmp::Reverse(site.range.end)));
    let whole = 0..source.len();
    Writer { source, sites }.within(&whole)
}

struct Writer<'m> {
    source: &'m str,
    sites: Vec<Site<'m>>,
}

impl Writer<'_> {
    /// What stands there, with the mutants within.
    fn within(&self, range: &Range<usize>) -> String {
        let mut text = String::new();
        let mut at = range.start;
        let first = self.sites.partition_point(|site| site.range.start < range.start);
        for site in &self.sites[first..] {
            if site.range.start > range.end {
                break;
            }
            // What is within a site that has been written is written with it.
            if site.range.start < at || site.range.end > range.end {
                continue;
            }
            text += &self.source[at..site.range.start];
            text += &self.site(site);
            at = site.range.end;
        }
        text + &self.source[at..range.end]
    }

    /// What stands there, as it was.
    fn plain(&self, range: &Range<usize>) -> &str {
        &self.source[range.clone()]
    }

    fn site(&self, site: &Site<'_>) -> String {
        match &site.what {
            What::Const => String::new(),
            What::Body(instead) => around(
                &ids(instead),
                &instead
                    .iter()
                    .map(|(id, value)| format!("{} {{ return {}; }}", on(*id), branch(*id, value)))
                    .collect::<String>(),
            ),
            What::Binary { left, operator, right, instead } => {
                let mut text = String::from("(");
                for (id, other) in instead {
                    let mutant = format!("({}) {other} ({})", self.plain(left), self.plain(right));
                    let _ = write!(text, "{} {{ {} }} else ", on(*id), branch(*id, &mutant));
                }
                let _ = write!(text, "{{ ({}) {operator} ({}) }})", self.within(left), self.within(right));
                around(&ids(instead), &text)
            }
            What::Unary { operator, operand, id } => around(
                &[*id],
                &format!(
                    "({} {{ {} }} else {{ {operator}({}) }})",
                    on(*id),
                    branch(*id, self.plain(operand)),
                    self.within(operand)
                ),
            ),
            What::Arm { guard, deleted, always, never } => {
                let mut guard = guard
                    .as_ref()
                    .map_or_else(|| "true".to_owned(), |guard| format!("({})", self.within(guard)));
                if let Some(id) = never {
                    guard = format!("(!crate::mutated({id}) && {guard})");
                }
                if let Some(id) = always {
                    guard = format!("(crate::mutated({id}) || {guard})");
                }
                if let Some(id) = deleted {
                    guard = format!("!crate::mutated({id}) && {guard}");
                }
                let ids: Vec<usize> = [deleted, always, never].into_iter().flatten().copied().collect();
                around(&ids, &format!(" if {guard}"))
            }
            What::Field { value, name, rest, id } => around(
                &[*id],
                &format!(
                    "{name}: {} {{ {} }} else {{ {} }}",
                    on(*id),
                    branch(*id, &format!("({}).{name}", self.plain(rest))),
                    // `{ name, ..rest }` has no value of its own.
                    if *value == site.range { name.clone() } else { self.within(value) }
                ),
            ),
        }
    }
}

fn on(id: usize) -> String {
    format!("if crate::mutated({id})")
}

fn branch(id: usize, text: &str) -> String {
    format!("/*<{id}*/{text}/*{id}>*/")
}

fn ids(instead: &[Instead<'_>]) -> Vec<usize> {
    instead.iter().map(|(id, _)| *id).collect()
}

fn around(ids: &[usize], text: &str) -> String {
    let ids = ids.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    format!("/*({ids}*/{text}/*{ids})*/")
}
