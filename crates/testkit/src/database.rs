//! A database of its own for each test: cloned from a template that was migrated once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use store::Place;
use tokio_postgres::NoTls;

const TEMPLATE: &str = "clerestory_template";
const SUPERUSER: &str = "postgres";
/// Any number, the same in every test process: who holds it makes the template.
const TEMPLATE_LOCK: i64 = 4_711_002;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A test's database.
pub struct Database {
    /// Where it is.
    pub place: Place,
}

impl Database {
    /// A freshly cloned database in this run's cluster.
    ///
    /// # Panics
    /// When the cluster does not answer.
    pub async fn fresh() -> Self {
        Self::fresh_in(&super::cluster::shared()).await
    }

    /// A freshly cloned database in the cluster of this socket folder.
    ///
    /// # Panics
    /// When the cluster does not answer.
    pub async fn fresh_in(socket_dir: &Path) -> Self {
        let admin = admin(socket_dir, "postgres").await;
        admin
            .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
            .await
            .unwrap();
        template_ensure(&admin, socket_dir).await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        // Names cannot be parameters; this one is made of two numbers.
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
            .await
            .unwrap();
        Self {
            place: place(socket_dir, &name),
        }
    }

    /// A superuser's connection to it: what an attacker on the database host would have.
    ///
    /// # Panics
    /// When the cluster does not answer.
    pub async fn superuser(&self) -> tokio_postgres::Client {
        admin(&self.place.socket_dir, &self.place.database).await
    }

    /// A copy of it as it stands now: what a backup holds. Nobody may be connected.
    ///
    /// # Panics
    /// When somebody is.
    pub async fn copy(&self) -> Self {
        let admin = admin(&self.place.socket_dir, "postgres").await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let from = &self.place.database;
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {from}"))
            .await
            .unwrap();
        Self {
            place: place(&self.place.socket_dir, &name),
        }
    }
}

async fn template_ensure(admin: &tokio_postgres::Client, socket_dir: &Path) {
    let there = admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&TEMPLATE])
        .await
        .unwrap()
        .is_some();
    if there {
        return;
    }
    admin
        .batch_execute(&format!("CREATE DATABASE {TEMPLATE}_making"))
        .await
        .unwrap();
    let making = place(socket_dir, &format!("{TEMPLATE}_making"));
    store::migrate(&making, SUPERUSER).await.unwrap();
    admin
        .batch_execute(&format!(
            "ALTER DATABASE {TEMPLATE}_making RENAME TO {TEMPLATE}"
        ))
        .await
        .unwrap();
}

fn place(socket_dir: &Path, database: &str) -> Place {
    Place {
        socket_dir: PathBuf::from(socket_dir),
        port: 5432,
        database: database.to_owned(),
    }
}

async fn admin(socket_dir: &Path, database: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::Config::new()
        .host_path(socket_dir)
        .dbname(database)
        .user(SUPERUSER)
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}
