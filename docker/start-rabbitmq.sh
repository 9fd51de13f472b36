#!/bin/sh
# Starts the broker with one virtual host whose queues are quorum queues unless they say otherwise, and one user whose password comes from a file.
set -eu
mkdir -p /etc/rabbitmq/conf.d
cookie=/var/lib/rabbitmq/.erlang.cookie
if [ ! -s "$cookie" ]; then
  # Otherwise the first health probe, which runs as root, may make one that the broker cannot read.
  head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$cookie"
fi
chown rabbitmq "$cookie"
chmod 400 "$cookie"
install -o rabbitmq -m 600 /dev/null /etc/rabbitmq/kum-definitions.json
cat >/etc/rabbitmq/kum-definitions.json <<JSON
{
  "users": [{ "name": "kum", "password": "$(cat /secrets/bus_password)", "tags": "administrator" }],
  "vhosts": [{ "name": "kum", "metadata": { "description": "Kong Upgrade Mesh", "tags": [], "default_queue_type": "quorum" } }],
  "permissions": [{ "user": "kum", "vhost": "kum", "configure": ".*", "write": ".*", "read": ".*" }]
}
JSON
cat >/etc/rabbitmq/conf.d/20-kum.conf <<CONF
load_definitions = /etc/rabbitmq/kum-definitions.json
raft.wal_max_size_bytes = 67108864
CONF
exec docker-entrypoint.sh rabbitmq-server
