"""The JSON doors, `/api/v1/…`: the shapes of design §9, the same acts as the page's forms."""

from tocsin.api.routes.doors import (
    alerts,
    articles,
    deadletters,
    feeds,
    items,
    lists,
    log,
    stories,
    subscriptions,
)

ALL = (items, articles, stories, subscriptions, alerts, feeds, deadletters, lists, log)
