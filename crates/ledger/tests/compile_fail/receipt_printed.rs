//! A receipt cannot be printed.

fn receipt_print(receipt: &ledger::Receipt) -> String {
    format!("{receipt:?}")
}

fn main() {}
