#!/bin/sh
# Run by the PostgreSQL image once, when the database is made. psql takes the passwords from variables, so that they may hold any character.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname="$POSTGRES_DB" \
  --set=owner_password="$COLLAB_OWNER_PASSWORD" --set=server_password="$COLLAB_DB_PASSWORD" --file=/etc/collab/roles.sql
