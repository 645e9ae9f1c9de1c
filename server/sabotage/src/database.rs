//! SQL as the administrator or the owner of a private cluster.

use tokio_postgres::{Client, NoTls};
use underpin_base::Secret;

/// Connect; the connection ends with the client.
pub(crate) async fn connect(url: &Secret<String>) -> anyhow::Result<Client> {
    // Its text holds a password and stays out of the error.
    let (client, connection) = tokio_postgres::connect(url.expose(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Run statements; each fault's may be run again on the same database.
pub(crate) async fn run(url: Secret<String>, sql: &'static str) -> anyhow::Result<()> {
    Ok(connect(&url).await?.batch_execute(sql).await?)
}
