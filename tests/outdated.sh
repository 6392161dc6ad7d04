#!/usr/bin/env bash
# Names the packages that are behind their newest version of the same major, and prints what it cannot look up. A warning, never a failure: where a registry does not
# answer within two minutes it says so and goes on. Container images are not looked up; their tags are listed, to be compared by hand.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if report=$(timeout 120 dotnet list Collab.sln package --outdated --highest-minor 2>/dev/null); then
  # > Package   Requested   Resolved   Latest
  awk '$1 == ">" && $NF ~ /^[0-9]/ && $(NF - 1) != $NF { print "outdated: " $2 " " $(NF - 1) ", there is " $NF }' <<<"$report" | sort -u
else
  echo 'not looked up: NuGet packages (the registry did not answer)'
fi

# npm ends with 1 when something is outdated.
report=$(cd src/web && timeout 120 npm outdated --json 2>/dev/null) || true
if [ -n "$report" ]; then
  node -e '
    const behind = Object.entries(JSON.parse(require("fs").readFileSync(0, "utf8")));
    for (const [name, found] of behind.flatMap(([n, f]) => [f].flat().map((one) => [n, one])))
      if (found.current && found.wanted && found.current !== found.wanted) console.log(`outdated: ${name} ${found.current}, there is ${found.wanted}`);
  ' <<<"$report" 2>/dev/null | sort -u || echo 'not looked up: npm packages'
fi

grep -hoE '(image: |^FROM )[^ $]+:[^ ]+' docker-compose.yml infra/docker/Dockerfile | sed -E 's/^(image: |FROM )/not looked up: image /' | sort -u
