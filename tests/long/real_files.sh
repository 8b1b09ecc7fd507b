#!/usr/bin/env bash
# Deposits a folder of real files, which the repository does not hold, and demands that each ends in findings or a clean pass.
# Usage: YUELU_FILES=FOLDER tests/long/real_files.sh    tests/long/real_files.py says what is demanded and what may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -n "${YUELU_PROGRAM:-}" ] || cargo build --locked --quiet
exec python3 -B tests/long/real_files.py
