//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod programme {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{OrganisationId, ProgrammeId},
            money::Currency,
        },
        programmes::State,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programmes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub name: String,
        pub currency: Currency,
        pub starts_on: Day,
        pub ends_on: Day,
        pub state: State,
        pub rules: String,
        pub rules_version: i64,
        pub created_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod member {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        access::Kind,
        clock::Timestamp,
        ids::{OrganisationId, ProgrammeId},
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub kind: Kind,
        pub added_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod waiver {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        share::Share,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "waivers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WaiverId,
        pub programme_id: ProgrammeId,
        pub supplier_id: OrganisationId,
        pub buyer_group_key: Uuid,
        pub dependency_cap_ppm: Share,
        pub reason: String,
        pub signed_by: AccountId,
        pub signed_at: Timestamp,
        pub expires_on: Day,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
