//! Mails on a real Postgres and in real SMTP conversations.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod isolation;
mod mailbox;
mod relay;
mod sending;
mod stage;
mod statements;
mod tls;
