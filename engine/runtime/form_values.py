"""The values of a submitted form, checked by its rules against the office as the command sees it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition.forms import Form
from engine.errors import Conflict, FeelError
from engine.runtime.form_options import form_options
from engine.runtime.world import World
from engine.values import Value


def form_values(
    world: World, form: Form, given: Mapping[str, Value], context: Mapping[str, Value], *, everyone: bool
) -> dict[str, Value]:
    """The values as variables.

    `everyone` offers all officers and not just the team's.  Raises FormRejected with every problem, and Conflict when a
    rule of the form itself fails or takes too long.
    """
    try:
        return form.validate(
            given,
            context=context,
            feel=world.feel,
            now=world.moment,
            zone=world.zone,
            options=form_options(world.organisation, world.catalogue, context, everyone=everyone),
        )
    except FeelError as error:
        raise Conflict("Aturan formulir %(form)s gagal: %(problem)s", form=form.id, problem=error.detail) from error
