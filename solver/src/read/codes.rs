//! Every finding that an instance can cause: its number, what it means and what to do.
//!
//! `E10…` is about the form, `E11…` about single values, `E12…` about how rows fit together,
//! `E13…` about decisions; `W20…` is legal but odd. Numbers are never given to another meaning (E1014 was
//! for fields that earlier versions could not solve).

/// A numbered finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// `E…` or `W…`.
    pub code: &'static str,
    /// What it means, whatever the instance.
    pub means: &'static str,
    /// What to do about it.
    pub action: &'static str,
}

/// Defines the constants and [`ALL`] from one list, so that no code can be left out of either.
macro_rules! codes {
    ($($name:ident $means:literal $action:literal;)*) => {
        $(
            #[doc = $means]
            pub const $name: Code = Code { code: stringify!($name), means: $means, action: $action };
        )*
        /// Every code, in order.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    E1001 "A file or folder cannot be read."
        "Give a folder that holds instance.toml and its tables, or a file with one JSON document, and check that it may be read.";
    E1002 "A file is larger than 2 GiB, or instance.toml than 1 MiB."
        "Put tables into files of their own; leave out the pairs that nobody would award, or solve parts that share no supplier and no buyer one by one.";
    E1003 "A file is not UTF-8 text."
        "Save it as \u{201c}CSV UTF-8\u{201d} (spreadsheet) or in the encoding UTF-8 (editor).";
    E1004 "A document is not valid JSON or TOML, or not an object."
        "Correct the syntax at the position named.";
    E1005 "The folder holds a file that is no table of the format."
        "Rename it to one of the format's tables or move it away; notes may stay as .md or .txt.";
    E1006 "A table is not separated by commas."
        "Save it with commas between the columns and a point as decimal sign.";
    E1007 "A row has more or fewer cells than the header."
        "Put whole cells that contain a comma into double quotes, and check that every quote is closed.";
    E1008 "The format has no such field or column."
        "Correct its name, or take it out.";
    E1009 "A field or column is given twice."
        "Keep one of them.";
    E1010 "Something that every instance needs is missing."
        "Add it; a table may consist of its header only.";
    E1011 "A value is of the wrong kind."
        "Write the kind of value that the message asks for.";
    E1012 "The document is of another format or version."
        "Write format = \"eslabon-instance/1\".";
    E1013 "The currency is not an ISO 4217 code."
        "Write three capital letters, such as USD, CLP or MXN.";

    E1101 "An id is malformed."
        "Use 1 to 200 characters, without control characters, | or blanks at either end, and not beginning with = + - or @, which spreadsheets run as formulas.";
    E1102 "A value is not a decimal number."
        "Write digits with a point as decimal sign and no thousands separators, such as 1234.5.";
    E1103 "A number is too large or has too many digits."
        "Use at most 18 significant digits, 30 decimal places and 10^15 in size.";
    E1104 "A number is negative."
        "Write 0 or more.";
    E1105 "A share lies outside 0…1."
        "Write a share, such as 0.3 for 30 %.";
    E1106 "A number is not whole or out of its range."
        "Write a whole number within the range named.";
    E1107 "A number must be greater than 0."
        "Write a number greater than 0.";
    E1108 "A value is none of the choices."
        "Write one of the choices named.";
    E1109 "The objectives name an unknown tier."
        "Use coverage, fit, cost, suppliers or spread.";
    E1110 "The objectives are empty or name a tier twice."
        "Name at least one tier, each once; leave the field out for the default.";
    E1111 "An HHI lies outside 0…10000."
        "Write the HHI in points, such as 2500; 10000 is the HHI of a supplier with a single buyer.";
    E1112 "A list names an id twice."
        "Name it once.";

    E1201 "An id is used twice."
        "Give each buyer, each supplier or consortium, each lot and each gap an id of its own.";
    E1202 "Two rows are about the same thing."
        "Merge them into one row.";
    E1203 "A row refers to something that does not exist."
        "Correct the id, or add the row that it refers to.";
    E1204 "A group bears the id of a buyer that belongs to another group."
        "Give both buyers the same group if they are under common control; otherwise rename the group.";
    E1205 "A buyer's id stands where its group must stand."
        "Write the group to which the buyer belongs, so that the dependency rule counts the amount.";
    E1206 "A cap is about a group that occurs nowhere else."
        "Correct the group, or take the row out.";
    E1207 "Expiring sales exceed the sales that they are part of."
        "Write at most the row's amount.";
    E1208 "A supplier's sales add up to a number that cannot be kept exactly."
        "Round the amounts to the currency's minor unit.";
    E1209 "A consortium's members are not suppliers of the instance."
        "List the suppliers themselves, at least one; a consortium cannot be a member of one.";
    E1210 "A row gives a consortium sales, capacity or a cap."
        "Write such rows for the members: a consortium uses what they have.";
    E1211 "A pair is blocked by a gap of somebody else."
        "Name gaps of the pair's supplier; a consortium's pair may wait for gaps of its members too.";

    E1301 "A decision is about a pair that does not exist."
        "Add the pair, or take the decision out; a supplier may also be forbidden where its consortium has a pair.";
    E1302 "A pair is both fixed and forbidden, or decided twice."
        "Keep one of the decisions.";
    E1303 "A fixed award needs exactly one of quantity and share."
        "Fill in one of the two.";
    E1304 "A forbidden pair has a quantity, a share or an override."
        "Leave these cells empty.";
    E1305 "A fixed share is not a whole number of units."
        "Write the quantity in units instead.";
    E1306 "Fixed awards exceed the lot's quantity."
        "Lower the fixed quantities, or raise the lot's.";
    E1307 "A fixed award exceeds the pair's largest share."
        "Lower it, raise the pair's max_share, or set override to true.";
    E1308 "A fixed award exceeds the lot's largest share, which no override lifts."
        "Lower it, or raise the lot's max_share.";

    W2001 "Nobody can serve a lot."
        "Add a pair, or expect the lot to stay unmet.";
    W2002 "A supplier's sales to buyer groups exceed its annual sales; the sum is used as its annual sales."
        "Correct the annual sales or the sales by group.";
    W2003 "A price is at least ten times off its reference price."
        "Check both prices and their unit.";
    W2004 "The cap of a supplier with undisclosed sales has no effect: only the allowance counts."
        "Fill in the supplier's annual sales.";
    W2005 "The tiers before it leave a tier less than 0.01 % of room, as only solving shows."
        "Give an earlier tier a larger tolerance if the later one matters.";
    W2006 "The HHI cap does not limit suppliers whose annual sales are undisclosed or 0."
        "Fill in their annual sales, or rely on the dependency cap and its allowance.";
    W2007 "A consortium has a single member."
        "Name its other members, or let the member offer by itself.";
    W2008 "A pair can never be awarded: its largest share is less than the least award of its lot."
        "Raise the pair's max_share, lower the lot's min_share, or take the pair out.";
    W2009 "Time ran out before every explanation was reached, as only solving shows."
        "Allow more time, or ask about one supplier.";
    W2010 "A lot's least share exceeds its largest: it can only stay unmet."
        "Lower min_share, or raise max_share.";
    W2011 "A lot's least number of suppliers exceeds its largest: it can only stay unmet."
        "Lower min_suppliers, or raise max_suppliers.";
    W2012 "A lot that one supplier takes whole is to be shared: it can only stay unmet."
        "Set divisible to true, or leave min_suppliers at most 1 and max_share at 1.";
    W2013 "A lot's own limits can never be kept together, if it must be awarded."
        "Lower min_coverage, min_suppliers or min_share, or raise max_suppliers or max_share.";
    W2014 "A fixed award waits for gaps that cannot be closed: there is no solution."
        "Give a development_budget that pays for them, let the lot start later, or take the decision out.";
    W2015 "Fixed awards exceed a supplier's capacity: there is no solution."
        "Lower the fixed quantities, or raise the capacity.";
    W2016 "A fixed award is smaller than any award of the lot may be: there is no solution."
        "Raise it to the lot's min_share (all units of an indivisible lot), or lower that.";
    W2017 "More awards are fixed than the lot or the supplier may have: there is no solution."
        "Take decisions out, or raise max_suppliers of the lot or max_awards of the supplier.";
    W2018 "A fixed award of a consortium has no member left to make it: there is no solution."
        "Take the consortium's decision out, or one of those that forbid its members.";
    W2019 "The first-order engine was asked for, and HiGHS solved the instance, whose rules it does not know."
        "Take the option engine out; the first-order engine knows neither counts of awards nor least awards nor HHI caps.";
}
