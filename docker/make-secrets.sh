#!/bin/sh
# Makes the passwords of this installation once, in the volume /secrets. To use your own, put these files there before.
set -eu
umask 022
make() { [ -s "/secrets/$1" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"/secrets/$1"; }
make bus_password
make store_password
# The form that PostgreSQL's clients read: host:port:database:user:password.
printf '*:*:*:kum:%s\n' "$(cat /secrets/store_password)" >/secrets/store_pgpass
