//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod contract {
    use sea_orm::entity::prelude::*;

    use crate::{
        contracts::State,
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, ContractId, OrganisationId, ProgrammeId, RequirementId},
            money::Currency,
        },
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contracts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ContractId,
        pub programme_id: ProgrammeId,
        pub requirement_id: RequirementId,
        pub lead_firm_id: OrganisationId,
        pub supplier_id: OrganisationId,
        pub state: State,
        pub starts_on: Day,
        pub ends_on: Day,
        pub payment_days: i32,
        pub amount_minor: i64,
        pub annual_minor: i64,
        pub currency: Currency,
        pub renews_id: Option<ContractId>,
        pub content_hash: String,
        pub drawn_up_by: AccountId,
        pub supplier_signed_by: Option<AccountId>,
        pub supplier_signed_at: Option<Timestamp>,
        pub lead_firm_signed_by: Option<AccountId>,
        pub lead_firm_signed_at: Option<Timestamp>,
        pub ended_on: Option<Day>,
        pub reason: Option<String>,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod line {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        ids::{ContractId, LotId, MatchId},
        money::UnitPrice,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contract_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contract_id: ContractId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub match_id: MatchId,
        pub lot_id: LotId,
        pub quantity: i64,
        pub unit_price: UnitPrice,
        pub years: i32,
        pub amount_minor: i64,
    }

    crate::unrelated!();
}

pub(super) mod delivery {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, ContractId, DeliveryId, LotId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeliveryId,
        pub contract_id: ContractId,
        pub lot_id: LotId,
        pub due_on: Day,
        pub made_on: Option<Day>,
        pub units: i64,
        pub accepted: Option<i64>,
        pub rejected: Option<i64>,
        pub note: Option<String>,
        pub corrects_id: Option<DeliveryId>,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod payment {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, ContractId, PaymentId},
        money::Currency,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PaymentId,
        pub contract_id: ContractId,
        pub invoice: String,
        pub invoiced_on: Day,
        pub due_on: Day,
        pub paid_on: Option<Day>,
        pub amount_minor: i64,
        pub currency: Currency,
        pub note: Option<String>,
        pub corrects_id: Option<PaymentId>,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
    }

    crate::unrelated!();
}
