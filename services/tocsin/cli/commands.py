"""All commands under one name, as `tocsin --help` lists them."""

import typer

from tocsin.cli import (
    alerts,
    backup,
    config,
    deadletters,
    doctor,
    evaluate,
    feeds,
    ingest,
    lists,
    reconcile,
    reindex,
    replay,
    run,
    search,
    setup,
    sources,
    stories,
    subscriptions,
    topology,
    worker,
)

app = typer.Typer(
    name="tocsin",
    help="News monitoring that rings once: silence means nothing new happened.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(feeds.app, name="feeds")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(lists.app, name="lists")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(stories.app, name="stories")
app.add_typer(alerts.app, name="alerts")
app.command("run")(run.run)
app.command("worker")(worker.worker)
app.command("ingest")(ingest.ingest)
app.command("search")(search.search)
app.command("story")(stories.story)
app.command("explain")(alerts.explain)
app.command("sources")(sources.sources)
app.command("reconcile")(reconcile.reconcile)
app.command("replay")(replay.replay)
app.command("reindex")(reindex.reindex)
app.command("topology")(topology.topology)
app.command("config")(config.config)
app.command("setup")(setup.setup)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("evaluate")(evaluate.evaluate)
