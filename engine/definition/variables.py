"""Which variables a process declares, of what kind, and which of them hold personal data.

A value enters an instance by a form, as a job's result or with a message; each has to be declared, unless the process
has the property `variables=open`.  Others are made inside: by scripts, mappings and multi-instance loops.  Variables
are told apart by name alone: one that is personal anywhere in a definition is personal everywhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.definition.expressions import ExpressionUse, Purpose
from engine.definition.feel import Expression
from engine.definition.forms import Form
from engine.definition.model import JOB, EventKind, FlowNode, NodeType, ProcessModel

ANY: Final = "any"
RESULT_KINDS: Final = frozenset({"string", "number", "boolean", "date", "time", "datetime", "list", "object", ANY})
RESULT_PREFIX: Final = "result."
PERSONAL: Final = "personal"
LOOP_COUNTER: Final = "loopCounter"
LOOP_VARIABLES: Final = (
    LOOP_COUNTER,
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)


@dataclass(frozen=True)
class Declaration:
    """One place that declares a variable; `place` is the id of a flow node, or that of a form and `.form`."""

    name: str
    kind: str
    personal: bool
    place: str
    from_outside: bool = True


@dataclass(frozen=True)
class Variable:
    """A declared variable; its kind is `any` where nothing says more."""

    name: str
    kind: str
    personal: bool
    declarations: tuple[Declaration, ...]


Variables: TypeAlias = Mapping[str, Variable]


def takes_results(node: FlowNode) -> bool:
    """Whether values enter by this node other than by a form: job tasks, calls and what receives a message."""
    return node.type in JOB | {NodeType.CALL_ACTIVITY} or (
        node.event is not None and node.event.kind is EventKind.MESSAGE
    )


def result_declarations(node: FlowNode) -> tuple[Declaration, ...]:
    """The values that may enter by this node, from its properties `result.<variable>` and `personal`."""
    if not takes_results(node):
        return ()
    personal = personal_results(node)
    return tuple(
        Declaration(
            name.removeprefix(RESULT_PREFIX), kind.strip() or ANY, name.removeprefix(RESULT_PREFIX) in personal, node.id
        )
        for name, kind in node.properties.items()
        if name.startswith(RESULT_PREFIX)
    )


def personal_results(node: FlowNode) -> frozenset[str]:
    """The names that a node's property `personal` lists, separated by commas."""
    return frozenset(name.strip() for name in node.properties.get(PERSONAL, "").split(",") if name.strip())


def declarations(model: ProcessModel, forms: Mapping[str, Form]) -> Iterator[Declaration]:
    """Every declaration of a definition: forms in use first, then node by node in document order."""
    used = dict.fromkeys(node.form_id for node in model.nodes.values() if node.form_id in forms)
    for form_id in used:
        for name, (kind, personal) in forms[form_id or ""].declared_variables().items():
            yield Declaration(name, kind, personal, f"{form_id}.form")
    for node in model.nodes.values():
        yield from result_declarations(node)
        for name in _made_inside(node):
            yield Declaration(name, ANY, personal=False, place=node.id, from_outside=False)


def _made_inside(node: FlowNode) -> Iterator[str]:
    loop = node.multi_instance
    names = [mapping.target for mapping in (*node.inputs, *node.outputs)]
    names += [node.result_variable or ""]
    names += [loop.input_element or "", loop.output_collection or ""] if loop else []
    yield from (name for name in names if name)
    if loop is not None:
        yield from LOOP_VARIABLES


def declared_variables(
    model: ProcessModel,
    forms: Mapping[str, Form],
    uses: Iterable[ExpressionUse],
    expressions: Mapping[str, Expression],
) -> dict[str, Variable]:
    """Every variable of a definition, with personal data followed through all that moves it."""
    places: dict[str, list[Declaration]] = {}
    for declaration in declarations(model, forms):
        places.setdefault(declaration.name, []).append(declaration)
    personal = _followed(
        {name for name, found in places.items() if any(item.personal for item in found)}, uses, expressions
    )
    return {name: Variable(name, _kind_of(found), name in personal, tuple(found)) for name, found in places.items()}


def _followed(
    personal: set[str], uses: Iterable[ExpressionUse], expressions: Mapping[str, Expression]
) -> frozenset[str]:
    """The personal variables and, to a fixed point, every variable that one of them is moved to."""
    moves = [
        (expressions[use.text].bare_path, use.target)
        for use in uses
        if use.purpose is Purpose.MOVE and use.target and use.text in expressions
    ]
    found = set(personal)
    while True:
        more = {target for source, target in moves if source in found} - found
        if not more:
            return frozenset(found)
        found |= more


def _kind_of(found: Iterable[Declaration]) -> str:
    """The one kind that is declared; `any` if none is, or several (which is refused)."""
    kinds = {item.kind for item in found if item.kind != ANY}
    return kinds.pop() if len(kinds) == 1 else ANY


def kind_conflicts(variables: Variables) -> Iterator[tuple[Variable, dict[str, str]]]:
    """Variables that are declared with different kinds, and which place says what."""
    for variable in variables.values():
        said = {item.place: item.kind for item in variable.declarations if item.kind != ANY}
        if len(set(said.values())) > 1:
            yield variable, said
