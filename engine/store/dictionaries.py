"""What journal bodies say anyway: the text that deflate may refer back to, one per journal format.

Rarer pieces stand first, because what is nearer to the end costs fewer bits to refer to.  A dictionary of a released
format never changes, not by a byte: everything stored with it would become unreadable.
"""

from __future__ import annotations

_FORMAT_1 = (
    '"kind":"DeployDefinition""kind":"CancelProcessInstance""kind":"SuspendProcessInstance"'
    '"kind":"ResumeProcessInstance""kind":"AddAccount""kind":"ChangeAccount""kind":"AdoptOrganisation"'
    '"kind":"AdoptCatalogue""kind":"RetryIncident""kind":"FailJob""kind":"AssignUserTask""kind":"CorrelateMessage"'
    '"kind":"PublishMessage""kind":"ReleaseUserTask""kind":"TriggerTimer""kind":"CompleteJob"'
    '"kind":"StartProcessInstance""kind":"ClaimUserTask""kind":"CompleteUserTask"'
    '"display_name":"","groups":["kepala-kkp","ka-tim-kerja:","petugas-layanan:"],"roles":["staff"],"superior":"","team":"'
    '{"event":"definition:deployed","files":[["forms/.form","process.bpmn","hash":"","key":"","message_starts":{},'
    '"name":"","notes":[],"version":1,"version_tag":"{"event":"account:added""event":"account:changed"'
    '"event":"account:disabled""event":"account:enabled""event":"account:password_set""event":"organisation:adopted"'
    '"event":"catalogue:adopted""event":"exclusion:added""event":"message:buffered","expires":""key":""name":""'
    '{"event":"message:published""event":"process_instance:terminated""event":"process_instance:suspended"'
    '"event":"process_instance:resumed""event":"incident:resolved","id":"{"event":"incident:raised","id":"","kind":"'
    '{"due":"","event":"time_standard:breached","held_by":"","superior":"","task":"","timer":"'
    '{"event":"user_task:released""event":"user_task:assigned","to":"{"event":"user_task:withdrawn","id":"'
    '{"attempt":1,"event":"job:failed","id":"","not_before":"","retries":{"event":"job:withdrawn","id":"'
    '{"event":"subscription:closed","id":"{"event":"subscription:opened","id":"","key":"","message":"'
    '{"business_key":"","event":"process_instance:keyed"{"business_key":"","definition":"",'
    '"event":"process_instance:started","key":"","start":"","team":"","version":1}'
    '{"due":"","event":"timer:fired","id":"{"event":"process_instance:completed"}'
    '{"event":"job:completed","id":""},{"event":"job:created","id":"","retries":3,"type":"'
    '{"event":"timer:cancelled","id":""},{"due":"2026-11-23T07:30:00.000000Z","event":"timer:scheduled","id":"","of":"'
    '{"by":"","event":"user_task:claimed","id":"{"by":"","event":"user_task:completed","id":""},'
    '{"assignee":"","due":"","event":"user_task:created","excluded":[],"follow_up":"","groups":["petugas-layanan:"],'
    '"id":"","priority":50,"users":[],"waits_for_customer":true,"values":{"$personal":"true,false,null'
    '{"event":"variables:set","scope":"","values":{"{"event":"flow_node:left","id":""},'
    '{"event":"flow_node:left","id":"","outcome":"{"event":"sequence_flow:taken","flow":"Flow_""},'
    '{"event":"flow_node:entered","id":"Gateway_Activity_Event_","scope":""},'
    '"00:00.000000Z","actor":{"account":"","acting_for":null,"door":"web"},"at":"2026-'
    '"actor":{"account":"","acting_for":"","door":"command_line"},"actor":{"account":"system","door":"runner"},"at":"'
    '","calendar":null,"cause":null,"cause":{"seq":1,"stream":"process_instance/instance/"},"command":{"command_id":"",'
    '"element_id":"","instance_id":"","job_id":"","kind":"","resolved":{"groups":[],"revision":1,"task":"","timer_id":"",'
    '"user_task_id":"","values":{},"variables":{}},"command_id":"","definition":null,"definition":"",'
    '"events":[{"event":"],"format":1,"organisation":null,"organisation":"","position":,"semantics":1,"seq":,"state":"",'
    '"state":null,"stream":"instance/","tenant":"office"}'
)

DICTIONARIES = {1: _FORMAT_1.encode()}
