#!/usr/bin/env bash
# Kills the server while its index is written, merged, built anew and swapped, far more often than the test command does, and tells
# into what the kills fell. 200 take about half an hour with the debug program.
# Usage: tests/long/kill_index.sh [KILLS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
export YUELU_INDEX_KILLS=${1:-200}
[ -z "${2:-}" ] || export YUELU_SEED=$2
exec cargo test --locked --test it -- --exact --nocapture kill::index::an_index_killed_at_any_moment_equals_the_store
