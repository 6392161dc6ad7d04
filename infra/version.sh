#!/usr/bin/env bash
# The version of everything that is released. It stands in Directory.Build.props; what cannot read it there has a copy, which this keeps the same.
#
#   infra/version.sh           prints it
#   infra/version.sh 0.2.0     sets it everywhere
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

old=$(sed -nE 's|.*<Version>([^<]+)</Version>.*|\1|p' Directory.Build.props)
if [ $# -eq 0 ]; then
  printf '%s\n' "$old"
  exit 0
fi
if ! [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; then
  printf 'Not a version: %s (such as 0.2.0 or 0.2.0-rc.1)\n' "$1" >&2
  exit 2
fi
readonly new=$1 dots=${old//./\\.}
sed -i -E "s|<Version>$dots</Version>|<Version>$new</Version>|" Directory.Build.props
sed -i -E "s|(image: collab-server:)$dots$|\1$new|" docker-compose.yml infra/kubernetes/migrate.yaml
sed -i -E "s|(newTag: )\"?$dots\"?$|\1$new|" infra/kubernetes/kustomization.yaml
sed -i -E "s|^(  \"version\": )\"$dots\"|\1\"$new\"|" src/web/{client,angular,demo}/package.json
(cd src/web && npm install --package-lock-only --no-audit --no-fund --loglevel=error)
printf '%s, in place of %s\n' "$new" "$old"
