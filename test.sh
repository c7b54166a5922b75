#!/usr/bin/env bash
# Builds everything, runs every test, the Payments sample and a check of speed, and ends with one line: "N passed, N failed".
# Runs from any directory and needs nothing but the .NET SDK. What else the tests start it installs, as root on Debian; the network it uses is
# that of NuGet, Debian's packages and npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1 # leave no build process behind

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

if ! command -v dotnet > /dev/null; then
  echo "The .NET SDK 10 is missing: get it from https://dotnet.microsoft.com/download/dotnet/10.0 or your package manager (dotnet-sdk-10.0)." >&2
  exit 1
fi
if ! dotnet --version > /dev/null; then
  echo "This needs the .NET SDK 10, which is not among those installed (see above): get it from https://dotnet.microsoft.com/download/dotnet/10.0." >&2
  exit 1
fi

# Programs that tests start, and the Debian packages that have them. The fault tests trace system calls, mount file systems and drop packets; where that
# cannot be, they are skipped and say so, but not in CI. The tests of the stores that machines share and of the web sample
# start real servers, a browser and curl, and fail without.
if [ "$(uname)" = Linux ]; then
  PATH="$PATH:/usr/sbin"
  packages=()
  need() { command -v "$1" > /dev/null || packages+=("${@:2}"); }
  need strace strace
  need mount mount
  need nft nftables
  need mkfs.ext4 e2fsprogs
  need setpriv util-linux
  need gcc gcc libc6-dev
  need redis-server redis-server
  need pgbouncer pgbouncer
  need node nodejs
  need npm npm
  need curl curl
  need chromium chromium
  compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || packages+=(postgresql)
  if [ ${#packages[@]} -gt 0 ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
      echo "== Install ${packages[*]}"
      apt-get -qq update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends "${packages[@]}" > /dev/null \
        || echo "Not all of them could be installed; the tests that need what is missing will say so." >&2
    else
      echo "Install these packages for all tests to run, or run this as root on Debian: ${packages[*]}" >&2
    fi
  fi

  if command -v npm > /dev/null && [ ! -e tests/TestServers/dynalite/node_modules/dynalite/cli.js ]; then
    echo "== Install dynalite, for the tests of the DynamoDB store"
    npm ci --prefix tests/TestServers/dynalite --ignore-scripts --no-audit --no-fund --loglevel error \
      || echo "It could not be installed; the tests that need it will say so." >&2
  fi
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
