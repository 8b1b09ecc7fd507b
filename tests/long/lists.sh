#!/usr/bin/env bash
# Ten thousand made-up learners on several devices: whether 继续学习 and the next lesson are right, reasons true, caps and shares held.
# Prints the parts. Its own code is optimised for it: the build takes a few minutes more, the run some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_PROFILE_DEV_OPT_LEVEL=2
exec cargo test --locked --test it -- --ignored --exact --nocapture \
    learner::simulation::lists_are_right_true_and_fair_for_ten_thousand_learners
