#!/usr/bin/env bash
# Kills the server at random moments, far more often than the test command does. Usage: tests/long/kill.sh [KILLS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
export YUELU_KILLS=${1:-200}
[ -z "${2:-}" ] || export YUELU_SEED=$2
exec cargo test --locked --test it -- --exact --nocapture kill::nothing_acknowledged_is_lost_by_kill_9
