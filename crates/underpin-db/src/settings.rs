//! How to reach the database and how much of it to use.

use std::time::Duration;

use underpin_base::Secret;

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
    /// Longest wait for a free connection; past it the caller answers 503 rather than hang.
    pub acquire_timeout: Duration,
    /// Longest run of one statement.
    pub statement_timeout: Duration,
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
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(10),
        }
    }

    /// The connection settings for one of the two URLs, with this process's timeouts.
    pub(crate) fn connect_config(
        &self,
        url: &Secret<String>,
    ) -> Result<tokio_postgres::Config, tokio_postgres::Error> {
        let mut config: tokio_postgres::Config = url.expose().parse()?;
        let ms = |timeout: Duration| timeout.as_millis();
        let mut options = format!(
            "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} -c timezone=UTC",
            ms(self.statement_timeout),
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
            config.connect_timeout(self.acquire_timeout);
        }
        config.keepalives_idle(Duration::from_secs(15));
        Ok(config)
    }
}
