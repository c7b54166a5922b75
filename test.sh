#!/usr/bin/env bash
# Builds everything, runs every test, the Payments sample and a check of speed, and ends with one line: "N passed, N failed".
# Runs from any directory and needs nothing but the .NET SDK. What else the tests start it installs, as root on Debian; the network it uses is
# that of NuGet, Debian's packages and npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

source eng/prerequisites.sh

passed=0
failed=1 # until proved otherwise: whatever ends this script early is a failure
work="$(mktemp -d)"
mkdir "$work/results" "$work/tmp"
chmod 711 "$work" && chmod 1777 "$work/tmp" # servers that refuse to run as root run as somebody else, and keep their files here

finish() {
  rm -rf "$work"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] || exit 1
}
trap finish EXIT

# The sum of one counter over all result files.
count() {
  find "$work/results" -name '*.trx' -exec grep -oh '<Counters [^>]*' {} + \
    | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" \
    | awk '{ sum += $1 } END { print sum + 0 }'
}

need_sdk

# Programs that tests start. The fault tests trace system calls, mount file systems and drop packets; where that cannot be, they are skipped and say so,
# but not in CI. The tests of the stores that machines share and of the web sample start real servers, a browser and curl, and fail without.
if [ "$(uname)" = Linux ]; then
  PATH="$PATH:/usr/sbin"
  need strace strace
  need mount mount
  need nft nftables
  need mkfs.ext4 e2fsprogs
  need setpriv util-linux
  need gcc gcc libc6-dev
  need pgbouncer pgbouncer
  need curl curl
  need chromium chromium
  need_servers
  install_missing
fi

echo "== Build"
dotnet build Idempotency.sln -c Release -warnaserror

export TMPDIR="$work/tmp" # what tests and the sample leave behind goes with it

# One assembly after the other: several at once disturb each other's timing on small machines.
echo "== Test"
tests_ended=0
dotnet test Idempotency.sln -c Release --no-build -m:1 --logger trx --results-directory "$work/results" || tests_ended=$?
passed=$(count passed)
failed=$(($(count executed) - passed))
skipped=$(($(count total) - $(count executed)))

if [ "$tests_ended" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "dotnet test ended with code $tests_ended although no test failed: a test process crashed or could not start." >&2
  failed=1
fi
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  echo "No test ran." >&2
  failed=1
fi

echo "== Sample (counts as one test)"
if dotnet run --project samples/Payments -c Release --no-build; then
  passed=$((passed + 1))
else
  echo "samples/Payments ended with code $?." >&2
  failed=$((failed + 1))
fi

echo "== Speed (counts as one test)"
# Up to five times: what else runs on the machine may spoil a measurement, and the compiler does not do as well each time; a guard that became
# slow spoils them all.
check_speed() {
  for _ in 1 2 3 4 5; do
    if dotnet run --project benchmarks/Idempotency.Benchmarks -c Release --no-build -- check; then return 0; fi
  done
  return 1
}
if check_speed; then
  passed=$((passed + 1))
else
  echo "A guarded call takes more than twice what it should, beside its baselines." >&2
  failed=$((failed + 1))
fi

[ "$skipped" -eq 0 ] || echo "$skipped skipped"
