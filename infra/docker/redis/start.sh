#!/bin/sh
# Redis as a bus: it keeps nothing, and it has a password, which comes by standard input, so that no list of processes shows it.
# What follows the script's name is handed on.
set -eu
: "${REDIS_PASSWORD:?is missing, see infra/docker/.env.example}"
exec redis-server - "$@" <<END
requirepass $REDIS_PASSWORD
save ""
appendonly no
# A server that does not read for long is cut off, connects again, and reads what it missed from PostgreSQL.
client-output-buffer-limit pubsub 32mb 8mb 60
END
