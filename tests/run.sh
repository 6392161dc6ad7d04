#!/usr/bin/env bash
# Runs every test of the repository, from a clean clone, as root or not:
#
#   tests/run.sh                  everything
#   tests/run.sh unit signalr-js  only the suites whose folder names contain one of these words
#
# It needs the .NET SDK and Node; what else the suites need it installs where it may (as root on Debian), else it names it.
# The last line is "N passed, N failed". A skipped test counts as failed, and so does each thing that kept tests from running:
# a broken build, a suite that crashed or ran nothing. The exit code is 0 if nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly words=("$@")

# What the suites need beyond .NET and Node: a command that proves it is there, and the Debian package that brings it.
readonly needed=(
  initdb=postgresql
  psql=postgresql
  pgbouncer=pgbouncer
  prometheus=prometheus
  promtool=prometheus
  chromium=chromium
  nginx=nginx-light
  redis-server=redis-server
  cc=build-essential
  curl=curl
  python3=python3
)

passed=0
failed=0
trouble=()
no_start=''

say() { printf '\n== %s\n' "$*"; }

# Something other than a test failed.
broke() {
  report "FAILED: $*"
  failed=$((failed + 1))
}

# Says it now, and once more at the end, where it is found.
report() {
  [ -n "$*" ] || return 0
  printf '%s\n' "$*"
  trouble+=("$*")
}

finish() {
  [ $((passed + failed)) -gt 0 ] || broke 'no test ran'
  clean_up
  if [ "${#trouble[@]}" -gt 0 ]; then
    say 'What failed or was skipped'
    printf '%s\n' "${trouble[@]}"
  fi
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  exit $((failed > 0))
}

# --- A place for what the tests leave, and a mark by which to find the processes that they leave ---

scratch=$(mktemp -d "${TMPDIR:-/tmp}/collab-tests.XXXXXX")
readonly scratch
chmod 755 "$scratch" # as root, PostgreSQL runs as another user
export TMPDIR=$scratch COLLAB_TEST_RUN=$scratch

