//! The tables of governance. Nothing outside the store sees them.

pub(in crate::programmes::store) mod appointment {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, AppointmentId, OrganisationId, ProgrammeId},
        },
        programmes::governance::{AppointmentState, Function},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_appointments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AppointmentId,
        pub programme_id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub function: Function,
        pub state: AppointmentState,
        pub statement: String,
        pub appointed_by: AccountId,
        pub appointed_at: Timestamp,
        pub answered_by: Option<AccountId>,
        pub answered_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
        pub reason: Option<String>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod funds {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{ids::ProgrammeId, money::Currency};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_funds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        pub currency: Currency,
        pub assigned_minor: i64,
        pub reserved_minor: i64,
        pub committed_minor: i64,
        pub disbursed_minor: i64,
        pub justified_minor: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod fund_entry {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, FundEntryId, ProgrammeId},
            money::Currency,
        },
        programmes::governance::funds::FundChange,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fund_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FundEntryId,
        pub programme_id: ProgrammeId,
        pub change: FundChange,
        pub amount_minor: i64,
        pub currency: Currency,
        pub reason: String,
        pub assigned_after_minor: i64,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod criteria {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, ProgrammeId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "operating_criteria")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub text: String,
        pub data: String,
        pub set_by: AccountId,
        pub set_at: Timestamp,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod coordination {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ProgrammeId},
        },
        programmes::governance::coordination::Model as CoordinationModel,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_coordination")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        #[sea_orm(column_name = "model")]
        pub kind: CoordinationModel,
        pub answers: String,
        pub changed_by: AccountId,
        pub changed_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod review {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, OrganisationId, ProgrammeId, ReviewId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coordination_reviews")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReviewId,
        pub programme_id: ProgrammeId,
        pub reviewed_id: OrganisationId,
        pub reviewer_id: OrganisationId,
        pub from_day: Day,
        pub to_day: Day,
        pub findings: String,
        pub measures: String,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}
