"""Carries voices along chains of copies: forty reprints are one witness, however they were credited.

A copy speaks with its original's voice. When a later reprint carries the credit line that the first
paper left out, the first paper and all its uncredited copies are corrected, so that neither passes
for a confirmation of the other.
"""

from tocsin.pipeline.cluster.book import Member
from tocsin.pipeline.cluster.ledger import Told
from tocsin.pipeline.clusterer.working import Working
from tocsin.pipeline.dedup.copies import Copy
from tocsin.pipeline.dedup.origin import Proof, Voice, copied_voice, own_voice, revealed
from tocsin_schemas.article import Article

CHAIN = 8
"""Links followed at most from copy to original; texts are linked to the first of a chain anyway."""


def speak(member: Member, article: Article, original: Member | None) -> None:
    """Set a member's own voice, and the one it speaks with."""
    own = own_voice(article)
    member.own_origin, member.own_proof = own.origin, int(own.proof)
    voice = own if original is None else copied_voice(own, _voice(original), original.outlet)
    member.origin, member.proof = voice.origin, int(voice.proof)


def reveal(w: Working, member: Member, copy: Copy | None, outlet: str) -> dict[str, Member]:
    """Correct the chain by what a whole copy shows of it. Returns the members whose voice changed,
    by article id.
    """
    if copy is None or copy.relation == "partial":
        return {}
    top = _top(w, member)
    if top is member:
        return {}
    own = Voice(member.own_origin, Proof(member.own_proof))
    shown = revealed(_voice(top), own, outlet)
    if shown is None:
        return {}
    return _correct(w, top, shown, but=member)


def respeak(
    w: Working, member: Member, article: Article, original: Member | None
) -> dict[str, Member]:
    """A new version may carry a credit line that the former did not. Its own weaker word does not
    take back what a copy has shown. Returns the copies whose voice changed with it.
    """
    shown = _voice(member)
    speak(member, article, original)
    if original is None and member.proof < shown.proof:
        member.origin, member.proof = shown.origin, int(shown.proof)
        return {}
    if member.origin == shown.origin:
        return {}
    return _correct(w, member, _voice(member), but=member)


def told_by_originals(w: Working, member: Member) -> list[Told]:
    """Every figure that any version of the original, or of its original, told; none where the
    original is no longer held.
    """
    found: list[Told] = []
    for _ in range(CHAIN):
        original = w.member(member.copy_of) if member.copy_of else None
        if original is None:
            break
        found += original.told
        member = original
    return found


def _correct(w: Working, top: Member, shown: Voice, but: Member) -> dict[str, Member]:
    """Give `top` the voice `shown`, and its uncredited copies in the same story theirs anew."""
    changed: dict[str, Member] = {}
    if top is not but:
        _set(top, shown, changed)
    for m in w.books[top.story].members.values():
        if m is top or m is but or m.own_proof >= Proof.CREDIT or _top(w, m) is not top:
            continue
        own = Voice(m.own_origin, Proof(m.own_proof))
        _set(m, copied_voice(own, shown, top.outlet), changed)
    return changed


def _set(member: Member, voice: Voice, changed: dict[str, Member]) -> None:
    if member.origin == voice.origin and member.proof == voice.proof:
        return
    renamed = (member.origin and member.origin.name) != (voice.origin and voice.origin.name)
    member.origin, member.proof = voice.origin, int(voice.proof)
    if renamed:
        name = voice.origin.name if voice.origin else None
        member.statements = [s.model_copy(update={"origin": name}) for s in member.statements]
    changed[member.article_id] = member


def _top(w: Working, member: Member) -> Member:
    """The first of the chain of copies that `member` stands in, in its own story."""
    for _ in range(CHAIN):
        higher = w.member(member.copy_of) if member.copy_of else None
        if higher is None or higher.story != member.story:
            break
        member = higher
    return member


def _voice(member: Member) -> Voice:
    return Voice(member.origin, Proof(member.proof))
