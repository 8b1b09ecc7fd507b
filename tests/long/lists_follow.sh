#!/usr/bin/env bash
# How soon a published work is recommended and a retired one is in no list any more, over fifty publications; see lists_follow.py.
# Usage: tests/long/lists_follow.sh [WORKS]
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked
export YUELU_WORKS=${1:-50}
exec python3 tests/long/lists_follow.py
