//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod requirement {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{NetworkId, OrganisationId, ProgrammeId, RequirementId},
        },
        requirements::State,
    };

    #[sea_orm::model]
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
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod lot {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        figure::Figure,
        ids::{LotId, RequirementId},
        money::UnitPrice,
        share::Share,
    };

    #[sea_orm::model]
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
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod criterion {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::{CriterionId, RequirementId};

    #[sea_orm::model]
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

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod offer {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, LotId, OrganisationId},
        money::UnitPrice,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "offers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        pub unit_price: UnitPrice,
        pub max_quantity: Option<i64>,
        pub offered_at: Timestamp,
        pub offered_by: AccountId,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
