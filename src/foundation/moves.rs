//! State machines as tables: which move leads from which state to which, and by which operation.

use super::access::Row;

/// A line of a table of moves.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The move.
    pub name: &'static str,
    /// The row of the access table of whoever makes it: who may. `None`: it follows from something else, such as time.
    pub row: Option<&'static Row>,
    /// The states from which it is legal, each with the state after it: the same one where something else changes.
    pub leads: &'static [(&'static str, &'static str)],
}

/// Declares the moves of a machine whose states are a vocabulary ([`words!`](crate::words)): an enum with the state to
/// which each move leads, and `TABLE` with every line. The operation after `by` says who may make it.
///
/// ```text
/// moves! {
///     /// What happens to a programme.
///     pub enum Move of State {
///         /// It begins.
///         Open by Open: Draft => Open;
///     }
/// }
/// ```
#[macro_export]
macro_rules! moves {
    ($(#[$doc:meta])* $vis:vis enum $name:ident of $state:ident {
        $($(#[$vdoc:meta])* $step:ident $(by $operation:ident)?: $($from:ident => $to:ident),+;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        $vis enum $name {
            $($(#[$vdoc])* $step,)+
        }

        impl $name {
            /// Every move, with the states from which it is legal.
            pub const TABLE: &'static [$crate::foundation::moves::Step] = &[
                $($crate::foundation::moves::Step {
                    name: stringify!($step),
                    row: {
                        const ROWS: &[$crate::foundation::access::Row] =
                            &[$(<$operation as $crate::foundation::access::Operation>::ROW)?];
                        ROWS.first()
                    },
                    leads: &[$(($state::$from.word(), $state::$to.word())),+],
                },)+
            ];

            /// The state after the move, when it is legal.
            pub const fn from(self, state: $state) -> Option<$state> {
                match (self, state) {
                    $($((Self::$step, $state::$from) => Some($state::$to),)+)+
                    _ => None,
                }
            }
        }
    };
}
