"""The SpiffWorkflow specifications of a process: one task spec per flow node and one per sequence flow.

They are built from the same graph that was read and validated, so what was accepted is what runs.  SpiffWorkflow's own
XML parser is not used: it reads only what it can reach by recursion (a chain of some hundred nodes overflows it),
drops link events silently and accepts invalid models.

A sequence flow is a task spec of its own, because SpiffWorkflow names an output by its target only: two flows between
the same two nodes would be one, and the flow that was taken could not be told.

Joins are counted by the engine (BPMN 2.0.2 clause 13.4), so every spec here is ready as soon as it is reached.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeAlias

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec, _BpmnCondition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.definition.model import FlowNode, NodeType, ProcessModel
from engine.errors import ExecutionFault


class _LiveOnly:
    """Keeps a spec from predicting ahead and from copying data: the engine holds tokens and variables itself."""

    def test(self) -> None:
        return None  # a start event has no input here, and what is validated needs no second check at each step

    def _predict_hook(self, my_task: Task) -> None:
        return None

    def _update_hook(self, my_task: Task) -> bool:
        return True


class _AllFlows(_LiveOnly):
    """Takes every outgoing sequence flow."""

    outputs: list[BpmnTaskSpec]

    def _run_hook(self, my_task: Task) -> bool:
        my_task._sync_children(self.outputs, TaskState.FUTURE)
        return True


class SequenceFlowSpec(_LiveOnly, BpmnTaskSpec):  # type: ignore[misc]
    """A sequence flow; a READY task of this spec is a token on its way."""


class UserTaskSpec(_AllFlows, defaults.UserTask):  # type: ignore[misc]
    """A task that a human completed."""


class ManualTaskSpec(_AllFlows, defaults.ManualTask):  # type: ignore[misc]
    """A task that a human confirmed."""


class NoneTaskSpec(_AllFlows, defaults.NoneTask):  # type: ignore[misc]
    """An undetermined task, a passed activity, or a sub-process that has ended."""


class ServiceTaskSpec(_AllFlows, defaults.ServiceTask):  # type: ignore[misc]
    """A task whose job was completed."""


class ScriptTaskSpec(_LiveOnly, defaults.ScriptTask):  # type: ignore[misc]
    """Executes its FEEL expression by the script engine, then goes on."""

    def _run_hook(self, my_task: Task) -> bool:
        super()._run_hook(my_task)
        my_task._sync_children(self.outputs, TaskState.FUTURE)
        return True


class ExclusiveGatewaySpec(_LiveOnly, defaults.ExclusiveGateway):  # type: ignore[misc]
    """The first flow whose condition holds, else the default."""


class InclusiveGatewaySpec(_LiveOnly, defaults.InclusiveGateway):  # type: ignore[misc]
    """Every flow whose condition holds, else the default."""

    def _run_hook(self, my_task: Task) -> bool:
        matches, defaults_ = self._get_matching_outputs(my_task)
        if not matches and not defaults_:
            raise WorkflowException("no condition holds", task_spec=self)
        my_task._sync_children(matches or defaults_, TaskState.FUTURE)
        return True


class ParallelGatewaySpec(_AllFlows, defaults.ParallelGateway):  # type: ignore[misc]
    """Every outgoing flow."""


class StartEventSpec(_AllFlows, defaults.StartEvent):  # type: ignore[misc]
    """A start event that has happened."""


class EndEventSpec(_AllFlows, defaults.EndEvent):  # type: ignore[misc]
    """An end event; what it throws or ends is the engine's business."""


