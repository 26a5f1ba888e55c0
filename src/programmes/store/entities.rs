//! The tables of this stage. Nothing outside the store sees them.

pub(super) mod programme {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{OrganisationId, ProgrammeId},
            money::Currency,
            zone::Zone,
        },
        programmes::State,
    };

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
        pub time_zone: Option<Zone>,
        pub locality: Option<String>,
    }

    crate::unrelated!();
}

pub(super) mod rules_version {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, ProgrammeId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_rules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rules_version: i64,
        pub rules: String,
        pub changed_by: Option<AccountId>,
        pub changed_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod member {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        access::Kind,
        clock::Timestamp,
        ids::{OrganisationId, ProgrammeId},
    };

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

    crate::unrelated!();
}

pub(super) mod waiver {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        share::Share,
    };

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
        pub revoked_at: Option<Timestamp>,
        pub revoked_by: Option<AccountId>,
        pub revoked_because: Option<String>,
    }

    crate::unrelated!();
}

pub(super) mod network {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{NetworkId, ProgrammeId},
        },
        programmes::networks::{Model as NetworkModel, State},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "networks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NetworkId,
        pub programme_id: ProgrammeId,
        #[sea_orm(column_name = "model")]
        pub promoted_by: NetworkModel,
        pub name: String,
        pub state: State,
        pub call_open: bool,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod network_member {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            access::Kind,
            clock::Timestamp,
            ids::{NetworkId, OrganisationId},
        },
        programmes::networks::Standing,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "network_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_id: NetworkId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub kind: Kind,
        pub state: Standing,
        pub statement: String,
        pub changed_at: Timestamp,
        pub applied_at: Option<Timestamp>,
        pub version: i64,
        /// When it was first invited, or applied; NULL: before that was written down.
        pub first_at: Option<Timestamp>,
        /// When it was last selected.
        pub selected_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod meeting {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{AccountId, MeetingId, NetworkId, OrganisationId},
        },
        programmes::meetings::{MeetingKind, MeetingState},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "meetings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MeetingId,
        pub network_id: NetworkId,
        pub kind: MeetingKind,
        pub held_on: Day,
        pub place: String,
        pub purpose: String,
        pub state: MeetingState,
        pub called_for: OrganisationId,
        pub called_by: AccountId,
        pub called_at: Timestamp,
        pub cancelled_because: Option<String>,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod participant {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, MeetingId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting_participants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub meeting_id: MeetingId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub people: String,
        pub attended: Option<bool>,
        pub confirmed_by: Option<AccountId>,
        pub confirmed_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod agreement {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Day,
        ids::{AgreementId, MeetingId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting_agreements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AgreementId,
        pub meeting_id: MeetingId,
        pub turn: i64,
        pub what: String,
        pub who_id: OrganisationId,
        pub until_on: Day,
        pub done_on: Option<Day>,
        pub done_note: Option<String>,
        pub done_for: Option<OrganisationId>,
    }

    crate::unrelated!();
}

pub(super) mod network_decision {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NetworkId, OrganisationId},
        },
        programmes::networks::Decision,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "network_decisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_id: NetworkId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub decided_for: OrganisationId,
        pub decision: Decision,
        pub reason: String,
        pub decided_by: AccountId,
        pub decided_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod network_officer {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, NetworkId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "network_officers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_id: NetworkId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        pub assigned_at: Timestamp,
    }

    crate::unrelated!();
}

pub(super) mod consortium {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{ConsortiumId, NetworkId, OrganisationId, ProgrammeId},
        },
        programmes::consortia::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consortia")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ConsortiumId,
        pub programme_id: ProgrammeId,
        pub network_id: Option<NetworkId>,
        pub name: String,
        pub speaker_id: OrganisationId,
        pub state: State,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

pub(super) mod consortium_member {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{ConsortiumId, OrganisationId},
        },
        organisations::tax_id::Country,
        programmes::consortia::Answer,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consortium_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consortium_id: ConsortiumId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub country: Country,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tax_id: String,
        pub supplier_id: Option<OrganisationId>,
        pub answer: Answer,
        pub changed_at: Timestamp,
    }

    crate::unrelated!();
}
