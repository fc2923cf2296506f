//! The pages: server-rendered HTML over HTTP.
//!
//! A handler does four things: parse, call one function of `app`, map the outcome, render. What people read is written in
//! `words`; what a form asks is described in [`steps`]; who may ask for what stands in [`routes`].
//!
//! Invariant: nothing here can reach the database, a key or the ledger. Pages see what `app` hands out, and `app` hands out
//! patient data only with its entry.
//!
//! A page cannot name what would go round a check: neither the database
//!
//! ```compile_fail,E0432
//! use store::Store;
//! ```
//!
//! nor the keys
//!
//! ```compile_fail,E0432
//! use vault::Vault;
//! ```
//!
//! nor the ledger's receipts
//!
//! ```compile_fail,E0432
//! use ledger::Issuer;
//! ```
//!
//! and what `app` holds of them is its own:
//!
//! ```compile_fail,E0616
//! fn store_of(app: &app::App) -> bool { let _store = &app.store; true }
//! ```
//!
//! ```compile_fail,E0616
//! fn vault_of(app: &app::App) -> bool { let _vault = &app.vault; true }
//! ```
//!
//! Invariant: no page needs a script; scripts only add moving clocks and forms that survive a lost network.
//! Invariant: no address, title, header or log line holds a patient's name or values.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

mod assets;
mod fault;
mod form;
mod middleware;
mod pages;
mod request;
mod router;
pub mod routes;
mod settings;
pub mod steps;
mod view;
mod words;

pub use router::router;
pub use settings::WebSettings;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod words_tests;
