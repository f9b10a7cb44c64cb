"""When a joining inclusive gateway may fire."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition.model import ProcessModel
from engine.runtime.state import State

Sources = Mapping[str, frozenset[str]]


def ready_inclusive_join(model: ProcessModel, state: State) -> tuple[str, str] | None:
    """(scope, gateway) of the first inclusive gateway that BPMN 2.0.2 clause 13.4.3 activates, or None.

    It has a token on an incoming flow, and every token of its scope that could still reach one of its empty incoming
    flows could as well reach one that has a token.  Tokens inside a sub-process stand at that sub-process.
    """
    for scope_id in sorted(state.scopes):
        for gateway, arrivals in sorted(state.scopes[scope_id].arrivals.items()):
            sources = model.inclusive_joins.get(gateway)
            if sources is not None and not _awaited(state, scope_id, gateway, sources, set(arrivals)):
                return scope_id, gateway
    return None


def _awaited(state: State, scope_id: str, gateway: str, sources: Sources, filled: set[str]) -> bool:
    places = {token.element for token in state.tokens.values() if token.scope == scope_id and token.body is None}
    places |= {join for join in state.scopes[scope_id].arrivals if join != gateway}
    return any(
        any(place in nodes for flow, nodes in sources.items() if flow not in filled)
        and not any(place in nodes for flow, nodes in sources.items() if flow in filled)
        for place in places
    )
