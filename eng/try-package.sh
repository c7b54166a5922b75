#!/usr/bin/env bash
# Uses the package as a stranger would: makes new projects outside the repository, adds the package from a folder, builds them with
# warnings as errors and runs them; and publishes the Payments sample trimmed and as native code.
#
#   eng/try-package.sh [console|web|http|library|stores|tests|baseline|mistake|trimmed|aot]...    (all of them by default)
#
# PACKAGE_FEED names a folder that holds the packages already; without it, they are packed first.
set -euo pipefail
repo="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
steps=("$@")
[ $# -gt 0 ] || steps=(console web http library stores tests baseline mistake trimmed aot)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
log="$work/log"

# Runs a command, and shows what it said only when it fails.
quietly() {
  "$@" > "$log" 2>&1 || { cat "$log" >&2; echo "Failed: $*" >&2; exit 1; }
}

# Runs a command that must fail and say this.
refused() {
  local expected="$1"
  shift
  if "$@" > "$log" 2>&1; then
    echo "Should have been refused with '$expected': $*" >&2
    exit 1
  fi
  grep -q -- "$expected" "$log" || { cat "$log" >&2; echo "Does not say '$expected': $*" >&2; exit 1; }
}

# Compares what a program printed.
prints() {
  local expected="$1" actual
  shift
  actual="$("$@")" || { echo "$actual" >&2; echo "Failed: $*" >&2; exit 1; }
  [ "$actual" = "$expected" ] || { printf 'Expected:\n%s\nGot:\n%s\n' "$expected" "$actual" >&2; exit 1; }
}

feed="${PACKAGE_FEED:-}"
if [ -z "$feed" ]; then
  feed="$work/feed"
  quietly dotnet pack "$repo/src/Idempotency.Runtime" -c Release -o "$feed"
  for package in AspNetCore DynamoDb EntityFrameworkCore HealthChecks Http PostgreSql Redis Testing; do
    quietly dotnet pack "$repo/src/Idempotency.$package" -c Release -o "$feed"
  done
fi

# The package comes from the folder and from nowhere else. It has the same number after every change, so that a copy kept from the
# last time must not be found: what is unpacked goes to a folder of its own. All other packages may be taken from the user's.
cache="$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //')"
sources="$(dotnet nuget list source --format short | sed -n 's/^E \(.*\)$/\1/p')"
{
  echo '<configuration>'
  echo "  <config><add key=\"globalPackagesFolder\" value=\"$work/packages\" /></config>"
  echo "  <fallbackPackageFolders><clear /><add key=\"cache\" value=\"$cache\" /></fallbackPackageFolders>"
  echo '  <packageSources>'
  echo '    <clear />'
  echo "    <add key=\"feed\" value=\"$feed\" />"
  number=0
  while read -r source; do
    number=$((number + 1))
    echo "    <add key=\"user$number\" value=\"$source\" />"
  done <<< "$sources"
  echo '  </packageSources>'
  echo '  <packageSourceMapping>'
  echo '    <clear />'
  echo '    <packageSource key="feed"><package pattern="Idempotency" /><package pattern="Idempotency.*" /></packageSource>'
  for i in $(seq 1 "$number"); do
    echo "    <packageSource key=\"user$i\"><package pattern=\"*\" /></packageSource>"
  done
  echo '  </packageSourceMapping>'
  echo '</configuration>'
} > "$work/nuget.config"
mkdir -p "$cache"

# A copy of one of the projects beside this script, with warnings as errors and nothing of this repository around it.
project() {
  cp -r "$repo/eng/package/$1" "$work/$1"
  echo '<Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup></Project>' > "$work/$1/Directory.Build.props"
  cd "$work/$1"
}

build() { dotnet build -nodeReuse:false "$@"; }

for step in "${steps[@]}"; do
  case "$step" in
    console)
      project Console
      quietly build
      prints $'charged once: 1\nsame receipt: True' dotnet run --no-build
      ;;
    web)
      project Web
      quietly build
      prints $'200 {"id":1,"cents":500}\n200 {"id":1,"cents":500}\ncharged once: 1' dotnet run --no-build
      ;;
    http)
      project Http
      quietly dotnet publish -nodeReuse:false -r linux-x64 --self-contained -o published
      prints $'201 application/json /charges/1 False\n201 application/json /charges/1 True\n422 application/problem+json  False\nthe bank got a key of 66 characters\ncharged: 1\nrefused to start' published/Http
      ;;
    library)
      project Library
      quietly build Application
      prints 'charged once: 1' dotnet run --no-build --project Application
      ;;
    stores)
      project Stores
      quietly build
      prints $'CREATE SCHEMA IF NOT EXISTS "idempotency";\norders.place: StoreUnavailableException\norders.ship: StoreUnavailableException' dotnet run --no-build
      ;;
    tests)
      project Tests
      quietly dotnet test
      ;;
    baseline)
      project Console
      echo 'charges.create v1: orderId:i64' > keys.txt
      refused 'error IDEM038' build -p:IdempotencyKeyBaseline=keys.txt
      echo 'charges.create v1: orderId:i32' > keys.txt
      quietly build -p:IdempotencyKeyBaseline=keys.txt
      refused 'error IDEM041' build -p:IdempotencyKeyBaseline=lost.txt
      ;;
    mistake)
      project Console
      sed -i 's/(IdempotencyGuard guard)//' Charges.cs
      refused 'error IDEM003' build
      ;;
    trimmed)
      cd "$repo"
      quietly dotnet publish samples/Payments -c Release -r linux-x64 --self-contained -p:PublishProof=Trimmed -warnaserror --artifacts-path "$work/artifacts" -o "$work/trimmed"
      quietly "$work/trimmed/Payments"
      ;;
    aot)
      cd "$repo"
      quietly dotnet publish samples/Payments -c Release -r linux-x64 -p:PublishProof=Aot -warnaserror --artifacts-path "$work/native-artifacts" -o "$work/native"
      quietly "$work/native/Payments"
      ;;
    *)
      echo "There is no step '$step'." >&2
      exit 1
      ;;
  esac
  echo "$step: passed"
  cd "$repo"
  rm -rf "$work/Console"
done
