//! Looking for what somebody typed in a column of texts. What stands in a pattern for anything is looked for as it is.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

/// The pattern of texts that hold this.
pub fn holding(typed: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", as_it_is(typed))).escape('\\')
}

/// The pattern of texts that begin with this.
pub fn beginning(typed: &str) -> LikeExpr {
    LikeExpr::new(format!("{}%", as_it_is(typed))).escape('\\')
}

fn as_it_is(typed: &str) -> String {
    typed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Whether a text of the column holds what was typed: as it was typed, or all of it in small letters.
pub fn holds(column: impl ColumnTrait, typed: &str) -> Condition {
    let in_small_letters =
        Func::lower(Expr::col(column.as_column_ref())).like(holding(&typed.to_lowercase()));
    Condition::any().add(ColumnTrait::like(&column, holding(typed))).add(in_small_letters)
}
