#!/usr/bin/env bash
# The whole test command: installs what it needs (Debian packages, a Python environment), then checks and tests.
# Prints the seconds of each stage. Needs Rust, a C compiler and apt. Longer runs are in tests/long.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0

stage() {
  local name=$1 began=$SECONDS
  shift
  echo "== $name"
  "$@"
  echo "== $name: $((SECONDS - began)) s"
}

install_packages() {
  local missing=()
  command -v ffmpeg >/dev/null || missing+=(ffmpeg)
  command -v pdftotext >/dev/null || missing+=(poppler-utils)
  [ -d /usr/share/poppler/cMap ] || missing+=(poppler-data) # without it pdftotext leaves Chinese out of many PDFs
  command -v chromium >/dev/null || missing+=(chromium)
  command -v chromedriver >/dev/null || missing+=(chromium-driver)
  fc-list :lang=zh-cn 2>/dev/null | grep -q . || missing+=(fontconfig fonts-noto-cjk)
  command -v curl >/dev/null || missing+=(curl)
  command -v python3 >/dev/null || missing+=(python3)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  if [ ${#missing[@]} -gt 0 ]; then
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
  rustup component list --installed 2>/dev/null | grep -q clippy || rustup component add clippy rustfmt
}

# schemathesis asks the API; aiosmtpd is the mail server of the tests.
install_python() {
  [ -x target/python/bin/schemathesis ] && target/python/bin/python -c 'import aiosmtpd' 2>/dev/null && return
  python3 -m venv target/python
  target/python/bin/python -m pip install --quiet --disable-pip-version-check 'schemathesis==4.*' 'aiosmtpd==1.*'
}

stage packages install_packages
stage python install_python
stage format cargo fmt --check
stage lint cargo clippy --locked --quiet --all-targets -- -D warnings
stage build cargo test --locked --quiet --no-run
stage test cargo test --locked
stage schemathesis bash tests/schemathesis.sh
echo "== all: $SECONDS s"
