#!/bin/sh
# Starts the store with its password from a file, so that it shows in no listing of containers.
set -eu
POSTGRES_PASSWORD=$(cat /secrets/store_password)
export POSTGRES_PASSWORD
exec docker-entrypoint.sh postgres
