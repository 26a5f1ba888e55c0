//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod round {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, MeasurementRoundId, NetworkId, ProgrammeId},
        },
        monitoring::rounds::{Moment, State},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "measurement_rounds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MeasurementRoundId,
        pub network_id: NetworkId,
        pub programme_id: ProgrammeId,
        pub moment: Moment,
        pub as_of: Day,
        pub due_on: Day,
        pub state: State,
        pub catalogue: i32,
        pub opened_by: AccountId,
        pub opened_at: Timestamp,
        pub closed_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod measurement {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{MeasurementId, MeasurementRoundId, OrganisationId},
        },
        monitoring::rounds::Standing,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "measurements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MeasurementId,
        pub round_id: MeasurementRoundId,
        pub firm_id: OrganisationId,
        pub indicator: String,
        pub standing: Standing,
        pub reminded_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod answer {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, MeasurementId},
        },
        monitoring::rounds::Because,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "measurement_answers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub measurement_id: MeasurementId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        pub value: Option<String>,
        pub unknown: Option<Because>,
        pub note: Option<String>,
        pub basis: Option<String>,
        pub late: bool,
        pub answered_by: Option<AccountId>,
        pub answered_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod dependency_record {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{NetworkId, OrganisationId},
        },
        monitoring::dependency::Band,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dependency_records")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub network_id: NetworkId,
        pub supplier_id: OrganisationId,
        pub recorded_at: Timestamp,
        pub buyer_group_key: Option<Uuid>,
        pub share: Option<String>,
        pub hhi: Option<String>,
        pub band: Band,
    }

    crate::unrelated!();
}

pub(super) mod practice {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId, PracticeId, ProgrammeId},
        },
        monitoring::practices::{Dimension, State},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "practices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PracticeId,
        pub programme_id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub author_id: OrganisationId,
        pub written_by: AccountId,
        pub state: State,
        pub dimension: Dimension,
        pub content: String,
        pub searched: String,
        pub searched_tags: String,
        pub figures: String,
        pub reason: Option<String>,
        pub reviewed_by: Option<AccountId>,
        pub created_at: Timestamp,
        pub published_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod adoption {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{OrganisationId, PracticeId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_adoptions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: PracticeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub note: Option<String>,
        pub adopted_at: Timestamp,
        pub withdrawn_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod impact {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ImpactEvaluationId, OrganisationId, ProgrammeId},
        },
        monitoring::rounds::Moment,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "impact_evaluations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ImpactEvaluationId,
        pub programme_id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub moment: Moment,
        pub findings: String,
        pub attribution: String,
        pub recommendations: Option<String>,
        pub figures: String,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}
