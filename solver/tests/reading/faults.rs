//! Every finding: an input that causes it, and where it says that the fault is.

use std::collections::BTreeSet;

use eslabon_solver::read::{self, codes};

use crate::support::{Folder, document, places};

/// A field and its text in JSON.
type Change = (&'static str, &'static str);

/// The lots of the small document, their only lot having further fields.
macro_rules! lot {
    ($fields:literal) => {
        (
            "lots",
            concat!(
                r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 10, "reference_price": 5, "#,
                $fields,
                "}]"
            ),
        )
    };
}

/// The only pair waits for a gap that costs 100 and takes half a year to close.
const BLOCKED: [Change; 2] = [
    ("gaps", r#"[{"id": "g", "supplier": "S1", "cost": 100, "months": 6}]"#),
    ("pairs", r#"[{"supplier": "S1", "lot": "L1", "blocked_by": ["g"]}]"#),
];

/// Six of its ten units are fixed.
const FIXED: Change =
    ("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 6}]"#);

/// Changes to the small document, and the findings that they cause.
const IN_JSON: &[(&[Change], &[&str])] = &[
    (&[("format", "")], &["E1010 :0 format"]),
    (&[("lots", "")], &["E1010 lots:0"]),
    (&[("buyers", "[{}]")], &["E1010 buyers:1 id"]),
    (&[("format", r#""eslabon-instance/2""#)], &["E1012 :0 format"]),
    (&[("currency", r#""usd""#)], &["E1013 :0 currency"]),
    (&[("dependency_kap", "1")], &["E1008 :0 dependency_kap"]),
    (&[("buyers", r#"[{"id": "B1", "country": "CL"}]"#)], &["E1008 buyers:1 country"]),
    (&[("buyers", r#"[{"id": "B1", "id": "B2"}]"#)], &["E1009 buyers:1 id"]),
    (&[("seed", r#"1, "seed": 2"#)], &["E1009 :0 seed"]),
    (&[("buyers", r#"{"B1": {}}"#)], &["E1011 buyers:0"]),
    (&[("buyers", r#"[{"id": "B1"}, "B2"]"#)], &["E1011 buyers:2"]),
    (&[("buyers", r#"[{"id": "B1"}, {"id": 2}]"#)], &["E1011 buyers:2 id"]),
    (&[("dependency_cap", "[0.3]")], &["E1011 :0 dependency_cap"]),
    (&[("no_worsening", "1")], &["E1011 :0 no_worsening"]),
    (&[("objectives", r#""cost""#)], &["E1011 :0 objectives"]),
    (&[("objectives", "[1]")], &["E1011 :0 objectives"]),
    (&[("buyers", r#"[{"id": "B1"}, {"id": "=1+1"}]"#)], &["E1101 buyers:2 id"]),
    (&[("buyers", r#"[{"id": "B1"}, {"id": "B2 "}]"#)], &["E1101 buyers:2 id"]),
    (&[("buyers", r#"[{"id": "B1"}, {"id": "B\u0000"}]"#)], &["E1101 buyers:2 id"]),
    (&[("buyers", r#"[{"id": "B1", "group": "a|b"}]"#)], &["E1101 buyers:1 group"]),
    (&[("dependency_cap", r#""30 %""#)], &["E1102 :0 dependency_cap"]),
    (&[("dependency_cap", r#""NaN""#)], &["E1102 :0 dependency_cap"]),
    (&[("dependency_allowance", "1e308")], &["E1103 :0 dependency_allowance"]),
    (&[("dependency_cap", "0.1234567890123456789")], &["E1103 :0 dependency_cap"]),
    (&[("dependency_allowance", "-1")], &["E1104 :0 dependency_allowance"]),
    (&[("dependency_cap", "30")], &["E1105 :0 dependency_cap"]),
    (
        &[(
            "objectives",
            r#"[{"name": "cost", "tolerance": 2}, {"name": "fit", "tolerance": "x"}, {"tolerance": 0}]"#,
        )],
        &["E1105 :0 objectives", "E1102 :0 objectives", "E1010 :0 objectives"],
    ),
    (
        &[("objectives", r#"[{"name": "cost", "weight": 2, "name": "fit"}]"#)],
        &["E1008 :0 objectives", "E1009 :0 objectives"],
    ),
    (
        &[(
            "lots",
            r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 1.5, "reference_price": 5},
                {"id": "L2", "buyer": "B1", "process": "cut", "quantity": 0, "reference_price": 5, "years": 0}]"#,
        )],
        &["E1106 lots:1 quantity", "E1106 lots:2 quantity", "E1107 lots:2 years"],
    ),
    (&[("dependency_base", r#""sales""#)], &["E1108 :0 dependency_base"]),
    (&[("objectives", r#"["coverage", "speed"]"#)], &["E1109 :0 objectives"]),
    (&[("objectives", "[]")], &["E1110 :0 objectives"]),
    (&[("objectives", r#"["fit", "cost", "fit"]"#)], &["E1110 :0 objectives"]),
    (&[("hhi_cap", "10000.01")], &["E1111 :0 hhi_cap"]),
    (&[("development_budget", "-1")], &["E1104 :0 development_budget"]),
    (&[("whole_units", "1")], &["E1011 :0 whole_units"]),
    (
        &[("suppliers", r#"[{"id": "S1", "max_awards": 1.5, "min_total": -1, "setup_cost": "x"}]"#)],
        &["E1106 suppliers:1 max_awards", "E1104 suppliers:1 min_total", "E1102 suppliers:1 setup_cost"],
    ),
    (
        &[(
            "lots",
            r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 10, "reference_price": 5,
                "min_suppliers": -1, "max_suppliers": 0, "min_share": 2, "divisible": "no",
                "must_award": 1, "starts_in": "soon"}]"#,
        )],
        &[
            "E1106 lots:1 min_suppliers",
            "E1106 lots:1 max_suppliers",
            "E1105 lots:1 min_share",
            "E1011 lots:1 divisible",
            "E1011 lots:1 must_award",
            "E1102 lots:1 starts_in",
        ],
    ),
    (
        &[
            ("gaps", r#"[{"id": "g", "supplier": "S1", "cost": 1, "months": -1}]"#),
            ("pairs", r#"[{"supplier": "S1", "lot": "L1", "blocked_by": ["g", "g"]}]"#),
        ],
        &["E1112 pairs:1 blocked_by", "E1104 gaps:1 months"],
    ),
    (
        // Joined by | is how files write lists.
        &[("pairs", r#"[{"supplier": "S1", "lot": "L1", "blocked_by": "g|h"}]"#)],
        &["E1011 pairs:1 blocked_by"],
    ),
    (
        &[("consortia", r#"[{"id": "C1", "members": ["S1", 2, ""]}, {"id": "C2"}]"#)],
        &["E1011 consortia:1 members", "E1101 consortia:1 members", "E1010 consortia:2 members"],
    ),
    (&[("buyers", r#"[{"id": "B1"}, {"id": "B2"}, {"id": "B1"}]"#)], &["E1201 buyers:3 id"]),
    (
        &[("consortia", r#"[{"id": "S1", "members": ["S2", "S1"]}]"#)],
        &["E1201 consortia:1 id", "E1209 consortia:1 members"],
    ),
    (
        &[("pairs", r#"[{"supplier": "S1", "lot": "L1"}, {"supplier": "S1", "lot": "L1"}]"#)],
        &["E1202 pairs:2"],
    ),
    (
        &[("pairs", r#"[{"supplier": "S1", "lot": "L1"}, {"supplier": "S9", "lot": "L9"}]"#)],
        &["E1203 pairs:2 supplier", "E1203 pairs:2 lot"],
    ),
    (
        &[
            ("buyers", r#"[{"id": "B2"}]"#),
            ("sales", r#"[{"supplier": "S9", "group": "B2", "amount": 1}]"#),
            ("caps", r#"[{"supplier": "S9", "group": "B2", "dependency_cap": 1}]"#),
            ("capacity", r#"[{"supplier": "S9", "process": "cut", "amount": 1}]"#),
        ],
        &[
            "E1203 caps:1 supplier",
            "E1203 sales:1 supplier",
            "E1203 capacity:1 supplier",
            "E1203 lots:1 buyer",
        ],
    ),
    (
        &[("buyers", r#"[{"id": "B1", "group": "B2"}, {"id": "B2", "group": "G"}]"#)],
        &["E1204 buyers:1 group"],
    ),
    (
        // Sales "to B1" would not count for its group, so the cap would not see them.
        &[
            ("buyers", r#"[{"id": "B1", "group": "G"}]"#),
            ("sales", r#"[{"supplier": "S1", "group": "B1", "amount": 1}]"#),
            ("caps", r#"[{"supplier": "S1", "group": "B1", "dependency_cap": 1}]"#),
        ],
        &["E1205 sales:1 group", "E1205 caps:1 group"],
    ),
    (&[("caps", r#"[{"supplier": "S1", "group": "G", "dependency_cap": 1}]"#)], &["E1206 caps:1 group"]),
    (
        &[("sales", r#"[{"supplier": "S1", "group": "B1", "amount": 5, "expiring": "5.01"}]"#)],
        &["E1207 sales:1 expiring"],
    ),
    (
        &[(
            "sales",
            r#"[{"supplier": "S1", "group": "B1", "amount": 1e14},
                {"supplier": "S1", "group": "G", "amount": 0.00001}]"#,
        )],
        &["E1208 sales:1 amount"],
    ),
    (
        &[
            ("pairs", r#"[{"supplier": "S1", "lot": "L1", "blocked_by": ["g", "h"]}]"#),
            ("gaps", r#"[{"id": "g", "supplier": "S9", "cost": 1}]"#),
        ],
        &["E1203 gaps:1 supplier", "E1203 pairs:1 blocked_by", "E1211 pairs:1 blocked_by"],
    ),
    (
        &[(
            "consortia",
            r#"[{"id": "C1", "members": ["S1", "C2"]}, {"id": "C2", "members": []},
                {"id": "C3", "members": ["S1", "S9"]}]"#,
        )],
        &["E1209 consortia:1 members", "E1209 consortia:2 members", "E1209 consortia:3 members"],
    ),
    (
        &[
            ("consortia", r#"[{"id": "C1", "members": ["S1", "S2"]}]"#),
            ("caps", r#"[{"supplier": "C1", "group": "B1", "dependency_cap": 1}]"#),
            ("sales", r#"[{"supplier": "C1", "group": "B1", "amount": 1}]"#),
            ("capacity", r#"[{"supplier": "C1", "process": "cut", "amount": 1}]"#),
        ],
        &["E1210 caps:1 supplier", "E1210 sales:1 supplier", "E1210 capacity:1 supplier"],
    ),
    (
        // A consortium waits for its members; a member does not wait for the consortium.
        &[
            ("consortia", r#"[{"id": "C1", "members": ["S1", "S2"]}]"#),
            (
                "gaps",
                r#"[{"id": "g", "supplier": "C1", "cost": 1}, {"id": "h", "supplier": "S2", "cost": 1}]"#,
            ),
            (
                "pairs",
                r#"[{"supplier": "C1", "lot": "L1", "blocked_by": ["g", "h"]},
                    {"supplier": "S1", "lot": "L1", "blocked_by": ["g"]}]"#,
            ),
        ],
        &["E1211 pairs:2 blocked_by"],
    ),
    (
        // Firms that own each other in a circle: groups are flat, so both rows are at odds.
        &[("buyers", r#"[{"id": "B1", "group": "B2"}, {"id": "B2", "group": "B1"}]"#)],
        &["E1204 buyers:1 group", "E1204 buyers:2 group"],
    ),
    (&[lot!(r#""min_share": 0.5, "max_share": 0.4"#)], &["W2010 lots:1 min_share"]),
    (&[lot!(r#""min_suppliers": 3, "max_suppliers": 2"#)], &["W2011 lots:1 min_suppliers", "W2001 lots:1"]),
    (
        &[lot!(r#""divisible": false, "min_suppliers": 2, "max_share": 0.9"#)],
        &["W2012 lots:1 min_suppliers", "W2012 lots:1 max_share", "W2001 lots:1"],
    ),
    (
        // Two suppliers with 4 of 10 units each.
        &[lot!(r#""max_suppliers": 2, "max_share": 0.49, "min_coverage": 0.81"#)],
        &["W2013 lots:1 min_coverage"],
    ),
    (&[lot!(r#""max_suppliers": 2, "max_share": 0.49, "min_coverage": 0.8"#)], &[]),
    (
        // Three suppliers with at least ⌈3.1⌉ units each need 12.
        &[lot!(r#""min_suppliers": 3, "min_share": 0.31"#)],
        &["W2013 lots:1 min_suppliers", "W2001 lots:1"],
    ),
    (&[lot!(r#""min_suppliers": 11"#)], &["W2013 lots:1 min_suppliers", "W2001 lots:1"]),
    (&[lot!(r#""divisible": false, "min_coverage": 0.3"#)], &[]),
    (
        &[("decisions", r#"[{"supplier": "S2", "lot": "L1", "decision": "forbidden"}]"#)],
        &["E1301 decisions:1"],
    ),
    (
        // What it would do within its consortium is forbidden, and only that.
        &[
            ("consortia", r#"[{"id": "C1", "members": ["S1", "S2"]}]"#),
            ("pairs", r#"[{"supplier": "C1", "lot": "L1"}]"#),
            (
                "decisions",
                r#"[{"supplier": "S2", "lot": "L1", "decision": "forbidden"},
                    {"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 1}]"#,
            ),
        ],
        &["E1301 decisions:2"],
    ),
    (
        &[(
            "decisions",
            r#"[{"supplier": "S1", "lot": "L1", "decision": "forbidden"},
                {"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 1}]"#,
        )],
        &["E1302 decisions:2"],
    ),
    (&[("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed"}]"#)], &["E1303 decisions:1"]),
    (
        &[(
            "decisions",
            r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 5, "share": 0.5}]"#,
        )],
        &["E1303 decisions:1"],
    ),
    (
        &[("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "forbidden", "override": true}]"#)],
        &["E1304 decisions:1"],
    ),
    (
        // The whole lot may be fixed.
        &[("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 10}]"#)],
        &[],
    ),
    (
        &[("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "share": 0.55}]"#)],
        &["E1305 decisions:1 share"],
    ),
    (
        &[
            ("pairs", r#"[{"supplier": "S1", "lot": "L1"}, {"supplier": "S2", "lot": "L1"}]"#),
            (
                "decisions",
                r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 6},
                    {"supplier": "S2", "lot": "L1", "decision": "fixed", "quantity": 5}]"#,
            ),
        ],
        &["E1306 decisions:2"],
    ),
    (
        &[
            ("pairs", r#"[{"supplier": "S1", "lot": "L1", "max_share": 0.5}]"#),
            ("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 6}]"#),
        ],
        &["E1307 decisions:1"],
    ),
    (
        &[
            (
                "lots",
                r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 10, "reference_price": 5,
                    "max_share": 0.5}]"#,
            ),
            (
                "decisions",
                r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 6, "override": true}]"#,
            ),
        ],
        &["E1308 decisions:1"],
    ),
    (&[BLOCKED[0], BLOCKED[1], FIXED], &["W2014 decisions:1", "W2001 lots:1"]),
    (
        &[BLOCKED[0], BLOCKED[1], FIXED, ("development_budget", "99.9")],
        &["W2014 decisions:1", "W2001 lots:1"],
    ),
    (&[BLOCKED[0], BLOCKED[1], FIXED, ("development_budget", "100")], &[]),
    (
        &[BLOCKED[0], BLOCKED[1], FIXED, ("development_budget", "100"), lot!(r#""starts_in": 5.9"#)],
        &["W2014 decisions:1", "W2001 lots:1"],
    ),
    (
        // Each of both can be closed, but not both.
        &[
            (
                "gaps",
                r#"[{"id": "g", "supplier": "S1", "cost": 60}, {"id": "h", "supplier": "S2", "cost": 60}]"#,
            ),
            (
                "pairs",
                r#"[{"supplier": "S1", "lot": "L1", "blocked_by": ["g"]},
                    {"supplier": "S2", "lot": "L1", "blocked_by": ["h"]}]"#,
            ),
            ("development_budget", "100"),
            (
                "decisions",
                r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 3},
                    {"supplier": "S2", "lot": "L1", "decision": "fixed", "quantity": 3}]"#,
            ),
        ],
        &["W2014 decisions:2"],
    ),
    (
        &[
            ("pairs", r#"[{"supplier": "S1", "lot": "L1", "load": 2.5}]"#),
            ("capacity", r#"[{"supplier": "S1", "process": "cut", "amount": 14.9}]"#),
            FIXED,
        ],
        &["W2015 decisions:1"],
    ),
    (
        &[
            ("consortia", r#"[{"id": "C1", "members": ["S1", "S2"]}]"#),
            ("pairs", r#"[{"supplier": "C1", "lot": "L1"}]"#),
            (
                "capacity",
                r#"[{"supplier": "S1", "process": "cut", "amount": 2}, {"supplier": "S2", "process": "cut", "amount": 3}]"#,
            ),
            ("decisions", r#"[{"supplier": "C1", "lot": "L1", "decision": "fixed", "quantity": 6}]"#),
        ],
        &["W2015 decisions:1"],
    ),
    (&[lot!(r#""min_share": 0.7"#), FIXED], &["W2016 decisions:1"]),
    (&[lot!(r#""divisible": false"#), FIXED], &["W2016 decisions:1"]),
    (
        &[
            lot!(r#""max_suppliers": 1"#),
            ("pairs", r#"[{"supplier": "S1", "lot": "L1"}, {"supplier": "S2", "lot": "L1"}]"#),
            (
                "decisions",
                r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "quantity": 3},
                    {"supplier": "S2", "lot": "L1", "decision": "fixed", "quantity": 3}]"#,
            ),
        ],
        &["W2017 decisions:2"],
    ),
    (
        &[("suppliers", r#"[{"id": "S1", "annual_sales": 9, "max_awards": 0}]"#), FIXED],
        &["W2017 decisions:1"],
    ),
    (
        &[
            ("consortia", r#"[{"id": "C1", "members": ["S1"]}]"#),
            ("pairs", r#"[{"supplier": "C1", "lot": "L1"}]"#),
            (
                "decisions",
                r#"[{"supplier": "C1", "lot": "L1", "decision": "fixed", "quantity": 6},
                    {"supplier": "S1", "lot": "L1", "decision": "forbidden"}]"#,
            ),
        ],
        &["W2018 decisions:1", "W2007 consortia:1 members"],
    ),
    (&[BLOCKED[0], BLOCKED[1]], &["W2001 lots:1"]),
    (&[lot!(r#""min_suppliers": 2"#)], &["W2001 lots:1"]),
    (&[("consortia", r#"[{"id": "C1", "members": ["S1"]}]"#)], &["W2007 consortia:1 members"]),
    (
        &[lot!(r#""min_share": 0.3"#), ("pairs", r#"[{"supplier": "S1", "lot": "L1", "max_share": 0.29}]"#)],
        &["W2008 pairs:1 max_share"],
    ),
    (&[("pairs", r#"[{"supplier": "S1", "lot": "L1", "max_share": 0.09}]"#)], &["W2008 pairs:1 max_share"]),
    (&[("pairs", "[]")], &["W2001 lots:1"]),
    (&[("decisions", r#"[{"supplier": "S1", "lot": "L1", "decision": "forbidden"}]"#)], &["W2001 lots:1"]),
    (
        &[("sales", r#"[{"supplier": "S1", "group": "B1", "amount": 1001}]"#)],
        &["W2002 suppliers:1 annual_sales"],
    ),
    (&[("pairs", r#"[{"supplier": "S1", "lot": "L1", "unit_price": 50}]"#)], &["W2003 pairs:1 unit_price"]),
    (
        &[("pairs", r#"[{"supplier": "S1", "lot": "L1", "unit_price": "0.5"}]"#)],
        &["W2003 pairs:1 unit_price"],
    ),
    (
        &[
            ("suppliers", r#"[{"id": "S1", "dependency_cap": 0.5}]"#),
            ("caps", r#"[{"supplier": "S1", "group": "B1", "dependency_cap": 0.5}]"#),
        ],
        &["W2004 suppliers:1 dependency_cap", "W2004 caps:1 dependency_cap"],
    ),
];

/// Files of the small folder that are replaced or added, and the findings that they cause.
const IN_FOLDERS: &[(&str, &[u8], &[&str])] = &[
    ("pairs.csv", b"supplier,lot\nS1,L\xf3n\n", &["E1003 pairs.csv:0"]),
    ("instance.toml", b"format = \n", &["E1004 instance.toml:1"]),
    (
        "instance.toml",
        b"format = \"eslabon-instance/1\"\ncurrency = \"CLP\"\nseed = 1\nseed = 2\n",
        &["E1004 instance.toml:4"],
    ),
    (
        "instance.toml",
        b"format = \"eslabon-instance/1\"\n\ncurrency = \"CLP\"\nseed = 0x10\ndependency_cap = inf\nlots = 3\n",
        &["E1008 instance.toml:6 lots", "E1102 instance.toml:5 dependency_cap", "E1011 instance.toml:4 seed"],
    ),
    ("pair.csv", b"supplier,lot\n", &["E1005 pair.csv:0"]),
    ("Lots.xlsx", b"PK", &["E1005 Lots.xlsx:0"]),
    ("pairs.csv", b"supplier;lot\nS1;L1\n", &["E1006 pairs.csv:1"]),
    // Lines are the file's, whatever ends them and whatever stands between.
    ("pairs.csv", b"supplier,lot\r\n\r\nS1,L1\r\nS2\r\n", &["E1007 pairs.csv:4"]),
    ("pairs.csv", b"\n\nsupplier,lot\nS1,\"L1\n\nS2,L1\n", &["E1007 pairs.csv:4"]),
    ("pairs.csv", b"supplier,lot\nS1,\"L1\"x\nS1,L1\n", &["E1007 pairs.csv:2"]),
    ("pairs.csv", b"supplier,lot\nS1,\"L1\n\"\nS9,L1\n", &["E1203 pairs.csv:4 supplier"]),
    ("pairs.csv", b"supplier,lot,price\nS1,L1,3\n", &["E1008 pairs.csv:1 price"]),
    ("pairs.csv", b"supplier,lot,\nS1,L1,\n", &["E1008 pairs.csv:1"]),
    ("pairs.csv", b"supplier,lot,lot\nS1,L1,L1\n", &["E1009 pairs.csv:1 lot"]),
    ("pairs.csv", b"supplier\nS1\n", &["E1010 pairs.csv:1 lot"]),
    ("pairs.csv", b"", &["E1010 pairs.csv:0"]),
    ("pairs.csv", b"supplier,lot,fit\nS1,L1,\"0,5\"\n", &["E1102 pairs.csv:2 fit"]),
    ("consortia.csv", b"id,members\nC1,S1|\nC2,\n", &["E1101 consortia.csv:2 members", "E1010 consortia.csv:3 members"]),
    ("gaps.csv", b"id,supplier,cost\ng,S1,5\ng,S1,6\n", &["E1201 gaps.csv:3 id"]),
];

fn found_in_json(changes: &[(&str, &str)]) -> Vec<String> {
    match read::from_json(document(changes).as_bytes()) {
        Ok(reading) => places(&reading.warnings),
        Err(problems) => places(&problems),
    }
}

fn found_in_folder(folder: &Folder) -> Vec<String> {
    match read::from_path(folder.path()) {
        Ok(reading) => places(&reading.warnings),
        Err(problems) => places(&problems),
    }
}

#[test]
fn every_fault_in_a_document_is_found_where_it_is() {
    let wrong: Vec<String> = IN_JSON
        .iter()
        .map(|(changes, expected)| (found_in_json(changes), expected, changes))
        .filter(|(found, expected, _)| found != *expected)
        .map(|(found, expected, changes)| format!("{found:?}, not {expected:?}: {changes:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_in_a_folder_is_found_where_it_is() {
    for (file, bytes, expected) in IN_FOLDERS {
        let folder = Folder::with("faults", &[(file, bytes)]);
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(found_in_folder(&folder), *expected, "{file}: {text}");
    }
}

#[test]
fn every_code_has_an_input_that_causes_it() {
    let caused: BTreeSet<&str> = IN_JSON
        .iter()
        .map(|(_, expected)| *expected)
        .chain(IN_FOLDERS.iter().map(|(_, _, expected)| *expected))
        .flatten()
        .map(|place| &place[..5])
        // Tests of their own in junk.rs.
        .chain(["E1001", "E1002"])
        // Solving finds them: solving.rs.
        .chain(["W2005", "W2006", "W2009", "W2019"])
        .collect();
    let documented: BTreeSet<&str> = codes::ALL.iter().map(|code| code.code).collect();
    assert_eq!(caused, documented);
    assert_eq!(documented.len(), codes::ALL.len(), "a number is given twice");
    for code in codes::ALL {
        assert!(code.means.ends_with('.') && code.action.ends_with('.'), "{code:?}");
    }
}

#[test]
fn every_code_is_documented_and_nothing_else() {
    let row = |code: &codes::Code| {
        let cell = |text: &str| text.replace('|', "\\|");
        format!("| {} | {} | {} |", code.code, cell(code.means), cell(code.action))
    };
    let expected: Vec<String> = codes::ALL.iter().map(row).collect();
    let documented: Vec<&str> = include_str!("../../CODES.md")
        .lines()
        .filter(|l| l.starts_with("| E") || l.starts_with("| W"))
        .collect();
    assert_eq!(documented, expected);
}

#[test]
fn all_faults_are_reported_at_once_and_none_follows_from_another() {
    let found = found_in_json(&[
        ("currency", r#""pesos""#),
        ("buyers", r#"[{"id": "B 1 "}]"#),
        ("suppliers", r#"[{"id": "S1", "annual_sales": "1.000,00"}]"#),
        ("pairs", r#"[{"supplier": "S1", "lot": "L1", "fit": 80}, {"supplier": "S3", "lot": "L1"}]"#),
    ]);
    assert_eq!(
        found,
        [
            "E1013 :0 currency",
            "E1101 buyers:1 id",
            "E1102 suppliers:1 annual_sales",
            "E1105 pairs:1 fit",
            "E1203 pairs:2 supplier",
        ]
    );
}

#[test]
fn a_flood_of_one_fault_is_counted() {
    let rows: Vec<String> = (0..150).map(|n| format!(r#"{{"supplier": "S1", "lot": "X{n}"}}"#)).collect();
    let json = document(&[("pairs", &format!("[{}]", rows.join(",")))]);
    let problems = read::from_json(json.as_bytes()).unwrap_err();
    assert_eq!(problems.len(), 101);
    assert_eq!(problems[100].cause, "50 more like this are not listed");
    assert_eq!(problems[100].code, "E1203");
}

#[test]
fn a_finding_says_what_where_and_what_to_do() {
    let json = document(&[("dependency_cap", "30")]);
    let problems = read::from_json(json.as_bytes()).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "E1105 dependency_cap: 30 is not a share. Write a share, such as 0.3 for 30 %."
    );
}
