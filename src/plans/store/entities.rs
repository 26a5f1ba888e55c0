//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod plan {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{OrganisationId, PlanId, ProgrammeId, RequirementId},
        },
        plans::Stage,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PlanId,
        pub programme_id: ProgrammeId,
        pub requirement_id: RequirementId,
        pub supplier_id: OrganisationId,
        pub stage: Stage,
        pub content: String,
        pub programme_cost_minor: i64,
        pub reason: Option<String>,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod progress {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{PlanActionId, PlanEntryId, PlanId},
        },
        gaps::signing::Party,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_progress")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PlanEntryId,
        pub plan_id: PlanId,
        pub action_id: PlanActionId,
        pub percent: i32,
        pub as_of: Day,
        pub note: String,
        pub evidence: Option<String>,
        pub recorded_by: Party,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod visit {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{PlanEntryId, PlanId},
        },
        gaps::signing::Party,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PlanEntryId,
        pub plan_id: PlanId,
        pub visited_on: Day,
        pub findings: String,
        pub next_on: Option<Day>,
        pub recorded_by: Party,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod evidence {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            files::clean::MediaType,
            ids::{EvidenceId, PlanActionId, PlanId},
        },
        gaps::signing::Party,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_evidence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EvidenceId,
        pub plan_id: PlanId,
        pub action_id: PlanActionId,
        pub media_type: MediaType,
        pub size: i64,
        pub sha256: String,
        pub added_at: Timestamp,
        pub added_by: Party,
    }

    crate::unrelated!();
}
