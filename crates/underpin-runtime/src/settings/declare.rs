//! One declaration per setting makes its field, its documentation, its default and its two names.

use std::{fmt, path::PathBuf};

use super::{Problem, load::Raw, value::Value};
use crate::{Error, Result};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave it.
    Default,
    /// The settings file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Env(name) => f.write_str(name),
        }
    }
}

/// What is known of a setting without any value.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its section.
    pub section: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its value when nobody gives one.
    pub default: Option<&'static str>,
}

impl Key {
    /// `section.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `UNDERPIN_SECTION_NAME`.
    pub fn variable(&self) -> String {
        format!("UNDERPIN_{}_{}", self.section, self.name).to_uppercase()
    }
}

/// A setting without a default: whoever needs it says so, and gets a clear error when it was not given.
#[derive(Debug, Clone)]
pub struct Needed<T> {
    key: Key,
    value: Option<T>,
}

impl<T> Needed<T> {
    /// The value, for the one who cannot do without.
    ///
    /// Errors: [`Error::Refused`] that names the setting and both ways to give it.
    pub fn get(&self) -> Result<&T> {
        self.value.as_ref().ok_or_else(|| {
            let mend = format!("set {}: {}", self.key.variable(), self.key.doc);
            let what = format!("{} is needed", self.key.path());
            Error::Refused(vec![Problem::new(what, "nowhere", mend)])
        })
    }

    /// The value, if it was given.
    pub const fn find(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

/// How a field is read: it must be there by default, may be missing, or is needed by some.
pub(super) trait Field: Sized {
    /// Read it; a problem is noted and a value is made up, because the whole is refused in that case.
    fn read(key: Key, raw: &mut Raw) -> Option<Self>;
    /// What `underpin config` prints.
    fn show(&self) -> String;
}

impl<T: Value> Field for T {
    fn read(key: Key, raw: &mut Raw) -> Option<Self> {
        raw.take(key)
    }
    fn show(&self) -> String {
        Value::show(self)
    }
}

impl<T: Value> Field for Option<T> {
    fn read(key: Key, raw: &mut Raw) -> Option<Self> {
        Some(raw.take(key))
    }
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(not set)".to_owned(), Value::show)
    }
}

impl<T: Value> Field for Needed<T> {
    fn read(key: Key, raw: &mut Raw) -> Option<Self> {
        Some(Self { key, value: raw.take(key) })
    }
    fn show(&self) -> String {
        Field::show(&self.value)
    }
}

/// See the module's documentation.
macro_rules! settings {
    (@default none) => { None };
    (@default $default:literal) => { Some($default) };
    ($(
        $(#[doc = $part_doc:literal])+
        pub struct $part:ident as $section:ident {
            $( $(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:tt, )+
        }
    )+) => {
        /// All settings of a process; each part of the program takes its own.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $( $(#[doc = $part_doc])+ pub $section: $part, )+
            origins: Vec<$crate::settings::Origin>,
        }

        impl Settings {
            /// Every setting there is, in the order of their declaration.
            pub fn keys() -> Vec<$crate::settings::Key> {
                [$( $part::KEYS ),+].concat()
            }

            /// Read every part, so that all problems are found at once.
            fn read(raw: &mut $crate::settings::load::Raw) -> Option<Self> {
                $( let $section = $part::read(raw); )+
                Some(Self { $( $section: $section?, )+ origins: raw.origins() })
            }

            /// The values as they may be printed, in the order of [`Settings::keys`].
            fn shown(&self) -> Vec<String> {
                [$( self.$section.shown() ),+].concat()
            }
        }

        $(
            $(#[doc = $part_doc])+
            #[derive(Debug, Clone)]
            pub struct $part { $( $(#[doc = $doc])+ pub $name: $type, )+ }

            impl $part {
                const KEYS: &[$crate::settings::Key] = &[$( $crate::settings::Key {
                    section: stringify!($section),
                    name: stringify!($name),
                    doc: concat!($($doc),+).trim_ascii(),
                    default: $crate::settings::declare::settings!(@default $default),
                }, )+];

                fn read(raw: &mut $crate::settings::load::Raw) -> Option<Self> {
                    $( let $name = raw.field(stringify!($section), stringify!($name), Self::KEYS); )+
                    Some(Self { $( $name: $name?, )+ })
                }

                fn shown(&self) -> Vec<String> {
                    vec![$( $crate::settings::declare::Field::show(&self.$name), )+]
                }
            }
        )+
    };
}
pub(super) use settings;
