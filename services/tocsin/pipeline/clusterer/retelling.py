"""Sends articles again that have not changed themselves, but whose story has: its voices, its id.

Every article embeds its story's snapshot, so a reader needs no second topic; the price is that members
are sent again when the number of origins changes (docs/adr/0005-resending-members.md).
"""

from collections.abc import Iterable
from datetime import datetime

import orjson

from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.snapshot import snapshot
from tocsin.pipeline.clusterer.emission import Mouth, Snapshot, patched
from tocsin.pipeline.clusterer.working import HELD, Working
from tocsin.pipeline.dedup import identity
from tocsin.ports.state import Transaction

EXACT_ORIGINS, THEN = 50, 1.1
"""Up to 50 origins every change sends all members again; above, growth by a tenth: sending n articles
for each of n origins would be 20,000 records for a story of 200."""


def due(origins: int, told: int) -> bool:
    """Whether the number of origins has changed so that the members must be sent again."""
    if origins <= EXACT_ORIGINS or origins < told:
        return origins != told
    return origins >= THEN * told


def resend(
    w: Working, members: Iterable[Member], told: Snapshot, mouth: Mouth, tx: Transaction
) -> None:
    """Send members again under a new revision, in order of arrival."""
    for member in sorted(members, key=lambda m: m.number):
        w.save_member(tx, member)
        known = identity.known(tx, member.article_id)
        row = tx.get(HELD, member.article_id)
        if known is None or row is None:
            continue
        known.story = member.story
        known.revision += 1
        tx.put(identity.KNOWN, known.article_id, known.row())
        held = orjson.loads(row)
        plain = patched(held, known, member)
        mouth.article(known, plain, told, held["article"]["root_id"], held["mode"])


def bury(ended: Iterable[Book], into: Book, mouth: Mouth, at: datetime) -> None:
    """Last snapshots of stories that were united into another, with where they went."""
    for young in ended:
        young.revision += 1
        young.last_change = at
        young.members = {}
        mouth.story(Snapshot.of(snapshot(young, at, merged_into=into.id)))
