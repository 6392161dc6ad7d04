#!/usr/bin/env bash
# Builds what a release has into artifacts/release-<version>/: NuGet and npm packages, the image where Docker is there, and checksums.
# It pushes nothing. What comes before and after it: docs/upgrading.md.
#
#   infra/release.sh              on a clean tree whose commit has the tag v<version>
#   infra/release.sh --rehearse   on any tree
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(infra/version.sh)
readonly version folder=artifacts/release-$version

refuse() {
  printf 'No release: %s\n' "$*" >&2
  exit 1
}

if [ "${1:-}" != --rehearse ]; then
  [ -z "$(git status --porcelain)" ] || refuse 'the tree has changes.'
  [ "$(git tag --points-at HEAD --list "v$version")" = "v$version" ] || refuse "the commit does not have the tag v$version."
  grep -q "^## \[$version\]" CHANGELOG.md || refuse "CHANGELOG.md has no part for $version."
fi

rm -rf "$folder"
mkdir -p "$folder"
printf '== NuGet packages\n'
dotnet pack Collab.sln --configuration Release --output "$folder" -p:ContinuousIntegrationBuild=true
printf '== npm packages\n'
(cd src/web && npm ci --no-audit --no-fund --loglevel=error && npm run pack -- "$OLDPWD/$folder")
# The command alone builds nothing: it needs an engine that answers.
if docker version >/dev/null 2>&1; then
  printf '== The image\n'
  docker build -f infra/docker/Dockerfile -t "collab-server:$version" .
  docker save "collab-server:$version" | gzip -9 >"$folder/collab-server-$version.tar.gz"
else
  printf '== No image: there is no Docker here, or its engine does not answer (docker version).\n'
fi
(cd "$folder" && sha256sum -- * >SHA256SUMS)
printf '\n%s:\n' "$folder"
cat "$folder/SHA256SUMS"
