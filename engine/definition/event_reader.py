"""What an element waits for, throws or repeats: event definitions, messages, errors and multi-instance loops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.definition.bpmn_xml import (
    TRUE,
    Element,
    attribute,
    bpmn_children,
    children,
    local_reference,
    names,
    text_of,
)
from engine.definition.extensions import Extensions, read_extensions
from engine.definition.findings import Findings, check_element
from engine.definition.model import EventDefinition, EventKind, MultiInstance, TimerKind

_KINDS: Final = {
    "timerEventDefinition": EventKind.TIMER,
    "messageEventDefinition": EventKind.MESSAGE,
    "errorEventDefinition": EventKind.ERROR,
    "terminateEventDefinition": EventKind.TERMINATE,
}


class EventReader:
    """Reads events against the messages and errors that one file declares.

    `stand_ins` collects the ids of events that are refused, whose definition in the model is therefore not theirs.
    """

    def __init__(self, root: Element, findings: Findings) -> None:
        self.stand_ins: set[str] = set()
        self._findings = findings
        self._messages = {item.get("id"): item for item in bpmn_children(root, "message")}
        self._errors = {item.get("id"): item for item in bpmn_children(root, "error")}
        self._subscriptions: dict[str, Extensions] = {}

    def event(self, element: Element) -> EventDefinition:
        """The one event definition of an event; kind NONE if there is none, or none that is executed."""
        definitions = [child for child in children(element) if names(child)[1].endswith("EventDefinition")]
        count = len(definitions) + len(bpmn_children(element, "eventDefinitionRef"))
        if count > 1:
            self._refuse("several_event_definitions", element, count=count)
        elif count == 1 and not definitions:
            self.stand_ins.add(element.get("id") or "")  # a reference: refused with the element's other parts
        elif count == 1:
            return self._definition(definitions[0], element)
        return EventDefinition(EventKind.NONE)

    def receive(self, element: Element) -> EventDefinition:
        """The message that a receive task waits for."""
        return self._message(element, element)

    def multi_instance(self, element: Element) -> MultiInstance | None:
        """How an activity is repeated over a collection; None if it is not."""
        loops = bpmn_children(element, "multiInstanceLoopCharacteristics")
        if not loops:
            return None
        loop = loops[0]
        check_element(loop, self._findings)
        extensions = read_extensions(loop, self._findings)
        if "loopCharacteristics" not in extensions:
            self._findings.add("zeebe_incomplete", element, element="loopCharacteristics", attribute="inputCollection")
        conditions = bpmn_children(loop, "completionCondition")
        return MultiInstance(
            sequential=attribute(loop, "isSequential") in TRUE,
            input_collection=extensions.get("loopCharacteristics", "inputCollection") or "",
            input_element=extensions.get("loopCharacteristics", "inputElement"),
            output_collection=extensions.get("loopCharacteristics", "outputCollection"),
            output_element=extensions.get("loopCharacteristics", "outputElement"),
            completion_condition=self.expression(conditions[0], element) if conditions else None,
        )

    def expression(self, expression: Element, holder: Element) -> str:
        """The text of an expression, which must not be in a language other than FEEL."""
        language = attribute(expression, "language")
        if language and "feel" not in language.lower():
            self._findings.add("expression_language", holder, language=language)
        return text_of(expression)

    def _definition(self, definition: Element, element: Element) -> EventDefinition:
        local = names(definition)[1]
        kind = _KINDS.get(local)
        if kind is None:
            self._refuse("event_definition_unsupported", element, kind=local.removesuffix("EventDefinition"))
            return EventDefinition(EventKind.NONE)
        check_element(definition, self._findings)
        read_extensions(definition, self._findings)
        if kind is EventKind.TIMER:
            return self._timer(definition, element)
        if kind is EventKind.MESSAGE:
            return self._message(definition, element)
        if kind is EventKind.ERROR:
            return EventDefinition(kind, error_code=self._error_code(definition, element))
        return EventDefinition(kind)

    def _timer(self, definition: Element, element: Element) -> EventDefinition:
        written = bpmn_children(definition, *(kind.value for kind in TimerKind))
        if len(written) != 1 or not text_of(written[0]):
            self._refuse("timer_incomplete", element)
            return EventDefinition(EventKind.TIMER)
        text = self.expression(written[0], element)
        return EventDefinition(EventKind.TIMER, timer_kind=TimerKind(names(written[0])[1]), timer_text=text)

    def _message(self, definition: Element, element: Element) -> EventDefinition:
        message = self._referred(definition, "messageRef", element, self._messages)
        if message is None:
            self.stand_ins.add(element.get("id") or "")
            return EventDefinition(EventKind.MESSAGE)
        message_id = message.get("id") or ""
        if message_id not in self._subscriptions:
            check_element(message, self._findings)
            self._subscriptions[message_id] = read_extensions(message, self._findings)
        key = self._subscriptions[message_id].get("subscription", "correlationKey")
        return EventDefinition(EventKind.MESSAGE, message_name=attribute(message, "name"), correlation_key=key)

    def _error_code(self, definition: Element, element: Element) -> str | None:
        if attribute(definition, "errorRef") is None:
            return None
        error = self._referred(definition, "errorRef", element, self._errors)
        if error is None:
            self.stand_ins.add(element.get("id") or "")
            return None
        check_element(error, self._findings)
        read_extensions(error, self._findings)
        return attribute(error, "errorCode")

    def _referred(
        self, definition: Element, name: str, element: Element, targets: Mapping[str | None, Element]
    ) -> Element | None:
        target = local_reference(attribute(definition, name))
        if target is None:
            self._findings.add("reference_missing", element, attribute=name)
        elif target not in targets:
            self._findings.add("reference_unknown", element, attribute=name, target=target)
        else:
            return targets[target]
        return None

    def _refuse(self, rule: str, element: Element, **params: object) -> None:
        self._findings.add(rule, element, **params)
        self.stand_ins.add(element.get("id") or "")