# Whatever became of its parents, each process started from here has the mark in its environment.
clean_up() {
  local environment id
  for environment in /proc/[0-9]*/environ; do
    grep -qszxF "COLLAB_TEST_RUN=$scratch" "$environment" || continue
    id=${environment//[!0-9]/}
    printf 'Left behind, ended now: %s %s\n' "$id" "$( (tr '\0' ' ' <"/proc/$id/cmdline") 2>/dev/null || true)"
    kill -KILL "$id" 2>/dev/null || true
  done
  rm -rf "$scratch"
  [ -z "$no_start" ] || rm -f "$no_start"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# The build's own servers would outlive it.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
# Hundreds of servers live for seconds: counting for the optimiser costs them more than it gives.
export DOTNET_TieredPGO=0
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NG_CLI_ANALYTICS=false NO_COLOR=1

# --- What must be there ---

find_tools() {
  local tool missing=() packages=()
  for tool in dotnet node npm; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    broke "missing: ${missing[*]} (the .NET 10 SDK and Node 20 are needed)"
    finish
  fi

  # Debian keeps some programs out of an ordinary PATH.
  PATH=$PATH:/usr/sbin:/sbin$(printf ':%s' /usr/lib/postgresql/*/bin)
  for tool in "${needed[@]}"; do
    command -v "${tool%%=*}" >/dev/null || packages+=("${tool#*=}")
  done
  [ "${#packages[@]}" -eq 0 ] || install "${packages[@]}"
}

install() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    broke "missing: $* (as root on Debian: apt-get install $*)"
    finish
  fi
  say "Installing $*"
  # Debian starts a server when its package is installed, unless this file says no. The tests start their own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    no_start=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$no_start"
    chmod 755 "$no_start"
  fi
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get update -qq || ! apt-get install -qq --yes --no-install-recommends "$@"; then
    broke "could not install: $*"
    finish
  fi
}

build() {
  say 'Restoring and building'
  local locked=()
  ! compgen -G 'src/*/packages.lock.json' >/dev/null || locked=(--locked-mode)
  # One compiler for all projects, else each would load the analyzers anew. It has a name of its own, and ends with the build.
  local compiler=collab-${scratch##*.} code=0
  dotnet restore Collab.sln "${locked[@]}" &&
    UseSharedCompilation=true SharedCompilationId=$compiler dotnet build Collab.sln --configuration Release --no-restore || code=$?
  end_compiler "$compiler"
  if [ "$code" -ne 0 ]; then
    broke 'the build'
    finish
  fi
  [ "${#words[@]}" -eq 0 ] || return 0
  printf 'Built in %d s\n' "$SECONDS"
  say 'Checking the format'
  # Of style and analyzers the build has complained by now: there they are errors.
  dotnet format whitespace Collab.sln --verify-no-changes --no-restore || broke 'dotnet format whitespace --verify-no-changes'
}

end_compiler() {
  local process
  for process in /proc/[0-9]*; do
    { tr '\0' ' ' <"$process/cmdline" | grep -q "VBCSCompiler.*-pipename:$1 "; } 2>/dev/null || continue
    kill "${process##*/}" 2>/dev/null || true
  done
}

# --- Suites ---

# Whether the words on the command line choose a suite; no words choose all.
chosen() {
  local word
  [ "${#words[@]}" -gt 0 ] || return 0
  for word in "${words[@]}"; do
    [[ ${1,,} != *"${word,,}"* ]] || return 0
  done
  return 1
}

# count SUITE EXIT-CODE PASSED FAILED SKIPPED: of the suite that began at second $began.
count() {
  printf '%s: %d ok, %d failed, %d skipped, in %d s\n' "$1" "$3" "$4" "$5" $((SECONDS - began))
  passed=$((passed + $3))
  failed=$((failed + $4 + $5))
  if [ $(($3 + $4 + $5)) -eq 0 ]; then
    broke "$1 ran no test"
  elif [ "$2" -ne 0 ] && [ "$4" -eq 0 ]; then
    broke "$1 ended with exit code $2 though no test failed"
  fi
}

dotnet_suite() {
  local name=$1 results=$scratch/$1 code=0 total=0 ok=0 bad=0 began=$SECONDS
  say "$name"
  dotnet test "tests/$name" --configuration Release --no-build --nologo --results-directory "$results" \
    --logger 'trx;LogFileName=results.trx' --logger 'console;verbosity=minimal' \
    --blame-hang --blame-hang-timeout 5min --blame-hang-dump-type none || code=$?
  if [ -s "$results/results.trx" ]; then
    local counters='s/.*<Counters total="([0-9]+)" executed="[0-9]+" passed="([0-9]+)" failed="([0-9]+)".*/\1 \2 \3/p'
    read -r total ok bad < <(sed -nE "$counters" "$results/results.trx") || true
    report "$(name_troubled "$results/results.trx")"
  fi
  count "$name" "$code" "$ok" "$bad" $((total - ok - bad))
}

# Names the failed tests of a trx file, and the skipped ones, each with its reason.
name_troubled() {
  awk '
    /<UnitTestResult / {
      skipped = /outcome="NotExecuted"/
      match($0, /testName="[^"]*"/)
      name = substr($0, RSTART + 10, RLENGTH - 11)
      if (/outcome="Failed"/) print "FAILED: " name
    }
    skipped && /<(Message|StdOut)>/ { gsub(/.*<(Message|StdOut)>|<\/.*/, ""); print "SKIPPED: " name ": " $0; skipped = 0 }
    skipped && /(<\/UnitTestResult|\/)>/ { print "SKIPPED: " name; skipped = 0 }
  ' "$1"
}

npm_suite() {
  local folder=$1 log=$scratch/npm-${1//\//-}.log code=0 began=$SECONDS
  say "$folder"
  # The server's build installs src/web already.
  if [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] &&
    ! (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error); then
    broke "npm ci in $folder"
    return
  fi
  if grep -q '"lint"' "$folder/package.json"; then (cd "$folder" && npm run --silent lint) || broke "the linter in $folder"; fi
  (cd "$folder" && timeout --foreground 15m npm test) 2>&1 | sed 's/\x1b\[[0-9;]*m//g' | tee "$log" || code=$?
  report "$(sed -nE -e 's/^ *((not )?ok .*# (SKIP|TODO).*|↓ .*)/SKIPPED: \1/p;t' -e 's/^ *(not ok .*|FAIL  .*)/FAILED: \1/p' "$log")"
  count "$folder" "$code" "$(sum 'pass' 'passed' "$log")" "$(sum 'fail|cancelled' 'failed' "$log")" "$(sum 'skipped|todo' 'skipped|todo' "$log")"
}

# sum NODE-WORDS VITEST-WORDS LOG: adds up the summaries of node's runner ("# pass 3") and of vitest ("Tests  1 failed | 3 passed (4)").
sum() {
  {
    sed -nE "s/^(#|ℹ) ($1) ([0-9]+)$/\3/p" "$3"
    sed -nE 's/^ +Tests  (.*)/\1/p' "$3" | tr '|' '\n' | sed -nE "s/^ *([0-9]+) ($2).*/\1/p"
  } | awk '{ total += $1 } END { print total + 0 }'
}

# side_by_side LANE...: each lane is the name of an array of suites, which run one after the other. What a lane says comes in one piece.
side_by_side() {
  local lane ids=() id ok bad
  for lane in "$@"; do
    in_lane "$lane" >"$scratch/$lane.log" 2>&1 &
    ids+=($!)
  done
  for lane in "$@"; do
    id=${ids[0]}
    ids=("${ids[@]:1}")
    wait "$id" || true
    cat "$scratch/$lane.log"
    if ! read -r ok bad <"$scratch/$lane.counts"; then
      broke "a lane of suites ended before its time: $lane"
      continue
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    [ ! -s "$scratch/$lane.trouble" ] || trouble+=("$(cat "$scratch/$lane.trouble")")
  done
}

in_lane() {
  local -n suites=$1
  local suite
  passed=0 failed=0 trouble=()
  for suite in "${suites[@]}"; do "${suite%%:*}_suite" "${suite#*:}"; done
  [ "${#trouble[@]}" -eq 0 ] || printf '%s\n' "${trouble[@]}" >"$scratch/$1.trouble"
  printf '%d %d\n' "$passed" "$failed" >"$scratch/$1.counts"
}

find_tools
build
# Two suites run tests side by side by themselves, and take all there is. The others mostly wait, or do one thing after the other.
alone=() first=() second=()
for project in tests/*/*.csproj; do
  name=$(basename "$(dirname "$project")")
  if ! grep -q 'Microsoft.NET.Test.Sdk' "$project" || ! chosen "$name"; then continue; fi
  case $name in
    Collab.EndToEndTests | Collab.IntegrationTests) alone+=("dotnet:$name") ;;
    Collab.ClientTests | Collab.PackageTests) first+=("dotnet:$name") ;;
    *) second+=("dotnet:$name") ;;
  esac
done
for package in tests/*/package.json src/web/package.json; do
  folder=$(dirname "$package")
  if [ ! -e "$package" ] || ! chosen "$folder"; then continue; fi
  if [ "$folder" = src/web ]; then first+=("npm:$folder"); else second+=("npm:$folder"); fi
done
side_by_side first second
for suite in "${alone[@]}"; do "${suite%%:*}_suite" "${suite#*:}"; done
if [ "${#words[@]}" -eq 0 ]; then
  say 'What is outdated (a warning)'
  tests/outdated.sh || true
fi
finish
