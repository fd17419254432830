"""One real Elasticsearch node in this process: the JVM is loaded into Python, and the server's own classes are called as its
start script would, since the archive we have it from carries no start script.

    python elastic_node.py --home HOME --jvm LIBJVM --data FOLDER [--heap 512m] [-E key=value ...]

Says nothing; logs go to standard error. Ends on SIGTERM. Security is off, because its module is not loaded: loopback only. A
test server, never for use: the regular start also confines modules, and this one doesn't.
"""

import argparse
import os
import signal
import threading
from pathlib import Path

import jpype

FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # half the CPU of a start, and of a short run's indexing
    "-Djava.awt.headless=true",
    "-Djava.locale.providers=CLDR",
    "-Djna.nosys=true",
    "-Dfile.encoding=UTF-8",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
    "-Des.distribution.type=tar",
    "--enable-native-access=ALL-UNNAMED",
)


def main() -> None:
    """Runs the node until SIGTERM."""
    options = _options()
    data: Path = options.data.resolve()
    home: Path = options.home.resolve()
    scratch = data.with_name(f"{data.name}.tmp")
    logs = data.with_name(f"{data.name}.logs")
    for folder in (data, scratch, logs):
        folder.mkdir(parents=True, exist_ok=True)
    jpype.startJVM(
        str(options.jvm),
        *FLAGS,
        f"-Xms{options.heap}",
        f"-Xmx{options.heap}",
        f"-Des.path.home={home}",
        f"-Djava.io.tmpdir={scratch}",
        classpath=sorted(str(jar) for jar in (home / "lib").glob("*.jar")),
    )
    settings = {
        "path.home": str(home),
        "path.data": str(data),
        "path.logs": str(logs),
        "node.name": "tocsin-test",
        "cluster.name": "tocsin-test",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "transport.port": "0",
        **dict(pair.split("=", 1) for pair in options.E),
    }
    node = _node(settings, home / "config")
    node.start()
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    while not end.wait(0.2):  # in slices, so that Python comes to run the handler
        pass
    node.close()
    os._exit(0)  # all is on disk; taking the JVM down inside Python can hang


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="one Elasticsearch node")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--jvm", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("-E", action="append", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


def _node(settings: dict[str, str], config: Path) -> jpype.JObject:
    """What `bin/elasticsearch` builds, by the server's own classes of 9.4."""
    builder = jpype.JClass("org.elasticsearch.common.settings.Settings").builder()
    for key, value in settings.items():
        builder.put(key, value)
    path = jpype.JClass("java.nio.file.Path").of(str(config))
    environment = jpype.JClass("org.elasticsearch.env.Environment")(builder.build(), path)
    logging = jpype.JClass("org.elasticsearch.common.logging.LogConfigurator")
    logging.setNodeName(settings["node.name"])
    logging.configure(environment, True)
    plugins = jpype.JClass("org.elasticsearch.plugins.PluginsLoader")
    modules = plugins.loadModulesBundles(environment.modulesDir(), False)
    others = plugins.loadPluginsBundles(environment.pluginsDir(), False)
    # The last one: the server itself is not a named module.
    loader = plugins.createPluginsLoader(modules, others, jpype.JClass("java.util.Map").of(), False)
    return jpype.JClass("org.elasticsearch.node.Node")(environment, loader)


if __name__ == "__main__":
    main()
