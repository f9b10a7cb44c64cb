"""Choices of forms that come from the office: teams, services, officers."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition.catalogue import Catalogue
from engine.definition.forms import Form
from engine.definition.organisation import Organisation
from engine.values import Value

Options = dict[str, list[dict[str, Value]]]


def form_options(
    organisation: Organisation | None, catalogue: Catalogue, context: Mapping[str, Value], *, everyone: bool
) -> Options:
    """The choices by the form's `valuesKey`.

    Officers are those of the instance's team (and its leader), or everybody who serves when `everyone` (a complaint
    may be about anyone) or when the team is not known.
    """
    services: list[dict[str, Value]] = [dict(option) for option in catalogue.options()]
    if organisation is None:
        return {"daftar_tim": [], "daftar_layanan": services, "daftar_petugas": []}
    teams: list[dict[str, Value]] = [{"value": team.key, "label": team.name} for team in organisation.teams.values()]
    team = context.get("tim")
    officers: list[dict[str, Value]] = [
        {"value": person.account_id, "label": f"{person.name} ({person.title})" if person.title else person.name}
        for person in organisation.people.values()
        if "staff" in person.roles and (everyone or team in (None, "") or person.team == team)
    ]
    return {"daftar_tim": teams, "daftar_layanan": services, "daftar_petugas": officers}


def prefilled(form: Form, account_id: str, organisation: Organisation | None) -> dict[str, Value]:
    """The values of fields that say who fills the form in, by their property `prefill`.

    `actor` is the account, `actor_leads_team` whether it leads a team.
    """
    leads = organisation is not None and any(team.leader == account_id for team in organisation.teams.values())
    known: dict[str, Value] = {"actor": account_id, "actor_leads_team": leads}
    return {
        field.key: known[field.properties["prefill"]]
        for field in form.fields
        if field.properties.get("prefill") in known
    }
