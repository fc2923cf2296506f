#!/usr/bin/env python3
"""Compares the ledger's Merkle roots and proofs with pymerkle, an independent implementation.

The vectors are docs/formats/vectors/{roots,proofs,rows}.json; the Rust tests show that the crate makes
exactly these files. Needs `pip install 'pymerkle==7.*'`. Exits 0 when everything is equal, 1 at the first
difference.
"""

import json
import sys
from pathlib import Path

from pymerkle import InmemoryTree, InvalidProof, verify_consistency, verify_inclusion

VECTORS = Path(__file__).resolve().parents[2] / "docs" / "formats" / "vectors"


def main() -> int:
    roots = [bytes.fromhex(root) for root in load("roots.json")["roots"]]
    proofs = load("proofs.json")
    tree = tree_of(0, len(roots) - 1)
    counts = {
        "roots": roots_compare(tree, roots),
        "inclusion proofs": inclusion_compare(tree, roots, proofs["inclusion"]),
        "consistency proofs": consistency_compare(tree, roots, proofs["consistency"]),
        "rows": rows_compare(load("rows.json")["rows"]),
    }
    print("pymerkle agrees: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return 0


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def leaf(index):
    return index.to_bytes(8, "big")


def tree_of(start, end):
    """The tree of the leaves start..end alone."""
    tree = InmemoryTree(algorithm="sha256")
    for index in range(start, end):
        tree.append_entry(leaf(index))
    return tree


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{what}: the ledger has {ours!r}, pymerkle {theirs!r}")


def roots_compare(tree, roots):
    same("number of roots", len(roots), 1001)
    for size, root in enumerate(roots):
        same(f"root of {size} leaves", root, tree.get_root(size))
    return len(roots)


def inclusion_compare(tree, roots, proofs):
    for proof in proofs:
        index, size = proof["index"], proof["size"]
        theirs = tree.prove_inclusion(index + 1, size)
        # Theirs begins with the leaf's own hash.
        path = [bytes.fromhex(node) for node in proof["path"]]
        same(f"inclusion path of leaf {index} of {size}", path, theirs.path[1:])
        base = tree.get_leaf(index + 1)
        verify_inclusion(base, roots[size], theirs, index=index + 1, size=size)
        refused(lambda: verify_inclusion(base, bytes(32), theirs, index=index + 1, size=size))
    return len(proofs)


def consistency_compare(tree, roots, proofs):
    for proof in proofs:
        old, new = proof["old"], proof["new"]
        theirs = tree.prove_consistency(old, new)
        verify_consistency(roots[old], roots[new], theirs, prior_size=old, later_size=new)
        refused(
            lambda: verify_consistency(bytes(32), roots[new], theirs, prior_size=old, later_size=new)
        )
        # Theirs may be split finer than RFC 6962's, so each of our hashes is compared with the root of
        # pymerkle's tree of just those leaves that RFC 6962, section 2.1.2 names.
        ranges = consistency_ranges(old, new)
        path = [bytes.fromhex(node) for node in proof["path"]]
        expected = [tree_of(start, end).get_root() for start, end in ranges]
        same(f"consistency path from {old} to {new}", path, expected)
    return len(proofs)


def consistency_ranges(old, new):
    """PROOF(m, D[n]) and SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2, as ranges of leaves."""

    def subproof(m, start, end, whole):
        n = end - start
        if m == n:
            return [] if whole else [(start, end)]
        k = 1
        while k * 2 < n:
            k *= 2
        if m <= k:
            return subproof(m, start, start + k, whole) + [(start + k, end)]
        return subproof(m - k, start + k, end, False) + [(start, start + k)]

    return subproof(old, 0, new, True)


def rows_compare(rows):
    """Leaf i's row keeps the roots of the perfect subtrees that end at i; the frontier those of a size."""
    for row in rows:
        end = row["leaf"] + 1
        nodes = []
        level = 0
        while end % (1 << level) == 0:
            nodes.append(tree_of(end - (1 << level), end).get_root().hex())
            level += 1
        same(f"nodes of leaf {row['leaf']}", row["nodes"], nodes)
        frontier, start = [], 0
        for level in range(end.bit_length() - 1, -1, -1):
            if end >> level & 1:
                frontier.append(tree_of(start, start + (1 << level)).get_root().hex())
                start += 1 << level
        same(f"frontier of {end} leaves", row["frontier"], frontier)
    return len(rows)


def refused(check):
    try:
        check()
    except InvalidProof:
        return
    sys.exit("pymerkle accepts a wrong root: it is no oracle")


if __name__ == "__main__":
    sys.exit(main())
