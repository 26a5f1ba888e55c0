//! The tables of calls. Nothing outside the store sees them.

pub(in crate::programmes::store) mod call {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, CallId, ProgrammeId},
            money::Currency,
        },
        programmes::calls::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "calls")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CallId,
        pub programme_id: ProgrammeId,
        pub state: State,
        pub terms: String,
        pub currency: Currency,
        pub funds_minor: i64,
        pub committed_minor: i64,
        pub opens_at: Option<Timestamp>,
        pub closes_at: Timestamp,
        pub opened_at: Option<Timestamp>,
        pub reason: Option<String>,
        pub created_by: AccountId,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod evaluator {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, CallId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_evaluators")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub call_id: CallId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        pub institution_id: OrganisationId,
        pub appointed_by: AccountId,
        pub appointed_at: Timestamp,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod proposal {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, CallId, OrganisationId, ProposalId},
        },
        programmes::calls::proposals::ProposalState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "proposals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProposalId,
        pub call_id: CallId,
        pub institution_id: OrganisationId,
        pub state: ProposalState,
        pub content: String,
        pub created_by: AccountId,
        pub created_at: Timestamp,
        pub submitted_by: Option<AccountId>,
        pub submitted_at: Option<Timestamp>,
        pub awarded_minor: Option<i64>,
        pub reason: Option<String>,
        pub decided_by: Option<AccountId>,
        pub decided_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod commitment {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, CommitmentId, OrganisationId, ProposalId},
        },
        programmes::calls::proposals::CommitmentState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CommitmentId,
        pub proposal_id: ProposalId,
        pub lead_firm_id: OrganisationId,
        pub state: CommitmentState,
        pub cofinancing_minor: Option<i64>,
        pub purchase_intention: Option<String>,
        pub answered_by: Option<AccountId>,
        pub answered_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(in crate::programmes::store) mod evaluation {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, EvaluationId, OrganisationId, ProposalId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "evaluations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EvaluationId,
        pub proposal_id: ProposalId,
        pub evaluator_id: AccountId,
        pub institution_id: OrganisationId,
        pub scores: String,
        pub comment: Option<String>,
        pub handed_in_at: Timestamp,
    }

    crate::unrelated!();
}
