//! Where in a file the mutants are.

use std::{collections::HashMap, ops::Range};

use proc_macro2::LineColumn;
use syn::{
    Arm, BinOp, Block, Expr, ExprBinary, ExprStruct, ExprUnary, Member, Signature,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{Mutant, Unplaced};

/// Of a mutant: its id and what stands there instead.
pub type Instead<'m> = (usize, &'m str);

/// What a mutant, or several of them, are part of.
pub struct Site<'m> {
    /// The bytes that are written anew.
    pub range: Range<usize>,
    pub what: What<'m>,
}

pub enum What<'m> {
    /// `const` before a function with mutants, which ask the environment.
    Const,
    /// The beginning of a function's body.
    Body(Vec<Instead<'m>>),
    Binary {
        left: Range<usize>,
        operator: &'m str,
        right: Range<usize>,
        instead: Vec<Instead<'m>>,
    },
    Unary {
        operator: &'m str,
        operand: Range<usize>,
        id: usize,
    },
    /// What follows on an arm's pattern.
    Arm {
        guard: Option<Range<usize>>,
        deleted: Option<usize>,
        always: Option<usize>,
        never: Option<usize>,
    },
    /// The value of a field, where the rest comes from another value.
    Field {
        value: Range<usize>,
        name: String,
        rest: Range<usize>,
        id: usize,
    },
}

/// The bytes at which lines begin.
pub struct Lines<'s> {
    source: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub fn new(source: &'s str) -> Self {
        let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { source, starts }
    }

    /// The byte of a line (from 1) and a column (from 0, in characters).
    pub fn at(&self, line: usize, column: usize) -> usize {
        let start = self.starts[line - 1];
        self.source[start..]
            .char_indices()
            .nth(column)
            .map_or(self.source.len(), |(offset, _)| start + offset)
    }

    fn of(&self, what: &impl Spanned) -> Range<usize> {
        let span = what.span();
        let at = |LineColumn { line, column }| self.at(line, column);
        at(span.start())..at(span.end())
    }
}

/// Finds each mutant's site. Those of what is constant stay away, and so do those that cannot be Rust.
pub fn find<'m>(
    source: &'m str,
    lines: &Lines<'_>,
    wanted: Vec<(&'m Mutant, Range<usize>)>,
) -> syn::Result<(Vec<Site<'m>>, Vec<Unplaced>)> {
    let file = syn::parse_file(source)?;
    let mut finder = Finder {
        source,
        lines,
        wanted: HashMap::new(),
        sites: Vec::new(),
        unplaced: Vec::new(),
        constant: 0,
    };
    for (mutant, range) in wanted {
        finder.wanted.entry((mutant.genre.as_str(), range.start, range.end)).or_default().push(mutant);
    }
    finder.visit_file(&file);
    let without = finder.wanted.into_values().flatten();
    finder.unplaced.extend(without.map(|mutant| Unplaced { id: mutant.id, why: "within a macro" }));
    Ok((finder.sites, finder.unplaced))
}

struct Finder<'m, 's> {
    source: &'m str,
    lines: &'s Lines<'s>,
    wanted: HashMap<(&'m str, usize, usize), Vec<&'m Mutant>>,
    sites: Vec<Site<'m>>,
    unplaced: Vec<Unplaced>,
    /// How many constants are around.
    constant: usize,
}

impl<'m> Finder<'m, '_> {
    fn take(&mut self, genre: &'static str, range: &Range<usize>) -> Vec<&'m Mutant> {
        let found = self.wanted.remove(&(genre, range.start, range.end)).unwrap_or_default();
        if self.constant > 0 {
            self.leave(&found, "in a constant");
            return Vec::new();
        }
        found
    }

    fn leave(&mut self, mutants: &[&Mutant], why: &'static str) {
        self.unplaced.extend(mutants.iter().map(|mutant| Unplaced { id: mutant.id, why }));
    }

    fn constant(&mut self, inside: impl FnOnce(&mut Self)) {
        self.constant += 1;
        inside(self);
        self.constant -= 1;
    }

    fn function(&mut self, signature: &Signature, block: &Block, inside: impl FnOnce(&mut Self)) {
        let before = self.sites.len();
        if let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) {
            let range = self.lines.of(first).start..self.lines.of(last).end;
            let found = self.take("FnValue", &range);
            if self.source[self.lines.of(&signature.output)].contains("impl ") {
                self.leave(&found, "no switch: impl is one type");
            } else if !found.is_empty() {
                let at = self.lines.of(&block.brace_token.span.open()).end;
                self.sites.push(Site { range: at..at, what: What::Body(instead(&found)) });
            }
        }
        inside(self);
        if let Some(token) = signature.constness.filter(|_| self.sites.len() > before) {
            self.sites.push(Site { range: self.lines.of(&token), what: What::Const });
        }
    }
}

