//! A receipt cannot be copied.

fn receipt_copy(receipt: &ledger::Receipt) -> ledger::Receipt {
    fn cloned<T: Clone>(value: &T) -> T {
        value.clone()
    }
    cloned(receipt)
}

fn main() {}
