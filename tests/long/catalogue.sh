#!/usr/bin/env bash
# Has a catalogue of 5,000 rows vetted as 5,000 resources: one deposit, one pledge, each reviewed and decided. Tells times and memory.
# Usage: tests/long/catalogue.sh    tests/long/catalogue.py says what is demanded and what may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -n "${YUELU_PROGRAM:-}" ] || cargo build --locked --quiet
exec python3 -B tests/long/catalogue.py
