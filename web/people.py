"""What people and their roles are called on the screen."""

from __future__ import annotations

from flask import Flask

from engine.views import Account
from web.context import acts, engine, organisation, setting, viewer_or_none
from web.language import gettext


def set_up(app: Flask) -> None:
    """Give the templates what they say about the office and its people."""
    app.jinja_env.globals.update(
        office_name=lambda: engine().office_name,
        is_demo=lambda: setting().demo,
        viewer=viewer_or_none,
        acts=acts,
        title_of=title_of,
        name_of=name_of,
        team_name=team_name,
    )
    app.jinja_env.filters["group_label"] = group_label


def title_of(account: Account) -> str:
    """An account's title in the organisation, else the names of its roles."""
    office = organisation()
    person = office.people.get(account.id) if office else None
    if person is not None and person.title:
        return person.title
    labels = {
        "admin": gettext("Administrator"),
        "process_owner": gettext("Pemilik Proses"),
        "staff": gettext("Petugas"),
        "auditor": gettext("Auditor"),
    }
    return ", ".join(labels.get(role, role) for role in account.roles)


def name_of(account_id: str) -> str:
    """A person's name; the account id when there is no such account any more."""
    account = engine().account(account_id)
    return account.display_name if account else account_id


def team_name(team: str) -> str:
    """A team as the office calls it."""
    office = organisation()
    found = office.teams.get(team) if office else None
    return found.name if found else team


def is_group(text: str) -> bool:
    """Whether a text names a group that the office knows, as `ka-tim-kerja:tim-a`."""
    office = organisation()
    return office is not None and text.partition(":")[0] in office.group_labels


def group_label(group: str) -> str:
    """A candidate group as the office calls it."""
    office = organisation()
    return office.label_of(group) if office else group
