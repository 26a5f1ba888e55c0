//! Looking for what somebody typed in a column of texts.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

/// Whether a text of the column holds what was typed: as it was typed, or all of it in small letters. What stands in a
/// pattern for anything is looked for as it is.
pub fn holds(column: impl ColumnTrait, typed: &str) -> Condition {
    let pattern = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        LikeExpr::new(format!("%{text}%")).escape('\\')
    };
    let in_small_letters =
        Func::lower(Expr::col(column.as_column_ref())).like(pattern(&typed.to_lowercase()));
    Condition::any().add(ColumnTrait::like(&column, pattern(typed))).add(in_small_letters)
}
