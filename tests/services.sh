#!/bin/sh
# Installs the Debian packages that tests use, where this is Debian and we may; elsewhere says which tests are left out.
set -eu
missing=""
[ -x "${GATEWAY_TEST_CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium fonts-liberation"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v javac >/dev/null 2>&1 || missing="$missing openjdk-17-jdk-headless"
command -v mvn >/dev/null 2>&1 || missing="$missing maven"
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing for the tests:$missing"
    log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log"
        echo "The packages could not be installed."
        [ -z "${CI:-}" ] || exit 1
    fi
    rm -f "$log"
else
    echo "Not installed:$missing. The tests that need them are left out (Chromium is for tests in a browser, PostgreSQL, Redis, Java and Maven for those of the production parts)."
fi
