//! The rules of the clinic's work, as pure functions over plain values.
//!
//! Invariant: no clock, no input or output, no randomness, no serialisation. Every function gets the time that it
//! needs as a parameter, so that a whole day can be simulated in a millisecond.
//! Invariant: types that can hold patient data show their kind in `Debug` at the most; values are shown in tests alone.

pub mod treatment;
