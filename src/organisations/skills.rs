//! What a supplier can do, beside how much: its processes and its certificates.
//!
//! A *process* is named as lots and capacities name it, with a UNSPSC code where there is one. A *certificate* says
//! who certified what until when; an expired one stays, and says that it is. They belong to the supplier like its
//! sales: see [`store::ledger`](super::store::ledger).

use crate::{
    access,
    foundation::{
        access::SUPPLIER_WRITERS,
        clock::Day,
        fields::{Fault, Fields, Input},
        ids::CertificateId,
    },
    organisations::unspsc,
};

access! {
    /// State a process of one's supplier.
    StateProcess = "profiles.state_process", SUPPLIER_WRITERS, &[];
    /// Take a process of one's supplier back.
    RemoveProcess = "profiles.remove_process", SUPPLIER_WRITERS, &[];
    /// Take a capacity of one's supplier back.
    RemoveCapacity = "profiles.remove_capacity", SUPPLIER_WRITERS, &[];
    /// Add a certificate of one's supplier.
    AddCertificate = "profiles.add_certificate", SUPPLIER_WRITERS, &[];
    /// Take a certificate of one's supplier back.
    RemoveCertificate = "profiles.remove_certificate", SUPPLIER_WRITERS, &[];
}

/// The most certificates of a supplier.
pub const MOST_CERTIFICATES: usize = 100;

/// What a supplier can do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Skills {
    /// By name.
    pub processes: Vec<Process>,
    /// Oldest first.
    pub certificates: Vec<Certificate>,
}

/// A process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    /// As lots and capacities name it.
    pub process: String,
    /// UNSPSC code, eight digits.
    pub code: Option<String>,
    /// Machines, materials, sizes; may be empty.
    pub description: String,
    /// Since when.
    pub since_year: Option<i64>,
}

/// A certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// What is certified: `ISO 9001:2015`.
    pub scheme: String,
    /// Its number.
    pub number: String,
    /// Who certifies.
    pub issuer: String,
    /// For what; may be empty.
    pub scope: String,
    /// Since when.
    pub issued_on: Day,
    /// The last day on which it holds; `None`: it does not expire.
    pub expires_on: Option<Day>,
}

impl Certificate {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.issued_on <= day && self.expires_on.is_none_or(|last| day <= last)
    }
}

/// A process, as stated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatedProcess {
    /// UNSPSC code, eight digits.
    pub code: Option<String>,
    /// Machines, materials, sizes; may be empty.
    pub description: String,
    /// Since when.
    pub since_year: Option<i64>,
}

impl Input for StatedProcess {
    fn read(f: &mut Fields) -> Option<Self> {
        let (code, description) =
            (f.optional_text("code", 1..=20), f.optional_text("description", 1..=2_000));
        let since_year = f.optional_number("since_year", 1_800..=2_200);
        if code.as_ref().is_some_and(|code| code.as_ref().is_some_and(|code| !unspsc::is_code(code))) {
            f.fail("code", Fault::new("not-a-unspsc-code"));
        }
        Some(Self { code: code?, description: description?.unwrap_or_default(), since_year: since_year? })
    }
}

/// A certificate to add.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCertificate {
    /// What is certified.
    pub scheme: String,
    /// Its number.
    pub number: String,
    /// Who certifies.
    pub issuer: String,
    /// For what; may be empty.
    pub scope: String,
    /// Since when.
    pub issued_on: Day,
    /// The last day on which it holds.
    pub expires_on: Option<Day>,
}

impl Input for NewCertificate {
    fn read(f: &mut Fields) -> Option<Self> {
        let (scheme, number) = (f.text("scheme", 2..=100), f.text("number", 1..=100));
        let (issuer, scope) = (f.text("issuer", 2..=200), f.optional_text("scope", 1..=500));
        let (issued_on, expires_on) = (f.required::<Day>("issued_on"), f.optional::<Day>("expires_on"));
        if let (Some(first), Some(Some(last))) = (issued_on, expires_on)
            && last < first
        {
            f.fail("expires_on", Fault::new("ends-before-start"));
        }
        Some(Self {
            scheme: scheme?,
            number: number?,
            issuer: issuer?,
            scope: scope?.unwrap_or_default(),
            issued_on: issued_on?,
            expires_on: expires_on?,
        })
    }
}
