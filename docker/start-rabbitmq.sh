#!/bin/sh
# Starts the broker with one virtual host whose queues are quorum queues unless they say otherwise, and one user whose password comes from a file.
set -eu
umask 077
mkdir -p /etc/rabbitmq/conf.d
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
chown -R rabbitmq /etc/rabbitmq
exec docker-entrypoint.sh rabbitmq-server
