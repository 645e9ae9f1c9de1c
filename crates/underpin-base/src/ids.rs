//! Ids are newtypes over UUIDv7, so that a tenant's id cannot stand where a user's is meant.

/// A text that is no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct BadId;

#[doc(hidden)]
pub mod macros {
    pub use serde;
    pub use uuid;
}

/// Declare an id: a newtype over UUIDv7 with `new`, `from_uuid`, `uuid`, `Display`, `FromStr`, and serde as a string.
///
/// ```
/// underpin_base::id! {
///     /// A wallet.
///     pub WalletId
/// }
/// let id = WalletId::new();
/// assert_eq!(id, id.to_string().parse().unwrap());
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis struct $name($crate::macros::uuid::Uuid);

        #[allow(dead_code, reason = "an id has all its conversions whether a crate uses them or not")]
        impl $name {
            /// A fresh id, ordered by the time it was made.
            $vis fn new() -> Self {
                Self($crate::macros::uuid::Uuid::now_v7())
            }

            /// The id that a database row or a request carries.
            $vis const fn from_uuid(uuid: $crate::macros::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for a statement's parameter.
            $vis const fn uuid(self) -> $crate::macros::uuid::Uuid {
                self.0
            }
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::BadId;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::macros::uuid::Uuid::try_parse(text).map(Self).map_err(|_| $crate::BadId)
            }
        }

        impl $crate::macros::serde::Serialize for $name {
            fn serialize<S: $crate::macros::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> $crate::macros::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as $crate::macros::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err($crate::macros::serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// A customer of the platform: a firm, a practice, an operator, a teacher.
    pub TenantId
}

id! {
    /// A person who signs in; the same person may be a member of many tenants.
    pub UserId
}

id! {
    /// One request; printed in logs and in `X-Request-Id`.
    pub RequestId
}
