"""A process that never waits for people: it ticks once a second for ever, so that timers are due all the time."""

from __future__ import annotations

KEY = "detak"
BPMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="http://example.org/uji">
  <bpmn:process id="detak" name="Detak" isExecutable="true">
    <bpmn:extensionElements>
      <zeebe:properties><zeebe:property name="variables" value="open" /></zeebe:properties>
    </bpmn:extensionElements>
    <bpmn:startEvent id="mulai"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="mulai" targetRef="lagi" />
    <bpmn:exclusiveGateway id="lagi">
      <bpmn:incoming>a</bpmn:incoming><bpmn:incoming>d</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="b" sourceRef="lagi" targetRef="sedetik" />
    <bpmn:intermediateCatchEvent id="sedetik">
      <bpmn:incoming>b</bpmn:incoming><bpmn:outgoing>c</bpmn:outgoing>
      <bpmn:timerEventDefinition id="waktu"><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="c" sourceRef="sedetik" targetRef="hitung" />
    <bpmn:scriptTask id="hitung">
      <bpmn:extensionElements><zeebe:script expression="=n + 1" resultVariable="n" /></bpmn:extensionElements>
      <bpmn:incoming>c</bpmn:incoming><bpmn:outgoing>d</bpmn:outgoing>
    </bpmn:scriptTask>
    <bpmn:sequenceFlow id="d" sourceRef="hitung" targetRef="lagi" />
  </bpmn:process>
</bpmn:definitions>
"""
