#!/usr/bin/env bash
# Measures what guarded calls cost and writes docs/benchmarks.md with its plots: ./bench.sh [parts of sections' names] [--full]
# Without a name it measures every section, in ten minutes; --full takes more callers, turns and keys, and most of an hour. Runs from any directory and
# needs nothing but the .NET SDK: the servers it starts it installs, as root on Debian. Let nothing else run beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

source eng/prerequisites.sh

need_sdk
if [ "$(uname)" = Linux ]; then
  need_servers
  need redis-benchmark redis-tools
  need git git
  install_missing
fi

echo "== Build"
for project in benchmarks/Idempotency.Benchmarks benchmarks/Idempotency.Generator.Benchmarks; do
  dotnet build "$project" -c Release -warnaserror --nologo --verbosity quiet
done

exec dotnet run --project benchmarks/Idempotency.Benchmarks -c Release --no-build -- report "$@"
