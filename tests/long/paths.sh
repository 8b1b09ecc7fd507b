#!/usr/bin/env bash
# Walks every path of a submission there is, for every plan, until nothing new is found; prints how many states each took.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo test --locked --lib -- --ignored --exact --nocapture \
    domain::submission::tests::paths::every_path_there_is_was_walked_to_its_end
