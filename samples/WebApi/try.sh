#!/usr/bin/env bash
# Tries the running sample with curl: over HTTP/1.1, and over HTTP/2 without TLS. Says what it has seen, and stops at the first thing that is wrong.
#   samples/WebApi/try.sh [address of HTTP/1.1] [address of HTTP/2]
set -euo pipefail

http1="${1:-http://127.0.0.1:5080}"
http2="${2:-http://127.0.0.1:5081}"
work="$(mktemp -d)"
trap 'kill $(jobs -p) 2> "$work/gone" || true; rm -rf "$work"' EXIT

ok() { printf '%-7s ok  %s\n' "$name" "$1"; }

# Stops with what was expected, and what came instead under the names given.
wrong() {
  printf '%-7s WRONG: %s\n' "$name" "$1"
  for answer in "${@:2}"; do
    printf -- '--- %s\n' "$answer"
    cat "$work/$answer.headers" "$work/$answer.body" 2>&1 || true
    echo
  done
  exit 1
}

new_key() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Posts a charge and keeps the answer under a name: post NAME AMOUNT [KEY]
post() {
  local answer="$work/$1"
  rm -f "$answer".*
  ${run:-} curl -sS ${talk:-} "$version" --max-time 60 -D "$answer.headers" -o "$answer.body" -w '%{http_code} %{http_version}' "$address/charges" \
    -H "Authorization: Demo $caller" -H 'Content-Type: application/json' ${3:+-H "Idempotency-Key: \"$3\""} \
    -d "{\"userId\":7,\"amount\":$2}" > "$answer.code"
}

status() { cut -d ' ' -f 1 "$work/$1.code"; }
header() { tr -d '\r' < "$work/$1.headers" | awk -F ': *' -v name="$2" 'tolower($1) == name { print $2 }'; }
has_status() { [ "$(status "$1")" = "$2" ] || wrong "expected status $2, not $(status "$1")" "$1"; }
has_problem() {
  has_status "$1" "$2"
  grep -q "\"type\":\"[^\"]*#$3\"" "$work/$1.body" || wrong "expected the problem $3" "$1"
}
is_in_progress() { [ "$(status "$1")" = 409 ] && grep -q '#in-progress"' "$work/$1.body"; }

# Sends a charge again until it is answered, as often as its server says and no oftener: insist NAME AMOUNT KEY
insist() {
  post "$@"
  while is_in_progress "$1"; do
    sleep "$(header "$1" retry-after)"
    post "$@"
  done
}

is_replay_of() {
  has_status "$1" "$(status "$2")"
  [ "$(header "$1" idempotent-replayed)" = true ] || wrong "expected Idempotent-Replayed: true" "$1"
  cmp "$work/$1.body" "$work/$2.body" || wrong "the bodies differ" "$1" "$2"
  for answer in "$1" "$2"; do
    grep -iv '^\(date\|idempotent-replayed\):' "$work/$answer.headers" > "$work/$answer.kept"
  done
  cmp "$work/$1.kept" "$work/$2.kept" || wrong "the headers differ" "$1" "$2"
}

# Starts a charge and cuts its connection while its handler runs. Sets $key.
cut_off() {
  for _ in 1 2 3 4 5; do
    start "$1"
    kill $first 2> "$work/gone" || true
    wait $first 2> "$work/gone" || true
    if [ ! -s "$work/$1.body" ]; then return; fi
    others=$((others + 1))
  done
  wrong "the answer came before the connection could be cut: let charges take longer, with --takes" "$1"
}

# Starts a charge in the background whose handler surely runs: the same key, sent again, is told so. Sets $key and $first.
start() {
  for _ in 1 2 3 4 5; do
    key="$(new_key)"
    rm -f "$work/said"
    run=exec talk=-v post "$1" 25 "$key" 2> "$work/said" & # exec, so that it is curl itself that can be killed
    first=$!
    until grep -qs '^> POST' "$work/said"; do # it is on its way
      kill -0 $first 2> "$work/gone" || break
      sleep 0.01
    done
    post probe 25 "$key"
    if is_in_progress probe; then return; fi
    wait $first # the probe was there before it, or came when it was done; another key
    others=$((others + 1))
  done
  wrong "no charge was seen running: let charges take longer, with --takes" probe
}

try() {
  name="$1" version="$2" address="$3" expected="$4" others=0
  caller="curl-$(new_key | head -c 8)" # nobody before, so that all charges of this caller are those of this run

  post missing 25
  has_problem missing 400 key-missing
  [ "$(cut -d ' ' -f 2 "$work/missing.code")" = "$expected" ] || wrong "expected HTTP/$expected" missing
  ok "no key: 400"

  key="$(new_key)"
  post charged 25 "$key"
  has_status charged 201
  [ -z "$(header charged idempotent-replayed)" ] || wrong "the first answer says it is a replay" charged
  [ -n "$(header charged location)" ] || wrong "there is no Location" charged
  ok "a new key: 201, $(header charged location)"

  post replayed 25 "$key"
  is_replay_of replayed charged
  ok "the same again: the first answer, byte for byte"

  post other 26 "$key"
  has_problem other 422 key-reused
  ok "another amount under the same key: 422"

  start slow
  ok "the same while the first one runs: 409, Retry-After: $(header probe retry-after)"
  wait $first
  insist late 25 "$key"
  is_replay_of late slow
  ok "and afterwards: the first answer, byte for byte"

  cut_off cut
  insist found 25 "$key"
  has_status found 201
  [ "$(header found idempotent-replayed)" = true ] || wrong "the handler ran again after its client had hung up" found
  ok "a connection cut while the handler runs: the retry gets the answer that nobody heard"

  curl -sS "$version" "$address/charges" -H "Authorization: Demo $caller" > "$work/ledger.body"
  charges="$(grep -o '"id":' "$work/ledger.body" | wc -l)"
  for answer in charged slow found; do
    id="$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/$answer.body")"
    [ "$(grep -o "\"id\":\"$id\"" "$work/ledger.body" | wc -l)" -eq 1 ] || wrong "$id is not in the ledger once" ledger
  done
  [ "$charges" -eq "$((3 + others))" ] || wrong "expected $((3 + others)) charges in the ledger, not $charges" ledger
  ok "the ledger: one line for each key"
}

try HTTP/1.1 --http1.1 "$http1" 1.1
try HTTP/2 --http2-prior-knowledge "$http2" 2
