//! Closed vocabularies: enums that are stored, sent and read as one word.

/// Declares an enum whose values are stored, sent, read and documented as the given words.
///
/// The words are part of the API and of the database: rename a variant freely, never its word.
/// A word is taken as a token: what derives the API's description does not read one that comes as a `literal`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
            sea_orm::DeriveValueType, utoipa::ToSchema,
        )]
        #[sea_orm(value_type = "String")]
        // After the derive, so that `#[schema(as = …)]` may stand among them.
        $(#[$doc])*
        $vis enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::foundation::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::foundation::words::UnknownWord(Self::WORDS)),
                }
            }
        }

        /// A word may stand in a key; no engine hands one out as a number.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl $crate::foundation::fields::Value for $name {
            fn read(raw: &$crate::foundation::fields::Raw<'_>) -> Result<Self, $crate::foundation::fields::Fault> {
                raw.one_of(Self::WORDS)
            }
        }
    };
}

/// A text that is none of a vocabulary's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not one of: {}", .0.join(", "))]
pub struct UnknownWord(pub &'static [&'static str]);
