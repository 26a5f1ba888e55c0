//! Open data: requirements that leave the service as OCDS 1.1.5.
//!
//! Nothing leaves unless its lead firm has *opened* the requirement, which it can take back. A package then holds what
//! its reader may see here and not a word more: offers only for the institution and only once they are unsealed, and
//! then without the names of those who were awarded nothing; awards and contracts as in their lists.

pub mod api;
pub mod store;

use crate::{
    access,
    foundation::{
        access::{ANYONE, LEAD_FIRM_WRITERS},
        fields::{Fault, Fields, Input},
    },
    words,
};

access! {
    /// Open a requirement as data, or take that back.
    Open = "open_data.put", LEAD_FIRM_WRITERS, &["published", "closed", "awarded"];
    /// Read an opened requirement as an OCDS package. A draft cannot be opened.
    ReadPackage = "open_data.read", ANYONE, &[];
}

words! {
    /// The packages of the standard.
    pub enum Package {
        /// Releases.
        Release = "release",
        /// Records, with a compiled release.
        Record = "record",
    }
}

/// Whether a requirement is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Whether it is.
    pub open: bool,
}

impl Input for Opening {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { open: f.required("open")? })
    }
}

/// What is asked of an export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Which package.
    pub package: Package,
    /// The publisher's registered prefix of open contracting ids.
    pub prefix: Option<String>,
}

impl Input for Wanted {
    fn read(f: &mut Fields) -> Option<Self> {
        let (package, prefix) = (f.or("package", Package::Release), f.optional_text("prefix", 6..=40));
        let is_plain = |text: &String| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if prefix.as_ref().is_some_and(|prefix| prefix.as_ref().is_some_and(|text| !is_plain(text))) {
            f.fail("prefix", Fault::new("not-an-ocid-prefix"));
            return None;
        }
        Some(Self { package: package?, prefix: prefix? })
    }
}
