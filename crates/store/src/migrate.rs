//! Brings the schema forward. Runs as the cluster's superuser, before the server starts, and only forward.

use tokio_postgres::NoTls;

use crate::error::StoreError;
use crate::pool::{Place, connection_config};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Applies what is missing and returns how many steps that were.
///
/// # Errors
/// When the database cannot be reached as `superuser`, or a step fails: then that step left nothing behind.
pub async fn migrate(place: &Place, superuser: &str) -> Result<usize, StoreError> {
    let (mut client, connection) = connection_config(place, superuser).connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute("SET app.migrating = 'yes'").await?;
    let report = embedded::migrations::runner()
        .set_grouped(false)
        .run_async(&mut client)
        .await
        .map_err(|error| StoreError::Migration(chain(&error)))?;
    drop(client);
    driver.abort();
    Ok(report.applied_migrations().len())
}

/// The whole chain: a migration's error is read by the person who runs it, and carries no data.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
