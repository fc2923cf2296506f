//! Connections of one database role.

use std::path::PathBuf;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, RecyclingMethod};
use tokio_postgres::NoTls;

use crate::error::StoreError;

/// How long a request waits for a connection before it is told that the database is away: longer than any commit takes,
/// shorter than a person's patience.
const POOL_WAIT_MAX: Duration = Duration::from_secs(5);

/// Where the database is and who asks.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder of the Unix socket.
    pub socket_dir: PathBuf,
    /// The port: the socket's name ends in it.
    pub port: u16,
    /// The database's name.
    pub database: String,
}

#[derive(Clone)]
pub(crate) struct Pool(deadpool_postgres::Pool);

impl Pool {
    pub(crate) fn new(
        place: &Place,
        role: &str,
        connections_max: usize,
    ) -> Result<Self, StoreError> {
        let config = connection_config(place, role);
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        deadpool_postgres::Pool::builder(manager)
            .max_size(connections_max)
            .wait_timeout(Some(POOL_WAIT_MAX))
            .create_timeout(Some(POOL_WAIT_MAX))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map(Self)
            .map_err(|error| StoreError::Away(error.to_string()))
    }

    pub(crate) async fn get(&self) -> Result<Object, StoreError> {
        self.0
            .get()
            .await
            .map_err(|error| StoreError::Away(error.to_string()))
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }
}

pub(crate) fn connection_config(place: &Place, role: &str) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host_path(&place.socket_dir)
        .port(place.port)
        .dbname(&place.database)
        .user(role)
        .application_name("clerestory")
        // Every statement of ours is a point read or write by its key, planned once for each connection; a plan that was made
        // while a table was small must not go through the whole of it later.
        .options("-c plan_cache_mode=force_generic_plan -c enable_seqscan=off")
        .connect_timeout(POOL_WAIT_MAX);
    config
}
