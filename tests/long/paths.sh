#!/usr/bin/env bash
# Walks every path of a submission there is, for every plan, until nothing new is found; prints how many states each took. Its own
# code is optimised for it: about a million states take minutes instead of hours, the build a few minutes more.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_PROFILE_DEV_OPT_LEVEL=2
exec cargo test --locked --lib -- --ignored --exact --nocapture \
    domain::submission::tests::paths::every_path_there_is_was_walked_to_its_end
