//! The database's own walls: roles, row-level security, the one door to the ledger (invariants 2 and 6).

use testkit::{Database, World};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::day::Floor;

async fn as_role(database: &Database, role: &str) -> Client {
    let (client, connection) = tokio_postgres::Config::new()
        .host_path(&database.place.socket_dir)
        .dbname(&database.place.database)
        .user(role)
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

async fn clinic_of(world: &World) -> Uuid {
    world
        .database
        .superuser()
        .await
        .query_one("SELECT clinic FROM clinic", &[])
        .await
        .unwrap()
        .get(0)
}

async fn scoped(client: &Client, clinic: Uuid) {
    client.batch_execute("BEGIN").await.unwrap();
    client
        .execute(
            "SELECT set_config('app.clinic', $1, true)",
            &[&clinic.to_string()],
        )
        .await
        .unwrap();
}

/// Each table, and how many rows of it a transaction sees.
const TABLES: [(&str, &str); 17] = [
    ("clinic", "SELECT count(*) FROM clinic"),
    ("person", "SELECT count(*) FROM person"),
    ("patient", "SELECT count(*) FROM patient"),
    ("clinic_code", "SELECT count(*) FROM clinic_code"),
    ("sign_in", "SELECT count(*) FROM sign_in"),
    ("watch", "SELECT count(*) FROM watch"),
    ("session", "SELECT count(*) FROM session"),
    ("session_event", "SELECT count(*) FROM session_event"),
    ("epoch", "SELECT count(*) FROM epoch"),
    ("ledger_head", "SELECT count(*) FROM ledger_head"),
    ("ledger_leaf", "SELECT count(*) FROM ledger_leaf"),
    ("ledger_subject", "SELECT count(*) FROM ledger_subject"),
    ("sign_in_idle", "SELECT count(*) FROM sign_in_idle"),
    ("attempt", "SELECT count(*) FROM attempt"),
    ("failed_total", "SELECT count(*) FROM failed_total"),
    ("demo_clock", "SELECT count(*) FROM demo_clock"),
    (
        "export_checkpoint",
        "SELECT count(*) FROM export_checkpoint",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_sees_its_own_clinic_alone() {
    let floor = Floor::planned().await;
    let clinic = clinic_of(&floor.world).await;
    let app = as_role(&floor.world.database, store::ROLE_APP).await;
    let count = async |query: &str| -> i64 { app.query_one(query, &[]).await.unwrap().get(0) };
    for (table, query) in TABLES {
        assert_eq!(count(query).await, 0, "{table} without a clinic");
    }
    scoped(&app, Uuid::from_u128(7)).await;
    for (table, query) in TABLES {
        assert_eq!(count(query).await, 0, "{table} for another clinic");
    }
    app.batch_execute("ROLLBACK").await.unwrap();
    scoped(&app, clinic).await;
    let own = [
        "person",
        "patient",
        "session",
        "session_event",
        "ledger_leaf",
        "ledger_subject",
    ];
    for (table, query) in TABLES.into_iter().filter(|(table, _)| own.contains(table)) {
        assert!(count(query).await > 0, "{table} for its own clinic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_walled_and_owned_by_nobody_who_logs_in() {
    let database = Database::fresh().await;
    let client = database.superuser().await;
    let rows = client
        .query(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, r.rolcanlogin,
                    EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid)
               FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() >= TABLES.len());
    for row in rows {
        let table: String = row.get(0);
        if table == "refinery_schema_history" {
            continue;
        }
        assert!(
            row.get::<_, bool>(1) && row.get::<_, bool>(2),
            "{table} is not walled"
        );
        assert!(!row.get::<_, bool>(3), "the owner of {table} can log in");
        assert!(!row.get::<_, bool>(4), "the owner of {table} has members");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t4_the_ledger_cannot_be_changed_by_anybody_who_is_let_in() {
    let floor = Floor::planned().await;
    let clinic = clinic_of(&floor.world).await;
    for (role, statement) in [
        (store::ROLE_APP, "UPDATE ledger_leaf SET body = '\\x00'"),
        (store::ROLE_APP, "DELETE FROM ledger_leaf"),
        (store::ROLE_APP, "TRUNCATE ledger_leaf"),
        (
            store::ROLE_APP,
            "INSERT INTO ledger_leaf SELECT * FROM ledger_leaf",
        ),
        (store::ROLE_APP, "UPDATE ledger_head SET size = 0"),
        (store::ROLE_APP, "DELETE FROM ledger_head"),
        (store::ROLE_APP, "CREATE TABLE mine (id int)"),
        (
            store::ROLE_AUX,
            "SELECT * FROM ledger_append(clinic_now(), '{\\x01}', '{}', '{}')",
        ),
        (store::ROLE_AUX, "SELECT * FROM patient"),
        (store::ROLE_AUX, "INSERT INTO session SELECT * FROM session"),
        (store::ROLE_AUX, "UPDATE person SET active = true"),
        (store::ROLE_AUX, "DELETE FROM failed_total"),
        (store::ROLE_APP, "UPDATE failed_total SET failures = 1"),
        ("postgres", "UPDATE ledger_leaf SET body = '\\x00'"),
        ("postgres", "DELETE FROM ledger_leaf"),
        ("postgres", "TRUNCATE ledger_leaf"),
        ("postgres", "ALTER TABLE ledger_leaf DISABLE TRIGGER ALL"),
        ("postgres", "DROP TABLE ledger_leaf"),
    ] {
        let client = as_role(&floor.world.database, role).await;
        scoped(&client, clinic).await;
        assert!(
            client.batch_execute(statement).await.is_err(),
            "{role} may {statement}"
        );
    }
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_another_clinic_than_the_transactions_is_refused() {
    let world = World::demo().await;
    let clinic = clinic_of(&world).await;
    let app = as_role(&world.database, store::ROLE_APP).await;
    scoped(&app, Uuid::from_u128(7)).await;
    let bodies = vec![vec![1_u8]];
    let refused = app
        .query(
            "SELECT * FROM ledger_append($1, $2, '{}', '{}')",
            &[&clinic, &bodies],
        )
        .await;
    assert!(refused.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_role_of_ours_writes_outside_the_tables() {
    let world = World::demo().await;
    for role in ["clerestory_app", "clerestory_aux"] {
        let client = as_role(&world.database, role).await;
        for statement in [
            "SELECT lo_create(0)",
            "SELECT lo_from_bytea(0, '\\x00')",
            "SET app.migrating = 'yes'; CREATE TEMPORARY TABLE aside (a integer)",
            "SET app.migrating = 'yes'; CREATE TABLE aside (a integer)",
        ] {
            let refused = client.batch_execute(statement).await.unwrap_err();
            let code = refused.code().unwrap();
            assert_eq!(code.code(), "42501", "{role}: {statement}");
        }
    }
}
