//! What must not compile outside of the crate.

#[test]
fn a_receipt_is_nobody_elses_to_make_copy_or_print() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
