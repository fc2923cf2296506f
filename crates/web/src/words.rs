//! The sentences of the pages. They stand in [`app::words`], because the printed record speaks with the same ones.

pub(crate) use app::words::*;
