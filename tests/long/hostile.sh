#!/usr/bin/env bash
# Asks 100,000 random, hostile and very long queries of a catalogue and pages deep into it. Usage: tests/long/hostile.sh
# tests/long/hostile.py says what is demanded and what may be set. Times mean something with a release build (YUELU_PROGRAM) alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -n "${YUELU_PROGRAM:-}" ] || cargo build --locked --release --quiet
export YUELU_PROGRAM=${YUELU_PROGRAM:-target/release/yuelu}
exec python3 -B tests/long/hostile.py
