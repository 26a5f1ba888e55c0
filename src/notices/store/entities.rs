//! The tables of this stage.

pub(super) mod notice {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NoticeId, OrganisationId},
        },
        notices::{Rhythm, Topic},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoticeId,
        pub account_id: AccountId,
        pub organisation_id: OrganisationId,
        pub topic: Topic,
        pub event: String,
        pub subject: String,
        pub subject_id: Uuid,
        pub at: Timestamp,
        pub read_at: Option<Timestamp>,
        pub in_inbox: bool,
        pub mail: Rhythm,
        pub letter_id: Option<Uuid>,
        pub mailed_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

pub(super) mod channel {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::ids::{AccountId, OrganisationId},
        notices::{Rhythm, Topic},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice_channels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: Topic,
        pub inbox: bool,
        pub mail: Rhythm,
    }

    crate::unrelated!();
}

pub(super) mod day {
    use sea_orm::entity::prelude::*;

    use crate::foundation::clock::Day;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice_days")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Day,
    }

    crate::unrelated!();
}

pub(super) mod reminder {
    use sea_orm::entity::prelude::*;

    use crate::foundation::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reminders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub occurrence: String,
        pub given_at: Timestamp,
    }

    crate::unrelated!();
}
