#!/usr/bin/env bash
# Kills the server at every call by which a short run reads or changes files, and starts it again; see kill_calls.py. Needs strace.
# Usage: tests/long/kill_calls.sh [MOST_PER_CALL]
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v strace >/dev/null || { echo "strace is not installed" >&2; exit 1; }
cargo build --locked
export YUELU_MOST=${1:-40}
exec python3 tests/long/kill_calls.py