class CatchEventSpec(_AllFlows, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """An intermediate or boundary event that was caught."""


class ThrowEventSpec(_AllFlows, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    """An intermediate throw event."""


_EVENTS: dict[NodeType, type[Any]] = {
    NodeType.START_EVENT: StartEventSpec,
    NodeType.END_EVENT: EndEventSpec,
    NodeType.INTERMEDIATE_CATCH_EVENT: CatchEventSpec,
    NodeType.BOUNDARY_EVENT: CatchEventSpec,
    NodeType.INTERMEDIATE_THROW_EVENT: ThrowEventSpec,
}
_NODES: dict[NodeType, type[Any]] = {
    NodeType.USER_TASK: UserTaskSpec,
    NodeType.MANUAL_TASK: ManualTaskSpec,
    NodeType.TASK: NoneTaskSpec,
    NodeType.SERVICE_TASK: ServiceTaskSpec,
    NodeType.SEND_TASK: ServiceTaskSpec,
    NodeType.RECEIVE_TASK: NoneTaskSpec,
    NodeType.SUB_PROCESS: NoneTaskSpec,
    NodeType.CALL_ACTIVITY: NoneTaskSpec,
    NodeType.EVENT_BASED_GATEWAY: NoneTaskSpec,
    NodeType.EXCLUSIVE_GATEWAY: ExclusiveGatewaySpec,
    NodeType.INCLUSIVE_GATEWAY: InclusiveGatewaySpec,
    NodeType.PARALLEL_GATEWAY: ParallelGatewaySpec,
}
ProcessSpec: TypeAlias = BpmnProcessSpec

_CHOOSING = frozenset({NodeType.EXCLUSIVE_GATEWAY, NodeType.INCLUSIVE_GATEWAY})


def build_spec(model: ProcessModel) -> BpmnProcessSpec:
    """The SpiffWorkflow specification of a validated process; it is never changed afterwards.

    Nodes of sub-processes are in it too: a token knows its scope, so one flat spec serves.
    """
    spec = BpmnProcessSpec(name=model.key, description=model.name)
    for node in model.nodes.values():
        _node_spec(spec, node)
    for flow in model.flows.values():
        SequenceFlowSpec(spec, _flow_spec_name(flow.id))
    for node in model.nodes.values():
        _connect(spec, model, node)
    return spec


def spec_fingerprint(spec: BpmnProcessSpec) -> str:
    """SHA-256 over everything in the specification that can steer execution: equal before and after every command."""
    shape = {
        name: [
            type(item).__name__,
            list(item._inputs),
            list(item._outputs),
            [[str(condition and condition.args), target] for condition, target in getattr(item, "cond_task_specs", [])],
            getattr(item, "default_task_spec", None),
            getattr(item, "script", None),
            len(item.completed_event.weak_subscribers or []) + len(item.completed_event.hard_subscribers or []),
        ]
        for name, item in sorted(spec.task_specs.items())
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


class LiveWorkflow:
    """Executes flow nodes one at a time; holds no more than the node being executed and the tokens it gives."""

    def __init__(self, spec: BpmnProcessSpec, script_engine: Any) -> None:
        self._spec = spec
        self._workflow = BpmnWorkflow(spec, script_engine=script_engine, deserializing=True)
        self._workflow.task_tree = Task(self._workflow, spec.start, state=TaskState.COMPLETED)

    def execute(self, node_id: str) -> list[str]:
        """Run one node; returns the ids of the sequence flows that now carry a token, in document order.

        Raises ExecutionFault: what the script engine raised, or `no_flow_taken` when no condition holds and there is
        no default flow.
        """
        task = self._workflow.task_tree._add_child(self._spec.task_specs[node_id], TaskState.READY)
        try:
            task.run()
            return [str(child.task_spec.name).removeprefix(_FLOW) for child in task.children]
        except SpiffWorkflowException:
            detail = f"{node_id}: tidak ada cabang yang syaratnya terpenuhi"
            raise ExecutionFault("no_flow_taken", detail) from None
        finally:
            self._workflow._remove_task(task.id)


_FLOW = "flow:"


def _flow_spec_name(flow_id: str) -> str:
    return _FLOW + flow_id


def _node_spec(spec: BpmnProcessSpec, node: FlowNode) -> None:
    if node.type in _EVENTS:
        _EVENTS[node.type](spec, node.id, NoneEventDefinition(), **_boundary_arguments(node))
    elif node.type is NodeType.SCRIPT_TASK:
        ScriptTaskSpec(spec, node.id, script=node.script or "")
    else:
        _NODES[node.type](spec, node.id)


def _boundary_arguments(node: FlowNode) -> dict[str, Any]:
    return {"bpmn_name": node.name or None}


def _connect(spec: BpmnProcessSpec, model: ProcessModel, node: FlowNode) -> None:
    source = spec.task_specs[node.id]
    for flow_id in node.outgoing:
        flow = model.flows[flow_id]
        token = spec.task_specs[_flow_spec_name(flow_id)]
        only_one = len(node.outgoing) == 1 and flow.condition is None
        if node.type in _CHOOSING and flow_id != node.default_flow and not only_one:
            source.connect_if(_BpmnCondition(flow.condition), token)
        else:
            source.connect(token)
        token.connect(spec.task_specs[flow.target])
