"""Who may do what with a task: pure rules over accounts, work and the organisation."""

from __future__ import annotations

from collections.abc import Collection

from engine.commands import SYSTEM, Actor
from engine.definition.organisation import Organisation
from engine.runtime.state import Work
from engine.views import Account


def is_the_system(actor: Actor) -> bool:
    """Whether nobody in particular asks: the engine itself, or whoever owns the machine, at the command line."""
    return actor.door == "engine" or (actor.door == "cli" and actor.account == SYSTEM.account)


def is_candidate(account: Account, work: Work) -> bool:
    """Whether a task is offered to an account."""
    return account.id in work.users or not set(work.groups).isdisjoint(account.groups)


def may_claim(account: Account, work: Work, excluded: Collection[str]) -> bool:
    """Whether an account may take a task: it is offered to it and nothing speaks against the person."""
    return is_candidate(account, work) and account.id not in work.excluded and account.id not in excluded


def may_hand_out(actor: Account, work: Work, organisation: Organisation | None) -> bool:
    """Whether an account may assign a task: its holder, a superior of its holder or of those it is offered to."""
    if actor.has("admin") or work.assignee == actor.id:
        return True
    if actor.id in work.excluded or organisation is None:
        return False
    if work.assignee is not None:
        return actor.id in superiors(work.assignee, organisation)
    members = [person for group in work.groups for person in organisation.members_of(group)]
    return is_candidate(actor, work) or any(actor.id in superiors(person, organisation) for person in members)


def may_be_given(
    actor: Account, target: Account, work: Work, excluded: Collection[str], organisation: Organisation | None
) -> bool:
    """Whether a task may be given to an account: it is offered to it, or it works under who gives it (Disposisi)."""
    if target.id in work.excluded or target.id in excluded:
        return False
    under = organisation is not None and actor.id in superiors(target.id, organisation)
    return is_candidate(target, work) or under


def superiors(account_id: str, organisation: Organisation) -> list[str]:
    """The direct superior of an account, theirs, and so on upward."""
    found: list[str] = []
    above = organisation.superior_of(account_id)
    while above is not None and above not in found:
        found.append(above)
        above = organisation.superior_of(above)
    return found


def told_of_breach(work: Work, excluded: Collection[str], organisation: Organisation | None) -> str | None:
    """The account that is told when a task is late: the direct superior of its holder, or of those it is offered to.

    From whom the instance is kept (the leader complained of, say) is passed over for the next above.
    """
    if organisation is None:
        return None
    members = [person for group in work.groups for person in organisation.members_of(group)]
    for person in members if work.assignee is None else [work.assignee]:
        for above in superiors(person, organisation):
            if above not in work.excluded and above not in excluded:
                return above
    return None


def may_manage(account: Account) -> bool:
    """Whether an account may cancel, suspend, resume and retry: an administrator or a process owner."""
    return account.has("admin") or account.has("process_owner")
