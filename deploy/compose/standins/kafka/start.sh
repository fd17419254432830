#!/bin/sh
# Configure from the environment and format, then serve: what the official image's scripts do.
set -eu
configured=$(/opt/jre/bin/java -XX:+UseSerialGC -Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.yaml \
  -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) || case $configured in
  *"already formatted"*) ;; # the volume of an earlier start
  *) echo "$configured"; exit 1 ;;
esac
# shellcheck disable=SC2086  # options are several words
exec /opt/jre/bin/java ${KAFKA_HEAP_OPTS:-} -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
  -Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.yaml -cp '/opt/kafka/libs/*' kafka.Kafka /opt/kafka/config/server.properties
