"""What every rule looks at, and where it puts what it finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from engine.definition.expressions import ExpressionUse
from engine.definition.feel import Expression
from engine.definition.forms import Form
from engine.definition.model import FlowNode, Lane, NodeType, ProcessModel, SequenceFlow
from engine.definition.rulebook import problem
from engine.definition.variables import Variables
from engine.errors import Problem

Bearer = FlowNode | SequenceFlow | Lane


@dataclass
class Case:
    """A model with everything it is checked against."""

    model: ProcessModel
    forms: Mapping[str, Form]
    uses: tuple[ExpressionUse, ...]
    expressions: Mapping[str, Expression]  # by the text as written, `=` included; those that parse
    variables: Variables
    job_types: Collection[str]
    calendars: Collection[str]
    stand_ins: Collection[str]  # elements refused while reading: nothing is said about them again
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, rule: str, bearer: Bearer, /, **params: object) -> None:
        """A finding about a flow node, a sequence flow or a lane."""
        if bearer.id not in self.stand_ins:
            self.problems.append(problem(rule, bearer.id, bearer.name, **params))

    def refuse_process(self, rule: str, /, **params: object) -> None:
        """A finding about the process as a whole."""
        self.problems.append(problem(rule, self.model.key, self.model.name, **params))

    def nodes(self, *types: NodeType) -> Iterator[FlowNode]:
        """The flow nodes of these types, or all, in document order."""
        return (node for node in self.model.nodes.values() if not types or node.type in types)

    def source(self, flow_id: str) -> FlowNode | None:
        """The node that a flow leaves; None if there is none."""
        return self.model.nodes.get(self.model.flows[flow_id].source)

    def target(self, flow_id: str) -> FlowNode | None:
        """The node that a flow enters; None if there is none."""
        return self.model.nodes.get(self.model.flows[flow_id].target)

    def targets(self, node: FlowNode) -> Iterator[FlowNode]:
        """The nodes that a node's flows enter."""
        return (target for flow_id in node.outgoing if (target := self.target(flow_id)) is not None)
