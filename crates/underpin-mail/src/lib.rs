#![doc = include_str!("../README.md")]

mod error;
mod jobs;
mod mailbox;
mod mailer;
mod message;
mod model;
mod smtp;
mod store;
mod template;

use underpin_db::{Component, Statement, migrations};

pub use error::{Error, Result};
pub use jobs::register;
pub use mailbox::Shown;
pub use mailer::{Mailer, Outlet};
pub use model::{Content, Language, Letter, MailId};
pub use smtp::SmtpSettings;
pub use template::{Template, Words};

/// The table of mails.
pub const COMPONENT: Component = Component {
    name: "mail",
    migrations: migrations!["0001_mail", "0002_exceptions", "0003_secrets"],
};

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::ALL.to_vec()
}
