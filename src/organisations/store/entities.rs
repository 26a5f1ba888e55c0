//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod organisation {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::access::Kind, foundation::clock::Timestamp, foundation::ids::BuyerGroupId,
        foundation::ids::OrganisationId, organisations::tax_id::Country,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "organisations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OrganisationId,
        pub kind: Kind,
        pub name: String,
        pub country: Country,
        pub tax_id: String,
        pub buyer_group_id: Option<BuyerGroupId>,
        pub created_at: Timestamp,
        pub version: i64,
        pub lei: Option<String>,
    }

    crate::unrelated!();
}

pub(super) mod buyer_group {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::clock::Timestamp, foundation::ids::BuyerGroupId, foundation::ids::OrganisationId,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "buyer_groups")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BuyerGroupId,
        pub name: String,
        pub institution_id: OrganisationId,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod institution_firm {
    use sea_orm::entity::prelude::*;

    use crate::{foundation::clock::Timestamp, foundation::ids::OrganisationId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "institution_firms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub institution_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub firm_id: OrganisationId,
        pub since: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod account {
    use sea_orm::entity::prelude::*;

    use crate::{foundation::clock::Timestamp, foundation::i18n::Locale, foundation::ids::AccountId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AccountId,
        pub email: String,
        pub name: String,
        pub password_hash: String,
        pub locale: Locale,
        pub created_at: Timestamp,
        pub version: i64,
        pub password_at: Timestamp,
        pub privacy_notice: Option<i64>,
        pub privacy_accepted_at: Option<Timestamp>,
        pub erased_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod membership {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::access::Role, foundation::clock::Timestamp, foundation::ids::AccountId,
        foundation::ids::OrganisationId,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub role: Role,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod api_token {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::clock::Timestamp, foundation::ids::AccountId, foundation::ids::OrganisationId,
        foundation::ids::TokenId,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TokenId,
        pub account_id: AccountId,
        pub organisation_id: OrganisationId,
        pub name: String,
        pub token_hash: String,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub made_from: Option<String>,
        pub used_at: Option<Timestamp>,
        pub used_from: Option<String>,
    }

    crate::unrelated!();
}

pub(super) mod second_factor {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{clock::Timestamp, ids::AccountId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "second_factors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        pub secret: String,
        pub created_at: Timestamp,
        pub confirmed_at: Option<Timestamp>,
        pub last_step: i64,
    }

    crate::unrelated!();
}

pub(super) mod recovery_code {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{clock::Timestamp, ids::AccountId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code_hash: String,
        pub used_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod session {
    use sea_orm::entity::prelude::*;

    use crate::foundation::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub data: String,
        pub expires_at: Timestamp,
        pub created_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod supplier_profile {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::clock::Day, foundation::ids::OrganisationId, foundation::money::Currency,
        organisations::SalesSource,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_profiles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        pub annual_sales_minor: Option<i64>,
        pub currency: Currency,
        pub as_of: Day,
        pub source: SalesSource,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod buyer_sale {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::clock::Day, foundation::ids::LotId, foundation::ids::OrganisationId,
        foundation::money::Currency, organisations::SalesSource,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "buyer_sales")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub buyer_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: SalesSource,
        #[sea_orm(primary_key, auto_increment = false)]
        pub reference: String,
        pub amount_minor: i64,
        pub currency: Currency,
        pub as_of: Day,
        pub replaced_by_lot: Option<LotId>,
    }

    crate::unrelated!();
}

pub(super) mod capacity {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::OrganisationId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "capacities")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub process: String,
        pub unit: String,
        pub amount_millionths: i64,
    }

    crate::unrelated!();
}

pub(super) mod consent {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId},
        },
        organisations::consents::Purpose,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub lead_firm_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: Purpose,
        pub granted_at: Timestamp,
        pub granted_by: AccountId,
        pub revoked_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod consent_log {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId},
        },
        organisations::consents::{Event, Purpose},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_log")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub supplier_id: OrganisationId,
        pub lead_firm_id: OrganisationId,
        pub purpose: Purpose,
        pub event: Event,
        pub account_id: AccountId,
        pub subject: Option<String>,
        pub subject_id: Option<Uuid>,
        pub at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod control_declaration {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, DeclarationId, OrganisationId},
        },
        organisations::control::DeclarationState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "control_declarations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeclarationId,
        pub firm_id: OrganisationId,
        pub with_firm_id: Option<OrganisationId>,
        pub ground: String,
        pub state: DeclarationState,
        pub declared_by: AccountId,
        pub declared_at: Timestamp,
        pub decided_by: Option<AccountId>,
        pub decided_at: Option<Timestamp>,
        pub reason: Option<String>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod interest {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, InterestId, OrganisationId},
        },
        organisations::interests::Nature,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "interests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InterestId,
        pub account_id: AccountId,
        pub organisation_id: OrganisationId,
        pub party_id: OrganisationId,
        pub nature: Nature,
        pub text: String,
        pub from_on: Day,
        pub until_on: Option<Day>,
        pub recorded_by: AccountId,
        pub recorded_at: Timestamp,
        pub ended_by: Option<AccountId>,
        pub ended_at: Option<Timestamp>,
        pub ended_because: Option<String>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod mandate {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, MandateId, OrganisationId},
        },
        organisations::mandates::Scope,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mandates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MandateId,
        pub firm_id: OrganisationId,
        pub institution_id: OrganisationId,
        pub account_id: Option<AccountId>,
        pub scope: Scope,
        pub purpose: String,
        pub until_on: Day,
        pub given_by: AccountId,
        pub given_at: Timestamp,
        pub revoked_by: Option<AccountId>,
        pub revoked_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod supplier_process {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::OrganisationId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_processes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub process: String,
        pub code: Option<String>,
        pub description: String,
        pub since_year: Option<i32>,
    }

    crate::unrelated!();
}

pub(super) mod supplier_certificate {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Day,
        ids::{CertificateId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_certificates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CertificateId,
        pub supplier_id: OrganisationId,
        pub scheme: String,
        pub number: String,
        pub issuer: String,
        pub scope: String,
        pub issued_on: Day,
        pub expires_on: Option<Day>,
    }

    crate::unrelated!();
}

pub(super) mod invitation {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        access::Role,
        clock::Timestamp,
        ids::{AccountId, InvitationId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InvitationId,
        pub organisation_id: OrganisationId,
        pub email: String,
        pub role: Role,
        pub token_hash: String,
        pub invited_by: AccountId,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub accepted_at: Option<Timestamp>,
        pub revoked_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod password_reset {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, PasswordResetId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "password_resets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PasswordResetId,
        pub email: String,
        pub account_id: Option<AccountId>,
        pub token_hash: Option<String>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub used_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod membership_request {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{InvitationId, OrganisationId},
        },
        organisations::joining::RequestState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "membership_requests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InvitationId,
        pub organisation_id: OrganisationId,
        pub email: String,
        pub name: String,
        pub message: String,
        pub state: RequestState,
        pub created_at: Timestamp,
    }

    crate::unrelated!();
}
