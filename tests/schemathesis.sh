#!/usr/bin/env bash
# Asks the API everything its own document allows, and more, and fails on any answer that the document does not describe.
# Needs target/debug/yuelu and target/python/bin/schemathesis; tests/run.sh makes both. Takes about two minutes.
# YUELU_EXAMPLES: examples of each operation (15).
set -euo pipefail
cd "$(dirname "$0")/.."
export NO_COLOR=1 PYTHONUTF8=1

program=${YUELU_PROGRAM:-target/debug/yuelu}
schemathesis=target/python/bin/schemathesis
for needed in "$program" "$schemathesis"; do
  [ -x "$needed" ] || { echo "$needed is missing: run tests/run.sh, which makes it" >&2; exit 1; }
done

work=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT

export YUELU_LIMITS__REQUESTS_PER_MINUTE=0 YUELU_LIMITS__SIGN_INS_PER_MINUTE=0
"$program" --data-dir "$work/data" --json serve --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
server=$!
for _ in $(seq 300); do
  [ -s "$work/ready" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/ready")
[ -n "$address" ] || { echo "the server does not say where it is" >&2; cat "$work/log" >&2; exit 1; }
token=$("$program" --data-dir "$work/data" user add schemathesis --role administrator 2>/dev/null)

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
status=0
timeout 300 "$schemathesis" run "$address/api/v1/openapi.json" \
  --checks "$checks" \
  --header "Authorization: Bearer $token" \
  --phases examples,coverage,fuzzing \
  --max-examples "${YUELU_EXAMPLES:-15}" \
  --workers 2 \
  --request-timeout 20 \
  --generation-database none \
  --seed "${YUELU_SEED:-20261122}" \
  --no-color >"$work/report" 2>&1 || status=$?

kill -0 "$server" 2>/dev/null || { echo "the server died" >&2; tail -50 "$work/log" >&2; exit 1; }
if [ "$status" != 0 ]; then
  cat "$work/report"
  echo "schemathesis found answers that the document does not describe (exit code $status)" >&2
  exit 1
fi
grep -E 'operations|Operations|Test cases|No issues|passed|skipped|warning' "$work/report" || tail -15 "$work/report"
