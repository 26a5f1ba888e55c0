//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod requirement {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NetworkId, OrganisationId, ProgrammeId, RequirementId},
            share::Share,
        },
        requirements::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "requirements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RequirementId,
        pub programme_id: ProgrammeId,
        pub network_id: Option<NetworkId>,
        pub lead_firm_id: OrganisationId,
        pub title: String,
        pub description: String,
        pub state: State,
        pub external_reference: Option<String>,
        pub created_at: Timestamp,
        pub published_at: Option<Timestamp>,
        pub closed_at: Option<Timestamp>,
        pub closes_at: Option<Timestamp>,
        pub questions_until: Option<Timestamp>,
        pub awarded_at: Option<Timestamp>,
        pub announced_at: Option<Timestamp>,
        pub announced_by: Option<AccountId>,
        pub max_supplier_share_ppm: Share,
        pub revision: i64,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod lot {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Day,
        figure::Figure,
        ids::{LotId, RequirementId},
        money::UnitPrice,
        share::Share,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LotId,
        pub requirement_id: RequirementId,
        pub position: i32,
        pub name: String,
        pub process: String,
        pub unit: String,
        pub quantity: i64,
        pub reference_price: Option<UnitPrice>,
        pub weight_ppm: Figure,
        pub max_share_ppm: Share,
        pub min_coverage_ppm: Share,
        pub years: i32,
        pub external_reference: Option<String>,
        pub unit_code: Option<String>,
        pub min_suppliers: i64,
        pub max_suppliers: Option<i64>,
        pub min_share_ppm: Share,
        pub divisible: bool,
        pub must_award: bool,
        pub delivery_from: Option<Day>,
        pub delivery_to: Option<Day>,
        pub starts_in: Option<i64>,
        pub revision: i64,
    }

    crate::unrelated!();
}

pub(super) mod criterion {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::{CriterionId, RequirementId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "criteria")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CriterionId,
        pub requirement_id: RequirementId,
        pub position: i32,
        pub question: String,
        pub content: String,
    }

    crate::unrelated!();
}

pub(super) mod amendment {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, AmendmentId, RequirementId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "requirement_amendments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AmendmentId,
        pub requirement_id: RequirementId,
        pub revision: i64,
        pub reason: String,
        pub changes: String,
        pub before: String,
        pub amended_at: Timestamp,
        pub amended_by: AccountId,
    }

    crate::unrelated!();
}

pub(super) mod question {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId, QuestionId, RequirementId},
        },
        requirements::questions::QuestionState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "requirement_questions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: QuestionId,
        pub requirement_id: RequirementId,
        pub supplier_id: OrganisationId,
        pub asked_by: AccountId,
        pub asked_at: Timestamp,
        pub text: String,
        pub state: QuestionState,
        pub answer: Option<String>,
        pub turn: Option<i64>,
        pub answered_by: Option<AccountId>,
        pub answered_at: Option<Timestamp>,
        pub hidden_because: Option<String>,
        pub hidden_by: Option<AccountId>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod offer {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, ConsortiumId, LotId, OrganisationId},
        money::UnitPrice,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sealed_offers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bidder_id: Uuid,
        pub supplier_id: OrganisationId,
        pub consortium_id: Option<ConsortiumId>,
        pub consortium_version: Option<i64>,
        pub unit_price: UnitPrice,
        pub max_quantity: Option<i64>,
        pub lead_time_days: Option<i64>,
        pub valid_until: Option<Day>,
        pub lot_revision: i64,
        pub salt: Option<String>,
        pub sealed: Option<String>,
        pub commitment: Option<String>,
        pub offered_at: Timestamp,
        pub offered_by: AccountId,
        pub version: i64,
    }

    crate::unrelated!();
}
