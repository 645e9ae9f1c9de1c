//! How to reach the database and how much of it to use.

use std::time::Duration;

use tokio_postgres::{Client, Config, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;
use underpin_base::Secret;

use crate::{Class, Error, Result, StatementTimeouts, tls::connector};

/// How to reach the database and how much of it to use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// URL of role `app`: owns nothing, under forced row level security.
    pub app_url: Secret<String>,
    /// URL of role `system`: own policies on listed tables.
    pub system_url: Secret<String>,
    /// Most connections as `app`.
    pub app_connections_max: usize,
    /// Most connections as `system`.
    pub system_connections_max: usize,
    /// Connections as `app` that are kept open, at least.
    pub app_connections_min: usize,
    /// Connections of the server that all processes together leave free.
    pub connections_reserve: u32,
    /// Longest wait for a free connection; past it the caller answers 503 rather than hang.
    pub acquire_timeout: Duration,
    /// Longest time until a new connection is there.
    pub connect_timeout: Duration,
    /// Longest time that a connection is kept without work.
    pub idle_max: Duration,
    /// Longest time that a connection is used.
    pub lifetime_max: Duration,
    /// Longest run of one statement.
    pub statement_timeouts: StatementTimeouts,
    /// Longest wait for a lock.
    pub lock_timeout: Duration,
    /// Longest pause inside a transaction before the server ends it.
    pub idle_in_transaction_timeout: Duration,
}

impl Settings {
    /// Settings for these two URLs with the defaults of everything else.
    pub fn new(app_url: impl Into<String>, system_url: impl Into<String>) -> Self {
        Self {
            app_url: Secret::new(app_url.into()),
            system_url: Secret::new(system_url.into()),
            app_connections_max: 16,
            system_connections_max: 4,
            app_connections_min: 1,
            connections_reserve: 10,
            acquire_timeout: Duration::from_secs(1),
            connect_timeout: Duration::from_secs(2),
            idle_max: Duration::from_secs(30),
            lifetime_max: Duration::from_mins(30),
            statement_timeouts: StatementTimeouts::default(),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(10),
        }
    }

    /// The connection settings for one of the two URLs, with this process's timeouts.
    pub(crate) fn connect_config(&self, url: &Secret<String>, class: Class) -> Result<Config> {
        let mut config = parse(url.expose())?;
        let ms = |timeout: Duration| timeout.as_millis();
        // Under row level security the planner counts a policy's subselect anew for each row that it may never look at, and would compile a
        // statement of 20 ms for 300.
        let mut options = format!(
            "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} -c timezone=UTC -c jit=off",
            ms(self.statement_timeouts.of(class)),
            ms(self.lock_timeout),
            ms(self.idle_in_transaction_timeout),
        );
        if let Some(given) = config.get_options() {
            options = format!("{options} {given}");
        }
        config.options(options);
        if config.get_application_name().is_none() {
            config.application_name("underpin");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(self.connect_timeout);
        }
        config.keepalives_idle(Duration::from_secs(15));
        Ok(config)
    }

    /// A connection of its own, outside the pools; the caller polls it.
    pub(crate) async fn connect(&self, url: &Secret<String>) -> Result<(Client, Link)> {
        let config = self.connect_config(url, Class::Report)?;
        // The driver's own limit ends with the handshake of TCP.
        let opened = tokio::time::timeout(self.connect_timeout, open(config)).await;
        opened.unwrap_or_else(|elapsed| Err(Error::Unavailable(Box::new(elapsed))))
    }
}

/// A connection that its owner polls.
pub(crate) type Link =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A connection with the URL's own settings, polled in the background until the client is dropped.
pub(crate) async fn connect_plain(url: &str) -> Result<Client> {
    let (client, connection) = open(parse(url)?).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    });
    Ok(client)
}

/// Read a URL; its text, which holds a password, never enters the error.
pub(crate) fn parse(url: &str) -> Result<Config> {
    url.parse().map_err(|error: tokio_postgres::Error| Error::Settings(error.to_string()))
}

async fn open(mut config: Config) -> Result<(Client, Link)> {
    let tls = connector(&mut config)?;
    config.connect(tls).await.map_err(|error| Error::from_postgres("connect", error))
}
