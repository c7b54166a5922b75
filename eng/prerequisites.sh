# What test.sh and bench.sh need beside the .NET SDK, to be sourced by them in the repository's folder: it is installed as root on Debian, and named elsewhere.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1 # leave no build process behind

packages=()

# need PROGRAM PACKAGE…: the Debian packages that have a program, if it is not there.
need() { command -v "$1" > /dev/null || packages+=("${@:2}"); }

need_sdk() {
  if ! command -v dotnet > /dev/null; then
    echo "The .NET SDK 10 is missing: get it from https://dotnet.microsoft.com/download/dotnet/10.0 or your package manager (dotnet-sdk-10.0)." >&2
    exit 1
  fi
  if ! dotnet --version > /dev/null; then
    echo "This needs the .NET SDK 10, which is not among those installed (see above): get it from https://dotnet.microsoft.com/download/dotnet/10.0." >&2
    exit 1
  fi
}

# The servers that stores are tested and measured on.
need_servers() {
  need redis-server redis-server
  need node nodejs
  need npm npm
  compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || packages+=(postgresql)
}

# Installs what was found missing, and dynalite, which npm has.
install_missing() {
  if [ ${#packages[@]} -gt 0 ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
      echo "== Install ${packages[*]}"
      apt-get -qq update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends "${packages[@]}" > /dev/null \
        || echo "Not all of them could be installed; what needs those that are missing will say so." >&2
    else
      echo "Install these packages, or run this as root on Debian: ${packages[*]}" >&2
    fi
  fi

  if command -v npm > /dev/null && [ ! -e tests/TestServers/dynalite/node_modules/dynalite/cli.js ]; then
    echo "== Install dynalite, for the DynamoDB store"
    npm ci --prefix tests/TestServers/dynalite --ignore-scripts --no-audit --no-fund --loglevel error \
      || echo "It could not be installed; what needs it will say so." >&2
  fi
}
