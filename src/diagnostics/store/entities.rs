//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod diagnostic {
    use sea_orm::entity::prelude::*;

    use crate::{
        diagnostics::State,
        foundation::{
            clock::{Day, Timestamp},
            ids::{DiagnosticId, InstrumentId, OrganisationId},
        },
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "diagnostics")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DiagnosticId,
        pub organisation_id: OrganisationId,
        pub instrument: String,
        pub instrument_version: i32,
        pub instrument_id: Option<InstrumentId>,
        pub state: State,
        pub created_at: Timestamp,
        pub submitted_at: Option<Timestamp>,
        pub valid_until: Option<Day>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod answer {
    use sea_orm::entity::prelude::*;

    use crate::{
        diagnostics::Provenance,
        foundation::{
            clock::Timestamp,
            ids::{AccountId, DiagnosticId},
        },
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "answers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub diagnostic_id: DiagnosticId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub question: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub provenance: Provenance,
        pub content: String,
        pub revision: i64,
        pub answered_at: Timestamp,
        pub answered_by: AccountId,
    }

    crate::unrelated!();
}

pub(super) mod assisted {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, DiagnosticId, MandateId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assisted_answers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub diagnostic_id: DiagnosticId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub question: String,
        pub mandate_id: MandateId,
        pub entered_by: AccountId,
        pub entered_at: Timestamp,
        pub confirmed_by: Option<AccountId>,
        pub confirmed_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod instruments {
    use sea_orm::entity::prelude::*;

    use crate::{
        diagnostics::authoring::InstrumentState,
        foundation::{
            access::Kind,
            clock::Timestamp,
            ids::{InstrumentId, OrganisationId},
        },
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "instruments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InstrumentId,
        pub institution_id: OrganisationId,
        pub code: String,
        pub number: i32,
        pub kind: Kind,
        pub state: InstrumentState,
        pub content: String,
        pub created_at: Timestamp,
        pub published_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod evidence {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        files::clean::MediaType,
        ids::{AccountId, DiagnosticId, EvidenceId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "evidence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EvidenceId,
        pub diagnostic_id: DiagnosticId,
        pub question: String,
        pub media_type: MediaType,
        pub size: i64,
        pub sha256: String,
        pub added_at: Timestamp,
        pub added_by: AccountId,
        pub added_for: OrganisationId,
    }

    crate::unrelated!();
}
