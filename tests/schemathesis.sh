#!/usr/bin/env bash
# Asks the API everything its own document allows, and more, and fails on any answer that the document does not describe.
# tests/schemathesis_hooks.py knows how packages are written. Needs target/debug/yuelu and target/python/bin/schemathesis; tests/run.sh makes both. Takes about two minutes.
# YUELU_EXAMPLES: examples of each operation (15).
set -euo pipefail
cd "$(dirname "$0")/.."
export NO_COLOR=1 PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD

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

# Something must be there, or most answers would be "not found": one work published, one that awaits its review.
yuelu() { "$program" --data-dir "$work/data" --json "$@"; }
pick() { "${schemathesis%/*}/python" -c "import json, sys; print(json.load(sys.stdin)$1)"; }
user() { yuelu user add "$1" --role "$2" "${@:3}" | pick '["token"]'; }
export XDG_STATE_HOME=$work/state
token=$(user everything administrator --role editor --role reviewer --role committee --role auditor --role platform)
reviewer=$(user reviewer reviewer)
approver=$(user approver committee)
deposit() { yuelu deposit "resources/packages/$1" --pledge --wait --owner /hunan/changsha/yuelu-college --institution 岳麓示范社区学院; }
deposited=$(deposit garbage-sorting)
second=$(user second manager)
printf '%%PDF-1.4\n%%%%EOF\n' >"$work/scan.pdf"
approve() { yuelu --token "$second" approve "$(echo "$1" | pick '["packages"][0]["deposit"]')" --scan "$work/scan.pdf" --confirm --wait >"$work/approved"; }
approve "$deposited"
submission=$(yuelu --token "$reviewer" review claim | pick '["id"]')
yuelu --token "$reviewer" review opine "$submission" --verdict pass --opinion 同意 >"$work/opinion"
resource=$(yuelu --token "$approver" review decide "$submission" --verdict pass | pick '["resource"]')
waiting=$(deposit labour-law)
approve "$waiting"
waiting=$(echo "$waiting" | pick '["packages"][0]["rows"][0]["submission"]')
deposit=$(echo "$deposited" | pick '["packages"][0]["deposit"]')
hook='{"scope": "/hunan", "url": "https://college.example/hook"}'
webhook=$(curl -fsS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$hook" "$address/api/v1/webhooks" | pick '["id"]')
export YUELU_KNOWN="{\"/api/v1/resources/\": \"$resource\", \"/api/v1/submissions/\": \"$submission\",
  \"/api/v1/reviews/\": \"$waiting\", \"/api/v1/deposits/\": \"$deposit\", \"/api/v1/webhooks/\": \"$webhook\"}"

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
status=0
SCHEMATHESIS_HOOKS=tests.schemathesis_hooks timeout 300 "$schemathesis" run "$address/api/v1/openapi.json" \
  --checks "$checks" \
  --header "Authorization: Bearer $token" \
  --phases examples,coverage,fuzzing \
  --max-examples "${YUELU_EXAMPLES:-15}" \
  --workers 2 \
  --request-timeout 20 \
  --generation-database none \
  --seed "${YUELU_SEED:-20261122}" \
  --warnings off \
  --no-color >"$work/report" 2>&1 || status=$?

kill -0 "$server" 2>/dev/null || { echo "the server died" >&2; tail -50 "$work/log" >&2; exit 1; }
if [ "$status" != 0 ]; then
  cat "$work/report"
  echo "schemathesis found answers that the document does not describe (exit code $status)" >&2
  exit 1
fi
sed -n '/= SUMMARY =/,$p' "$work/report" | grep -E 'Selected|Tested|generated'
