#!/usr/bin/env python3
"""Verifies a saved review ledger without the program that made it.

Usage: verify_ledger.py FILE LAST, where LAST is the hash of the last checkpoint as it was noted elsewhere.
"""
import hashlib
import json
import sys


def sealed(item):
    body = {name: value for name, value in item.items() if name != "hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest() == item["hash"]


def verify(lines, last):
    ends, lengths, hashes, checkpoint, count = {}, {}, {}, "0" * 64, 0
    for line in lines:
        (kind, item), = json.loads(line).items()
        assert sealed(item), f"changed: {line}"
        if kind == "checkpoint":
            count += 1
            assert item["previous"] == checkpoint and item["sequence"] == count and not lengths, f"moved: {line}"
            checkpoint = item["hash"]
            ends.update({(chain, head["length"]): head["hash"] for chain, head in item["heads"].items()})
        else:
            chain, length = item["chain"], lengths.get(item["chain"], 0) + 1
            assert item["sequence"] == length and item["previous"] == hashes.get(chain, "0" * 64), f"moved: {line}"
            assert ends.get((chain, length), item["hash"]) == item["hash"], f"not what was sealed: {line}"
            lengths[chain], hashes[chain] = length, item["hash"]
    assert lengths == {chain: length for chain, length in sorted(ends)}, "entries are missing at the end of a chain, or were added to it"
    assert checkpoint == last, "checkpoints are missing at the end"


if __name__ == "__main__":
    verify(open(sys.argv[1], encoding="utf-8"), sys.argv[2])
    print("ok")