fn instead<'m>(found: &[&'m Mutant]) -> Vec<Instead<'m>> {
    found.iter().map(|mutant| (mutant.id, mutant.replacement.as_str())).collect()
}

/// Whether an operand of `&&` is, or ends in, a `let`.
fn binds(operand: &Expr) -> bool {
    match operand {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => binds(left) || binds(right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_, '_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_impl_item_fn(finder, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let Some(block) = &item.default else { return };
        self.function(&item.sig, block, |finder| visit::visit_trait_item_fn(finder, item));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.constant(|finder| visit::visit_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.constant(|finder| visit::visit_item_static(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.constant(|finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_type_array(&mut self, of: &'ast syn::TypeArray) {
        self.constant(|finder| visit::visit_type_array(finder, of));
    }

    fn visit_expr_binary(&mut self, of: &'ast ExprBinary) {
        let operator = self.lines.of(&of.op);
        let found = self.take("BinaryOperator", &operator);
        if binds(&of.left) || binds(&of.right) {
            self.leave(&found, "no Rust: a let within ||");
        } else if !found.is_empty() {
            let what = What::Binary {
                left: self.lines.of(&of.left),
                operator: &self.source[operator],
                right: self.lines.of(&of.right),
                instead: instead(&found),
            };
            self.sites.push(Site { range: self.lines.of(of), what });
        }
        visit::visit_expr_binary(self, of);
    }

    fn visit_expr_unary(&mut self, of: &'ast ExprUnary) {
        let operator = self.lines.of(&of.op);
        if let Some(mutant) = self.take("UnaryOperator", &operator).first() {
            let operand = self.lines.of(&of.expr);
            let what = What::Unary { operator: &self.source[operator], operand, id: mutant.id };
            self.sites.push(Site { range: self.lines.of(of), what });
        }
        visit::visit_expr_unary(self, of);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        // What is reported ends before or after the comma, as the arm has one or not.
        let whole = self.lines.of(arm);
        let bare = self.lines.of(&arm.pat).start..self.lines.of(&arm.body).end;
        let mut deleted = Vec::new();
        for range in [&whole, &bare, &(bare.start..whole.end)] {
            deleted.extend(self.take("MatchArm", range));
        }
        let guard = arm.guard.as_ref().map(|(_, guard)| self.lines.of(guard));
        let found = guard.as_ref().map(|guard| self.take("MatchArmGuard", guard)).unwrap_or_default();
        let with =
            |text: &str| found.iter().find(|mutant| mutant.replacement == text).map(|mutant| mutant.id);
        let what = What::Arm {
            guard: guard.clone(),
            deleted: deleted.first().map(|mutant| mutant.id),
            always: with("true"),
            never: with("false"),
        };
        if !deleted.is_empty() || !found.is_empty() {
            let start = self.lines.of(&arm.pat).end;
            let end = guard.map_or(start, |guard| guard.end);
            self.sites.push(Site { range: start..end, what });
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, of: &'ast ExprStruct) {
        for field in &of.fields {
            let range = self.lines.of(field);
            // What is reported has the comma, where there is one.
            let comma = usize::from(self.source[range.end..].starts_with(','));
            let found = self.take("StructField", &(range.start..range.end + comma));
            let (Some(mutant), Some(rest), Member::Named(name)) = (found.first(), &of.rest, &field.member)
            else {
                self.leave(&found, "a field without a rest");
                continue;
            };
            let what = What::Field {
                value: self.lines.of(&field.expr),
                name: name.to_string(),
                rest: self.lines.of(rest),
                id: mutant.id,
            };
            self.sites.push(Site { range, what });
        }
        visit::visit_expr_struct(self, of);
    }
}
