"""SpiffWorkflow by itself, in memory: what a durable command is measured against.

The SOP's opening (steps 1 to 3) is read by SpiffWorkflow's own parser, after taking out what it cannot read: the other
start events, and timers that are not Python expressions.
"""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.definition.feel import FeelEngine
from engine.values import Value

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_TIMES = ("timeDuration", "timeDate", "timeCycle")


class RawWorkflow:
    """One in-memory instance of a process, by SpiffWorkflow alone, with FEEL as its expression language."""

    def __init__(self, bpmn: bytes, key: str, start_event: str, feel: FeelEngine, now: Any, zone: str) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(_only(bpmn, start_event))
        spec = parser.get_spec(key)
        self._workflow = BpmnWorkflow(
            spec, parser.get_subprocess_specs(key), script_engine=_FeelScripts(feel, now, zone)
        )
        self._workflow.do_engine_steps()

    def complete(self, element_id: str, values: dict[str, Value]) -> None:
        """Complete a user task with these values and run until the next ones."""
        (task,) = self._workflow.get_tasks(state=TaskState.READY, spec_name=element_id)
        task.data.update(values)
        task.run()
        self._workflow.do_engine_steps()


class _FeelScripts(PythonScriptEngine):  # type: ignore[misc]
    def __init__(self, feel: FeelEngine, now: Any, zone: str) -> None:
        super().__init__()
        self._feel, self._now, self._zone = feel, now, zone

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        if expression.startswith("="):
            return self._feel.evaluate(expression[1:], task.data, now=self._now, zone=self._zone)
        return expression.strip('"')


def _only(bpmn: bytes, start_event: str) -> Any:
    root = etree.fromstring(bpmn, etree.XMLParser(resolve_entities=False, no_network=True))
    for start in list(root.iter(f"{BPMN}startEvent")):
        if start.getparent().tag == f"{BPMN}process" and start.get("id") != start_event:
            _drop(root, start)
    for kind in _TIMES:
        for node in root.iter(f"{BPMN}{kind}"):
            text = (node.text or "").strip()
            node.text = '"2099-01-01T00:00:00+00:00"' if text.startswith("=") else f'"{text}"'
    return root


def _drop(root: Any, node: Any) -> None:
    for flow in list(root.iter(f"{BPMN}sequenceFlow")):
        if flow.get("sourceRef") == node.get("id"):
            flow.getparent().remove(flow)
    for reference in list(root.iter(f"{BPMN}flowNodeRef")):
        if reference.text == node.get("id"):
            reference.getparent().remove(reference)
    node.getparent().remove(node)
