//! The tables that can be imported, each described once.

/// What the cells of a column hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// Any text.
    Text,
    /// A whole number.
    Whole,
    /// A number with decimals.
    Figure,
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// One of these words, or of what people say for them.
    Word(&'static [(&'static str, &'static [&'static str])]),
    /// Whatever the question of the row takes.
    Answer,
}

impl Type {
    /// What it is called.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole",
            Self::Figure => "figure",
            Self::Day => "day",
            Self::Flag => "flag",
            Self::Word(_) => "word",
            Self::Answer => "answer",
        }
    }

    /// Whether numbers may stand in it.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Figure | Self::Answer)
    }
}

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// What the API calls it.
    pub field: &'static str,
    /// In Spanish.
    pub es: &'static str,
    /// In English.
    pub en: &'static str,
    /// What its cells hold.
    pub holds: Type,
    /// Whether it must be there.
    pub needed: bool,
}

/// A table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// What the API calls it.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The columns that say what a row is about, of which there is one row; the last of them is told of.
    pub about: &'static [&'static str],
}

impl Table {
    /// The column of that name, in either language, however it is written.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        let name = plain(name);
        self.columns
            .iter()
            .find(|column| [column.field, column.es, column.en].iter().any(|own| plain(own) == name))
    }
}

/// Small letters and digits without accents, with single spaces.
pub(super) fn plain(text: &str) -> String {
    let small = text.to_lowercase();
    let letters = small.chars().map(|letter| match letter {
        'á' | 'à' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        letter if letter.is_alphanumeric() => letter,
        _ => ' ',
    });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn needed(field: &'static str, es: &'static str, en: &'static str, holds: Type) -> Column {
    Column { field, es, en, holds, needed: true }
}

const fn optional(field: &'static str, es: &'static str, en: &'static str, holds: Type) -> Column {
    Column { field, es, en, holds, needed: false }
}

const KINDS: Type = Type::Word(&[
    ("supplier", &["proveedor", "proveedora", "pyme"]),
    ("lead_firm", &["lead firm", "empresa lider", "empresa líder", "ge"]),
]);

/// Every table that can be imported.
pub const TABLES: &[Table] = &[
    Table {
        name: "firms",
        columns: &[
            needed("kind", "tipo", "kind", KINDS),
            needed("name", "nombre", "name", Type::Text),
            needed("country", "país", "country", Type::Text),
            needed("tax_id", "identificación tributaria", "tax id", Type::Text),
        ],
        about: &["country", "tax_id"],
    },
    Table {
        name: "sales",
        columns: &[
            optional("buyer_country", "país del comprador", "buyer country", Type::Text),
            optional("buyer_tax_id", "identificación del comprador", "buyer tax id", Type::Text),
            needed("amount", "monto", "amount", Type::Figure),
            needed("currency", "moneda", "currency", Type::Text),
            needed("as_of", "fecha", "date", Type::Day),
        ],
        about: &["buyer_country", "buyer_tax_id"],
    },
    Table {
        name: "capacities",
        columns: &[
            needed("process", "proceso", "process", Type::Text),
            needed("unit", "unidad", "unit", Type::Text),
            needed("amount", "cantidad anual", "annual amount", Type::Figure),
        ],
        about: &["process"],
    },
    Table {
        name: "lots",
        columns: &[
            needed("name", "nombre", "name", Type::Text),
            needed("process", "proceso", "process", Type::Text),
            needed("unit", "unidad", "unit", Type::Text),
            needed("quantity", "cantidad", "quantity", Type::Whole),
            optional("reference_price", "precio de referencia", "reference price", Type::Figure),
            optional("weight", "peso", "weight", Type::Figure),
            optional("max_share", "parte máxima", "largest share", Type::Figure),
            optional("min_share", "parte mínima", "smallest share", Type::Figure),
            optional("min_coverage", "cobertura mínima", "least coverage", Type::Figure),
            optional("min_suppliers", "proveedores mínimos", "least suppliers", Type::Whole),
            optional("max_suppliers", "proveedores máximos", "most suppliers", Type::Whole),
            optional("divisible", "divisible", "divisible", Type::Flag),
            optional("must_award", "adjudicación obligatoria", "must award", Type::Flag),
            optional("years", "años", "years", Type::Whole),
            optional("delivery_from", "entrega desde", "delivery from", Type::Day),
            optional("delivery_to", "entrega hasta", "delivery to", Type::Day),
            optional("starts_in", "comienza en meses", "starts in months", Type::Whole),
        ],
        about: &["name"],
    },
    Table {
        name: "answers",
        columns: &[
            needed("question", "pregunta", "question", Type::Text),
            needed("value", "respuesta", "answer", Type::Answer),
            optional("not_applicable", "no corresponde", "not applicable", Type::Flag),
            optional("issuer", "emisor", "issuer", Type::Text),
        ],
        about: &["question"],
    },
];

/// The table of that name.
///
/// # Panics
/// Never for the names of [`TABLES`].
pub fn table(name: &'static str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}
