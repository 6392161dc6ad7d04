#!/usr/bin/env bash
# Attacks running servers, as an attacker would, and shows how each attempt is refused. It takes about two minutes, the build included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

exec dotnet test tests/Collab.IntegrationTests --configuration Release --nologo \
  --filter 'FullyQualifiedName~Security.AttackTests' --logger 'console;verbosity=detailed'
