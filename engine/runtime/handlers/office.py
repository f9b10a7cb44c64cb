"""Admission of new versions of the organisation and the service catalogue."""

from __future__ import annotations

from engine.commands import AdoptCatalogue, AdoptOrganisation, Command
from engine.definition.catalogue import Catalogue, parse_catalogue
from engine.definition.organisation import Organisation, parse_organisation
from engine.errors import NotPermitted
from engine.events import event
from engine.runtime.rights import is_the_system
from engine.runtime.world import World
from engine.values import JsonObject


def adopt_organisation(world: World, command: AdoptOrganisation) -> tuple[Organisation, JsonObject, list[JsonObject]]:
    """The organisation of a document, in force from now; raises OrganisationRejected with every mistake."""
    _administrate(world, command)
    organisation = parse_organisation(command.document)
    return organisation, {"kind": "AdoptOrganisation"}, [event("organisation:adopted", hash=organisation.hash)]


def adopt_catalogue(world: World, command: AdoptCatalogue) -> tuple[Catalogue, JsonObject, list[JsonObject]]:
    """The catalogue of a document, in force from now; raises OrganisationRejected with every mistake."""
    _administrate(world, command)
    calendars = world.organisation.calendars if world.organisation else {}
    catalogue = parse_catalogue(command.document, calendars=calendars)
    return catalogue, {"kind": "AdoptCatalogue"}, [event("catalogue:adopted", hash=catalogue.hash)]


def _administrate(world: World, command: Command) -> None:
    if is_the_system(command.actor):
        return
    if not world.account(command.actor.account).has("admin"):
        raise NotPermitted("Hanya administrator yang dapat mengubah data kantor.")
