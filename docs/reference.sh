#!/usr/bin/env bash
# Makes the API reference, as Markdown, in docs/reference/: of the .NET packages from their assemblies and XML documentation, of the npm packages by TypeDoc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly folder=docs/reference configuration=${CONFIGURATION:-Release}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

assemblies=() entries=()
for project in src/*/*.csproj; do
  name=$(basename "$project" .csproj)
  if ! grep -q '<IsPackable>true' "$project" || grep -q '<PackAsTool>true' "$project"; then continue; fi
  [ "${1:-}" = --no-build ] || dotnet build "$project" --configuration "$configuration" --verbosity quiet -clp:NoSummary -p:BuildDemoPage=false
  assemblies+=("\"src/$name/bin/$configuration/net10.0/$name.dll\"")
  entries+=("$name")
done

rm -rf "$folder"
mkdir -p "$folder"
settings=$(mktemp "docs/reference.XXXXXX.json")
trap 'rm -f "$settings"' EXIT
cat >"$settings" <<JSON
{ "metadata": [ { "src": [ { "src": "..", "files": [ $(
  IFS=,
  printf '%s' "${assemblies[*]}"
) ] } ], "output": "reference/dotnet", "outputFormat": "markdown", "namespaceLayout": "flattened" } ] }
JSON
dotnet tool restore
dotnet docfx metadata "$settings" --logLevel warning
[ -d src/web/node_modules ] || (cd src/web && npm ci --no-audit --no-fund --loglevel=error)
(cd src/web && npm run --silent reference)
printf '# API reference\n\n- [.NET](dotnet): %s\n- [TypeScript](typescript/README.md): @collab/client, @collab/angular\n' "${entries[*]}" >"$folder/README.md"
printf '%s: %d pages\n' "$folder" "$(find "$folder" -name '*.md' | wc -l)"
