//! What tests are made of: a real PostgreSQL cluster for a run, a database of its own for each test, and the use cases on
//! top of it with a held clock.
//!
//! As root the cluster runs as `nobody`, for PostgreSQL refuses root. Nothing here listens on a network address.

#![expect(
    clippy::unwrap_used,
    reason = "test support: a failure here is a failed test"
)]

pub mod cluster;
pub mod database;
pub mod world;

pub use cluster::Cluster;
pub use database::Database;
pub use world::World;
