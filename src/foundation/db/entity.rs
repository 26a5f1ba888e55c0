//! What an entity has beside its columns: nothing.

/// Says of the entity of the module it stands in that no relations are declared and nothing happens around its writes:
/// queries join tables in their own words. `#[sea_orm::model]` would say the same, and write a second model and a second
/// active model for every table, with relations that nobody loads: a hundred thousand lines for the compiler.
#[macro_export]
macro_rules! unrelated {
    () => {
        #[derive(Clone, Copy, Debug, ::sea_orm::EnumIter)]
        pub enum Relation {}

        impl ::sea_orm::RelationTrait for Relation {
            fn def(&self) -> ::sea_orm::RelationDef {
                match *self {}
            }
        }

        impl ::sea_orm::ActiveModelBehavior for ActiveModel {}
    };
}
