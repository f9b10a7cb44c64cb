"""What of BPMN and of the zeebe extensions is executed, element by element; all else is refused.

Each table is a white list, so that a part of the standard nobody thought of is refused and never dropped silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.definition.model import NodeType

Values = frozenset[str] | None  # None: any value

_FALSE: Final = frozenset({"false", "0"})
_BOOLEAN: Final = frozenset({"true", "false"})
_ONE: Final = frozenset({"1"})
_NO_SERVICE: Final = frozenset({"##unspecified", "##WebService"})  # the standard's defaults: nothing is said

_IDENTITY: Final[dict[str, Values]] = {"id": None, "name": None}
_ACTIVITY: Final[dict[str, Values]] = {
    **_IDENTITY,
    "isForCompensation": _FALSE,
    "startQuantity": _ONE,
    "completionQuantity": _ONE,
    "default": None,
}
_GATEWAY: Final[dict[str, Values]] = {**_IDENTITY, "gatewayDirection": None}

ATTRIBUTES: Final[Mapping[str, Mapping[str, Values]]] = {
    "process": {
        **_IDENTITY,
        "isExecutable": None,
        "isClosed": _FALSE,
        "processType": None,
        "definitionalCollaborationRef": None,
    },
    "startEvent": {**_IDENTITY, "isInterrupting": None, "parallelMultiple": _FALSE},
    "endEvent": _IDENTITY,
    "intermediateCatchEvent": {**_IDENTITY, "parallelMultiple": _FALSE},
    "intermediateThrowEvent": _IDENTITY,
    "boundaryEvent": {**_IDENTITY, "attachedToRef": None, "cancelActivity": None, "parallelMultiple": _FALSE},
    "userTask": {**_ACTIVITY, "implementation": _NO_SERVICE},
    "manualTask": _ACTIVITY,
    "task": _ACTIVITY,
    "serviceTask": {**_ACTIVITY, "implementation": _NO_SERVICE},
    "sendTask": {**_ACTIVITY, "implementation": _NO_SERVICE},
    "receiveTask": {**_ACTIVITY, "implementation": _NO_SERVICE, "instantiate": _FALSE, "messageRef": None},
    "scriptTask": _ACTIVITY,
    "callActivity": _ACTIVITY,
    "exclusiveGateway": {**_GATEWAY, "default": None},
    "inclusiveGateway": {**_GATEWAY, "default": None},
    "parallelGateway": _GATEWAY,
    "eventBasedGateway": {**_GATEWAY, "instantiate": _FALSE, "eventGatewayType": frozenset({"Exclusive"})},
    "subProcess": {**_ACTIVITY, "triggeredByEvent": _FALSE},
    "sequenceFlow": {**_IDENTITY, "sourceRef": None, "targetRef": None, "isImmediate": frozenset({"true", "1"})},
    "timerEventDefinition": {"id": None},
    "messageEventDefinition": {"id": None, "messageRef": None},
    "errorEventDefinition": {"id": None, "errorRef": None},
    "terminateEventDefinition": {"id": None},
    "multiInstanceLoopCharacteristics": {"id": None, "isSequential": None, "behavior": frozenset({"All"})},
    "dataInputAssociation": {"id": None},
    "dataOutputAssociation": {"id": None},
    "lane": {**_IDENTITY, "partitionElementRef": None},
    "laneSet": _IDENTITY,
    "childLaneSet": _IDENTITY,
    "message": {**_IDENTITY, "itemRef": None},
    "error": {**_IDENTITY, "errorCode": None, "structureRef": None},
}

_TOLERATED: Final = frozenset({"documentation", "extensionElements", "auditing", "monitoring"})  # say nothing to run
_NODE: Final = _TOLERATED | {"categoryValueRef", "incoming", "outgoing"}
_DRAWN_DATA: Final = frozenset({"property", "dataInputAssociation", "dataOutputAssociation"})
_TASK: Final = _NODE | _DRAWN_DATA | {"multiInstanceLoopCharacteristics"}
_EVENT: Final = _NODE | _DRAWN_DATA | {"dataInput", "dataOutput", "inputSet", "outputSet"}
_DRAWN: Final = frozenset({"dataObject", "dataObjectReference", "textAnnotation", "association", "group"})

BESIDE_FLOW_NODES: Final[Mapping[str, frozenset[str]]] = {
    "process": _TOLERATED | _DRAWN | {"property", "laneSet", "sequenceFlow", "supports"},
    "subProcess": _TASK | _DRAWN | {"laneSet", "sequenceFlow"},
}
"""What may stand in a process or sub-process beside flow nodes."""

CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("userTask", "manualTask", "task", "serviceTask", "sendTask", "receiveTask", "scriptTask"), _TASK),
    "callActivity": _TASK,
    **dict.fromkeys(
        ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"), _EVENT
    ),
    **dict.fromkeys(("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"), _NODE),
    "sequenceFlow": _TOLERATED | {"categoryValueRef", "conditionExpression"},
    "timerEventDefinition": _TOLERATED | {"timeDuration", "timeDate", "timeCycle"},
    "messageEventDefinition": _TOLERATED,
    "errorEventDefinition": _TOLERATED,
    "terminateEventDefinition": _TOLERATED,
    "multiInstanceLoopCharacteristics": _TOLERATED | {"completionCondition"},
    "dataInputAssociation": _TOLERATED | {"sourceRef", "targetRef"},
    "dataOutputAssociation": _TOLERATED | {"sourceRef", "targetRef"},
    "lane": _TOLERATED | {"flowNodeRef", "childLaneSet", "partitionElement"},
    "laneSet": _TOLERATED | {"lane"},
    "childLaneSet": _TOLERATED | {"lane"},
    "message": _TOLERATED,
    "error": _TOLERATED,
}

FLOW_NODES_REFUSED: Final[Mapping[str, tuple[str, NodeType]]] = {
    "businessRuleTask": ("business_rule_unsupported", NodeType.TASK),
    "transaction": ("transaction_unsupported", NodeType.TASK),
    "adHocSubProcess": ("ad_hoc_unsupported", NodeType.TASK),
    "complexGateway": ("complex_gateway_unsupported", NodeType.INCLUSIVE_GATEWAY),
    "event": ("flow_node_unsupported", NodeType.TASK),
    "implicitThrowEvent": ("flow_node_unsupported", NodeType.TASK),
    "choreographyTask": ("flow_node_unsupported", NodeType.TASK),
    "subChoreography": ("flow_node_unsupported", NodeType.TASK),
    "callChoreography": ("flow_node_unsupported", NodeType.TASK),
}
"""What stands in a process and is refused: its rule, and what stands in for it so that the rest can be checked."""

CHILDREN_REFUSED: Final[Mapping[str, str]] = {
    "standardLoopCharacteristics": "standard_loop_unsupported",
    "ioSpecification": "data_binding_unsupported",
    "resourceRole": "resource_role_unsupported",
    "performer": "resource_role_unsupported",
    "humanPerformer": "resource_role_unsupported",
    "potentialOwner": "resource_role_unsupported",
    "script": "script_not_feel",
    "dataStoreReference": "data_store_unsupported",
}
"""Parts whose refusal has words of its own."""

ROOT_ELEMENTS: Final = frozenset(
    {
        "process",
        "collaboration",
        "message",
        "error",
        "category",
        "dataStore",
        "itemDefinition",
        "signal",
        "escalation",
        "extension",
        "extensionElements",
        "documentation",
    }
)
"""Root elements about which nothing needs to be said; others (interfaces, choreographies …) are ignored with a note."""

_HUMAN: Final = frozenset({"userTask", "manualTask", "task"})
_JOB: Final = frozenset({"serviceTask", "sendTask"})
_ACTIVITIES: Final = _HUMAN | _JOB | {"receiveTask", "scriptTask", "subProcess", "callActivity"}
_CATCHING: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_FLOW_NODES: Final = frozenset(node_type.value for node_type in NodeType)

ZEEBE_PLACES: Final[Mapping[str, frozenset[str]]] = {
    "taskDefinition": _JOB,
    "taskHeaders": _JOB,
    "ioMapping": _ACTIVITIES | _CATCHING,
    "properties": _FLOW_NODES | {"process", "lane", "participant", "sequenceFlow"},
    "assignmentDefinition": _HUMAN,
    "formDefinition": frozenset({"userTask", "startEvent"}),
    "taskSchedule": _HUMAN,
    "priorityDefinition": _HUMAN,
    "userTask": frozenset({"userTask"}),
    "script": frozenset({"scriptTask"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
    "calledElement": frozenset({"callActivity"}),
}
"""Where each zeebe extension element is executed."""

ZEEBE_ATTRIBUTES: Final[Mapping[str, Mapping[str, Values]]] = {
    "taskDefinition": {"type": None, "retries": None},
    "taskHeaders": {},
    "header": {"key": None, "value": None},
    "ioMapping": {},
    "input": {"source": None, "target": None},
    "output": {"source": None, "target": None},
    "properties": {},
    "property": {"id": None, "name": None, "value": None},
    "assignmentDefinition": {"assignee": None, "candidateGroups": None, "candidateUsers": None},
    "formDefinition": {"formId": None, "bindingType": frozenset({"deployment", "latest"})},
    "taskSchedule": {"dueDate": None, "followUpDate": None},
    "priorityDefinition": {"priority": None},
    "userTask": {},
    "script": {"expression": None, "resultVariable": None},
    "loopCharacteristics": {
        "inputCollection": None,
        "inputElement": None,
        "outputCollection": None,
        "outputElement": None,
    },
    "subscription": {"correlationKey": None},
    "versionTag": {"value": None},
    "calledElement": {
        "processId": None,
        "propagateAllParentVariables": _BOOLEAN,
        "propagateAllChildVariables": _BOOLEAN,
        "bindingType": frozenset({"latest", "versionTag"}),
        "versionTag": None,
    },
}

ZEEBE_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "taskDefinition": ("type",),
    "header": ("key",),
    "input": ("source", "target"),
    "output": ("source", "target"),
    "property": ("name",),
    "formDefinition": ("formId",),
    "priorityDefinition": ("priority",),
    "script": ("expression", "resultVariable"),
    "loopCharacteristics": ("inputCollection",),
    "versionTag": ("value",),
    "calledElement": ("processId",),
}

ZEEBE_CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "taskHeaders": frozenset({"header"}),
    "ioMapping": frozenset({"input", "output"}),
    "properties": frozenset({"property"}),
}

ZEEBE_INERT_ATTRIBUTES: Final = frozenset(
    {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateIconDark"}
)
"""zeebe: attributes on BPMN elements that only a modeller reads."""

OTHER_ENGINES: Final[Mapping[str, str]] = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://activiti.org/bpmn": "activiti",
    "http://flowable.org/bpmn": "flowable",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "spiffworkflow",
}
"""Namespaces whose extensions are instructions to another engine: ignoring one would run the model differently."""

OTHER_ENGINES_INERT: Final = frozenset(
    {
        "diagramRelationId",
        "historyTimeToLive",
        "isStartableInTasklist",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
        "jobPriority",
        "taskPriority",
        "versionTag",
        "properties",
        "property",
    }
)
"""Of those, what does not change how a process runs."""

MODELLER_NAMESPACES: Final = frozenset({"http://camunda.org/schema/modeler/1.0"})
"""What a modeller notes for itself."""
