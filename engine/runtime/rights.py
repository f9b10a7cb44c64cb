"""Who may do what with a task: pure rules over accounts, work and who is above whom."""

from __future__ import annotations

from collections.abc import Collection

from engine.commands import SYSTEM, Actor
from engine.runtime.directory import Directory
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


def may_hand_out(actor: Account, work: Work, directory: Directory) -> bool:
    """Whether an account may assign a task to anybody at all (`may_be_given` says to whom)."""
    if actor.id in work.excluded:
        return False
    own = work.assignee == actor.id or (work.assignee is None and is_candidate(actor, work))
    return oversees(actor, work, directory) or (own and directory.leads_anybody(actor.id))


def oversees(actor: Account, work: Work, directory: Directory) -> bool:
    """Whether an account stands above a task: above its holder or those it is offered to, or as an administrator."""
    people = [work.assignee] if work.assignee is not None else [*work.users, *directory.members_of(work.groups)]
    return actor.has("admin") or any(actor.id in directory.superiors(person) for person in people)


def may_be_given(actor: Account, target: Account, work: Work, excluded: Collection[str], directory: Directory) -> bool:
    """Whether an account may give a task to another: to whom it is offered, or to who works under it (Disposisi)."""
    if target.id in work.excluded or target.id in excluded:
        return False
    under = actor.id in directory.superiors(target.id)
    return under or (is_candidate(target, work) and oversees(actor, work, directory))


def told_of_breach(work: Work, excluded: Collection[str], directory: Directory) -> str | None:
    """The account that is told when a task is late: the direct superior of its holder, or of those it is offered to.

    From whom the instance is kept (the leader complained of, say) is passed over for the next above.
    """
    people = [work.assignee] if work.assignee is not None else [*work.users, *directory.members_of(work.groups)]
    for person in people:
        for above in directory.superiors(person):
            if above not in work.excluded and above not in excluded:
                return above
    return None


def may_manage(account: Account) -> bool:
    """Whether an account may cancel, suspend, resume and retry: an administrator or a process owner."""
    return account.has("admin") or account.has("process_owner")
