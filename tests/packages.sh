#!/usr/bin/env bash
# Prints how large each package is, and what a fresh application with Collab.AspNetCore brings along. No test: figures for a release.
#
#   tests/packages.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp -d "${TMPDIR:-/tmp}/collab-packages.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

dotnet pack Collab.sln --configuration Release --output "$folder/feed" --verbosity quiet
(cd "$folder/feed" && du --apparent-size --block-size=1K -- *.nupkg | awk '{ printf "%6d KB  %s\n", $1, $2 }')

# Where packages were installed before they are found; these are not, for other builds had their names too.
home=${NUGET_PACKAGES:-$HOME/.nuget/packages}
export NUGET_PACKAGES=$folder/packages
[ ! -d "$home" ] || export RestoreFallbackFolders=$home
version=$(basename "$folder"/feed/Collab.Protocol.*.nupkg .nupkg)
mkdir "$folder/app"
cd "$folder/app"
cat >nuget.config <<XML
<configuration><packageSources><add key="collab" value="$folder/feed" /></packageSources></configuration>
XML
cat >app.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="Collab.AspNetCore" Version="${version#Collab.Protocol.}" /></ItemGroup>
</Project>
XML
dotnet restore --verbosity quiet
dotnet list package --include-transitive --format json | sed -nE 's/^ *"(id|resolvedVersion)": "([^"]+)".*/\2/p' | paste - - | sort
