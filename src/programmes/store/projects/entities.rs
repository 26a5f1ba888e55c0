//! The tables of projects. Nothing outside the store sees them.

pub(in crate::programmes::store) mod project {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{CallId, OrganisationId, ProgrammeId, ProjectId, ProposalId},
            money::Currency,
        },
        programmes::projects::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "projects")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProjectId,
        pub proposal_id: ProposalId,
        pub call_id: CallId,
        pub programme_id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub title: String,
        pub state: State,
        pub currency: Currency,
        pub committed_minor: i64,
        pub disbursed_minor: i64,
        pub justified_minor: i64,
        pub justify_first: bool,
        pub goals: String,
        pub results: String,
        pub reason: Option<String>,
        pub created_at: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod milestone {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, ProjectId},
        },
        programmes::projects::MilestoneState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_milestones")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: ProjectId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub deliverable: String,
        pub due_on: Day,
        pub amount_minor: i64,
        pub justified_minor: i64,
        pub state: MilestoneState,
        pub report: Option<String>,
        pub evidence_link: Option<String>,
        pub reported_by: Option<AccountId>,
        pub reported_at: Option<Timestamp>,
        pub returned_because: Option<String>,
        pub accepted_by: Option<AccountId>,
        pub accepted_at: Option<Timestamp>,
        pub disbursed_by: Option<AccountId>,
        pub disbursed_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod evidence {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        files::clean::MediaType,
        ids::{AccountId, EvidenceId, ProjectId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "milestone_evidence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EvidenceId,
        pub project_id: ProjectId,
        pub milestone: i32,
        pub media_type: MediaType,
        pub size: i64,
        pub sha256: String,
        pub added_by: AccountId,
        pub added_at: Timestamp,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod expense {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, ExpenseId, ProjectId},
        },
        programmes::projects::ExpenseState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_expenses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ExpenseId,
        pub project_id: ProjectId,
        pub milestone: i32,
        pub amount_minor: i64,
        pub spent_on: Day,
        pub document: String,
        pub description: String,
        pub state: ExpenseState,
        pub reason: Option<String>,
        pub stated_by: AccountId,
        pub stated_at: Timestamp,
        pub decided_by: Option<AccountId>,
        pub decided_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod project_network {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::{NetworkId, ProjectId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_networks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: ProjectId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_id: NetworkId,
    }

    crate::unrelated!();
}
