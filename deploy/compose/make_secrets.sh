#!/bin/sh
# The files that deploy/compose/security.yml reads: passwords nobody has to think of. What is there stays.
set -eu
[ $# -eq 1 ] || { echo "usage: sh make_secrets.sh FOLDER" >&2; exit 2; }
umask 077
mkdir -p "$1"
cd "$1"
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in elastic_password kibana_password tocsin_password; do
  [ -s "$name" ] || word > "$name"
done
[ -s kibana.yml ] || cat > kibana.yml <<END
server.host: "0.0.0.0"
elasticsearch.username: "kibana_system"
elasticsearch.password: "$(cat kibana_password)"
xpack.encryptedSavedObjects.encryptionKey: "$(word)"
xpack.security.encryptionKey: "$(word)"
xpack.reporting.encryptionKey: "$(word)"
END
chmod 600 elastic_password kibana_password tocsin_password kibana.yml
# The containers that read them run as user 1000; Elasticsearch takes no file that others may read.
[ "$(id -u)" -ne 0 ] || chown 1000:1000 elastic_password kibana_password tocsin_password kibana.yml
[ "$(id -u)" -eq 0 ] || [ "$(id -u)" -eq 1000 ] || echo "give these files to user 1000: sudo chown 1000 $PWD/*" >&2
