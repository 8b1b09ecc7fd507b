#!/usr/bin/env bash
# Kills the server at every call by which a start changes or reads files, and starts it again; see kill_start.py. Needs strace.
# Usage: tests/long/kill_start.sh [MOST_PER_CALL]
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v strace >/dev/null || { echo "strace is not installed" >&2; exit 1; }
cargo build --locked
export YUELU_MOST=${1:-40}
exec python3 tests/long/kill_start.py
