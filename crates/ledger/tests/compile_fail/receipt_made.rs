//! A receipt has no constructor and no public field.

fn receipt_make(grant: ledger::Grant) -> ledger::Receipt {
    ledger::Receipt { grant }
}

fn main() {}
