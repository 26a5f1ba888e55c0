//! Consortia: who offers together, and what only their members have.

use super::{
    codes,
    problems::Problems,
    row::Quoted,
    tables::{Record, Table, Tables},
};

/// E1209: members are suppliers of the instance, at least one.
pub(super) fn check_e1209_members(tables: &Tables, problems: &mut Problems) {
    let Tables { consortia, suppliers, .. } = tables;
    for (row, consortium) in &consortia.rows {
        let place = consortia.place(*row, "members");
        if consortium.members.is_empty() {
            problems.report(codes::E1209, place, format_args!("no member is named"));
        }
        for member in &consortium.members {
            let quoted = Quoted(member);
            if consortium.id == *member {
                let cause = format_args!("{quoted} would be a member of itself");
                problems.report(codes::E1209, place, cause);
            } else if consortia.find((member, "")).is_some() {
                problems.report(codes::E1209, place, format_args!("{quoted} is a consortium"));
            } else if !suppliers.may_hold((member, "")) {
                problems.report(codes::E1209, place, format_args!("there is no supplier {quoted}"));
            }
        }
    }
}

/// E1210: sales, capacity and caps are suppliers', never a consortium's.
pub(super) fn check_e1210_own_rows(tables: &Tables, problems: &mut Problems) {
    check_e1210_table(tables, &tables.caps, |cap| &cap.supplier, problems);
    check_e1210_table(tables, &tables.sales, |sales| &sales.supplier, problems);
    check_e1210_table(tables, &tables.capacity, |capacity| &capacity.supplier, problems);
}

fn check_e1210_table<T: Record>(
    tables: &Tables,
    table: &Table<T>,
    supplier: impl Fn(&T) -> &str,
    problems: &mut Problems,
) {
    if tables.consortia.rows.is_empty() {
        return;
    }
    for (row, record) in &table.rows {
        let id = supplier(record);
        // Whose id is a supplier's too is reported as such.
        if tables.consortia.find((id, "")).is_some() && tables.suppliers.find((id, "")).is_none() {
            let cause = format_args!("{} is a consortium", Quoted(id));
            problems.report(codes::E1210, table.place(*row, "supplier"), cause);
        }
    }
}
