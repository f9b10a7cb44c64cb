"""The referee itself: cases whose answer the standard gives, and the variety of what the generator draws."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from . import model
from .bpmn_writer import timer_text, write_bpmn
from .expressions import UnknownVariableError, evaluate
from .generator import Seeded, next_action, processes, random_process, results_for, start_values
from .model import Flow, Mapping, MultiInstance, Node, Process, Timer
from .token_game import Action, Referee

_KINDS = {
    "start": model.START,
    "end": model.END,
    "task": model.USER,
    "script": model.SCRIPT,
    "sub": model.SUB_PROCESS,
    "xor": model.EXCLUSIVE,
    "and": model.PARALLEL,
    "or": model.INCLUSIVE,
    "await": model.EVENT_BASED,
    "catch": model.CATCH,
    "event": model.THROW,
    "job": model.SERVICE,
    "receive": model.RECEIVE,
    "boundary": model.BOUNDARY,
}


def build(graph: str, **attributes: dict[str, Any]) -> Process:
    """A process from lines like `start >> xor_1 >> [=x > 1] task_a >> end`; `sub_1/task_b` lies in `sub_1`.

    A flow is named `source-target`.  The kind is what stands before the first `_`; `attributes` are the nodes' own.
    """
    nodes: dict[str, Node] = {}
    flows: list[Flow] = []
    for line in graph.strip().splitlines():
        source = None
        for part in line.split(">>"):
            condition, path = None, part.strip()
            if path.startswith("["):
                condition, path = path[1:].split("]")
            parent, _, name = path.strip().rpartition("/")
            if name not in nodes:
                nodes[name] = Node(name, _KINDS[name.split("_")[0]], parent or None, **attributes.get(name, {}))
            if source is not None:
                flows.append(Flow(f"{source}-{name}", source, name, condition))
            source = name
    return Process(tuple(nodes.values()), tuple(flows))


def play(process: Process, **variables: Any) -> Referee:
    referee = Referee(process)
    referee.start(variables)
    return referee


def action(referee: Referee, kind: str, element_id: str, number: int = 1) -> Action:
    return next(a for a in referee.enabled() if (a.kind, a.element_id, a.number) == (kind, element_id, number))


def complete(referee: Referee, element_id: str, number: int = 1, **variables: Any) -> None:
    referee.act(action(referee, "complete", element_id, number), variables)


def waiting(referee: Referee) -> dict[str, int]:
    return dict(referee.marking.waiting)


# Gateways


def test_parallel_join_waits_for_every_branch() -> None:
    referee = play(build("start >> and_1 >> task_a >> and_2 >> task_c >> end\nand_1 >> task_b >> and_2"))
    complete(referee, "task_a")
    assert waiting(referee) == {"task_b": 1}
    assert referee.marking.arrivals == {"task_a-and_2": 1}
    complete(referee, "task_b")
    assert waiting(referee) == {"task_c": 1}
    complete(referee, "task_c")
    assert referee.finished


def test_parallel_join_keeps_excess_tokens_and_fires_once_per_set() -> None:
    """Clause 13.4.1: excess tokens remain at the gateway."""
    referee = play(
        build(
            """
            start >> and_0 >> xor_m >> task_a >> and_2 >> task_z >> end
            and_0 >> xor_m
            and_0 >> task_b >> and_2
            """
        )
    )
    assert waiting(referee) == {"task_a": 2, "task_b": 1}
    complete(referee, "task_a", 1)
    complete(referee, "task_a", 2)
    complete(referee, "task_b", 1)
    assert waiting(referee) == {"task_z": 1}
    assert referee.marking.arrivals == {"task_a-and_2": 1}
    complete(referee, "task_z")
    assert referee.stuck


def test_parallel_section_in_a_loop_joins_anew_on_every_turn() -> None:
    referee = play(
        build(
            """
            start >> xor_m >> and_1 >> task_a >> and_2 >> xor_s >> end
            and_1 >> task_b >> and_2
            and_1 >> task_c >> and_2
            xor_s >> [=n < 3] xor_m
            """,
            xor_s={"default": "xor_s-end"},
        ),
        n=0,
    )
    for turn in (1, 2, 3):
        assert waiting(referee) == {"task_a": 1, "task_b": 1, "task_c": 1}
        complete(referee, "task_c", turn)
        complete(referee, "task_a", turn, n=turn)
        assert waiting(referee) == {"task_b": 1}
        complete(referee, "task_b", turn)
    assert referee.finished


def test_loop_inside_a_parallel_branch_leaves_the_other_branch_alone() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> xor_s >> and_2 >> end
            xor_s >> [=again = 1] task_a
            and_1 >> task_b >> and_2
            """,
            xor_s={"default": "xor_s-and_2"},
        )
    )
    complete(referee, "task_a", 1, again=1)
    complete(referee, "task_a", 2, again=1)
    complete(referee, "task_b")
    assert waiting(referee) == {"task_a": 1}
    complete(referee, "task_a", 3, again=0)
    assert referee.finished


def test_inner_split_merges_straight_into_the_outer_join() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> and_2 >> end
            and_1 >> and_i >> task_b >> and_2
            and_i >> task_c >> and_2
            """
        )
    )
    complete(referee, "task_c")
    complete(referee, "task_a")
    assert not referee.finished
    complete(referee, "task_b")
    assert referee.finished


def test_choice_inside_a_parallel_section_without_a_merge_deadlocks() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> and_2 >> end
            and_1 >> xor_i >> [=x > 0] task_b >> and_2
            xor_i >> task_c >> and_2
            """,
            xor_i={"default": "xor_i-task_c"},
        ),
        x=1,
    )
    complete(referee, "task_a")
    complete(referee, "task_b")
    assert referee.stuck
    assert not referee.finished
    assert referee.marking.arrivals == {"task_a-and_2": 1, "task_b-and_2": 1}


def test_uncontrolled_merge_runs_the_activity_once_per_token() -> None:
    referee = play(build("start >> and_1 >> task_a >> task_c >> end\nand_1 >> task_b >> task_c"))
    complete(referee, "task_b")
    complete(referee, "task_a")
    assert referee.user_tasks() == [("task_c", 1), ("task_c", 2)]
    complete(referee, "task_c", 2)
    assert not referee.finished
    complete(referee, "task_c", 1)
    assert referee.finished


def test_exclusive_gateway_takes_the_first_true_flow_only() -> None:
    process = build(
        "start >> xor_1 >> [=x > 0] task_a >> end\nxor_1 >> [=x > 1] task_b >> end\nxor_1 >> task_c >> end",
        xor_1={"default": "xor_1-task_c"},
    )
    assert waiting(play(process, x=2)) == {"task_a": 1}
    assert waiting(play(process, x=0)) == {"task_c": 1}


@pytest.mark.parametrize(
    ("variables", "kind"),
    [({}, "unknown_variable"), ({"x": None}, "condition_not_boolean"), ({"x": 0}, "no_flow")],
)
def test_a_gateway_without_an_answer_is_an_incident_and_other_branches_go_on(variables: dict, kind: str) -> None:
    process = build(
        """
        start >> and_1 >> xor_1 >> [=x > 0] task_a >> end
        xor_1 >> [=x > 1] task_b >> end
        and_1 >> task_c >> end
        """
    )
    referee = play(process, **variables)
    assert referee.incidents == [("xor_1", 1, kind)]
    assert waiting(referee) == {"xor_1": 1, "task_c": 1}
    complete(referee, "task_c", x=1)
    assert not referee.finished
    referee.act(action(referee, "retry", "xor_1"))
    assert waiting(referee) == {"task_a": 1}
    assert referee.incidents == []


INCLUSIVE = """
start >> or_1 >> [=x > 0] task_a >> or_2 >> task_z >> end
or_1 >> [=x > 1] task_b >> or_2
or_1 >> task_c >> or_2
"""


@pytest.mark.parametrize(("x", "chosen"), [(2, ["task_a", "task_b"]), (1, ["task_a"]), (0, ["task_c"])])
def test_inclusive_join_waits_for_the_chosen_branches_only(x: int, chosen: list[str]) -> None:
    referee = play(build(INCLUSIVE, or_1={"default": "or_1-task_c"}), x=x)
    assert waiting(referee) == dict.fromkeys(chosen, 1)
    for task in chosen:
        assert waiting(referee).get("task_z") is None
        complete(referee, task)
    assert waiting(referee) == {"task_z": 1}


def test_inclusive_join_fires_when_the_branch_it_waited_for_ends_elsewhere() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> or_2 >> task_z >> end
            and_1 >> task_b >> xor_1 >> [=go = 1] or_2
            xor_1 >> end_b
            """,
            xor_1={"default": "xor_1-end_b"},
        )
    )
    complete(referee, "task_a")
    assert waiting(referee) == {"task_b": 1}
    complete(referee, "task_b", go=0)
    assert waiting(referee) == {"task_z": 1}


def test_inclusive_join_does_not_wait_for_a_token_that_can_reach_a_filled_flow_too() -> None:
    """Clause 13.4.3, second condition: such a token makes no new flow certain."""
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> xor_m >> or_2 >> task_z >> end
            and_1 >> task_b >> xor_1 >> [=x > 0] xor_m
            xor_1 >> or_2
            """,
            xor_1={"default": "xor_1-or_2"},
        ),
        x=0,
    )
    complete(referee, "task_a")
    assert waiting(referee) == {"task_b": 1, "task_z": 1}


def test_inclusive_join_waits_for_the_path_of_a_boundary_event() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> or_2 >> task_z >> end
            and_1 >> task_b >> end_b
            boundary_t >> or_2
            """,
            boundary_t={"attached_to": "task_b", "event": model.TIMER, "timer": Timer()},
        )
    )
    complete(referee, "task_a")
    assert waiting(referee) == {"task_b": 1}
    referee.act(action(referee, "timer", "boundary_t"))
    assert waiting(referee) == {"task_z": 1}


def test_inclusive_join_waits_for_a_token_inside_a_sub_process() -> None:
    referee = play(
        build(
            """
            start >> and_1 >> task_a >> or_2 >> task_z >> end
            and_1 >> sub_1 >> or_2
            sub_1/start_1 >> sub_1/task_i >> sub_1/end_1
            """
        )
    )
    complete(referee, "task_a")
    assert waiting(referee) == {"task_i": 1}
    assert referee.marking.scopes == {"sub_1": 1}
    complete(referee, "task_i")
    assert waiting(referee) == {"task_z": 1}


def test_event_based_gateway_follows_the_first_event_and_withdraws_the_others() -> None:
    process = build(
        "start >> await_1 >> catch_t >> task_t >> end\nawait_1 >> catch_m >> task_m >> end",
        catch_t={"event": model.TIMER, "timer": Timer("duration", 30)},
        catch_m={"event": model.MESSAGE, "message": "pesan"},
    )
    referee = play(process)
    assert [(a.kind, a.element_id, a.holder) for a in referee.enabled()] == [
        ("message", "catch_m", "await_1"),
        ("timer", "catch_t", "await_1"),
    ]
    trace = referee.act(action(referee, "message", "catch_m"), {"x": 7})
    assert trace.flows == ["await_1-catch_m", "catch_m-task_m"]
    assert waiting(referee) == {"task_m": 1}
    assert referee.variables == {"x": 7}
    assert [a.kind for a in referee.enabled()] == ["complete"]


# Events


def sub_process(**attributes: dict[str, Any]) -> Process:
    return build(
        """
        start >> sub_1 >> task_after >> end
        sub_1/start_1 >> sub_1/and_1 >> sub_1/task_i >> sub_1/end_1
        sub_1/and_1 >> sub_1/task_j >> sub_1/end_2
        boundary_1 >> task_handler >> end_3
        """,
        **attributes,
    )


def test_interrupting_timer_cancels_everything_inside_the_sub_process() -> None:
    timer = {"attached_to": "sub_1", "event": model.TIMER, "timer": Timer()}
    referee = play(sub_process(boundary_1=timer))
    complete(referee, "task_i")
    trace = referee.act(action(referee, "timer", "boundary_1"))
    assert waiting(referee) == {"task_handler": 1}
    assert trace.withdrawn == [("task_j", 1)]
    assert trace.entered == ["boundary_1", "task_handler"]
    assert referee.marking.scopes == {}
    complete(referee, "task_handler")
    assert referee.finished


def test_terminate_end_ends_its_own_scope_and_the_outer_one_goes_on() -> None:
    boundary = {"attached_to": "sub_1", "event": model.TIMER, "timer": Timer()}
    referee = play(sub_process(boundary_1=boundary, end_1={"event": model.TERMINATE}))
    complete(referee, "task_i")
    assert waiting(referee) == {"task_after": 1}
    assert [a.kind for a in referee.enabled()] == ["complete"]


def test_terminate_end_of_the_process_ends_the_instance() -> None:
    process = build("start >> and_1 >> task_a >> end\nand_1 >> task_b >> end_b", end={"event": model.TERMINATE})
    referee = play(process)
    complete(referee, "task_a")
    assert referee.finished
    assert waiting(referee) == {}


@pytest.mark.parametrize("caught_code", ["galat", None])
def test_error_end_is_caught_at_the_sub_process_by_its_code_or_by_any(caught_code: str | None) -> None:
    boundary = {"attached_to": "sub_1", "event": model.ERROR, "error_code": caught_code}
    referee = play(sub_process(boundary_1=boundary, end_1={"event": model.ERROR, "error_code": "galat"}))
    complete(referee, "task_i")
    assert waiting(referee) == {"task_handler": 1}


def test_error_end_that_nobody_catches_is_an_incident() -> None:
    boundary = {"attached_to": "sub_1", "event": model.ERROR, "error_code": "lain"}
    referee = play(sub_process(boundary_1=boundary, end_1={"event": model.ERROR, "error_code": "galat"}))
    complete(referee, "task_i")
    assert referee.incidents == [("end_1", 1, "error_uncaught")]
    assert waiting(referee) == {"end_1": 1, "task_j": 1}
    complete(referee, "task_j")
    assert not referee.finished


def test_non_interrupting_duration_fires_once_and_leaves_the_task() -> None:
    process = build(
        "start >> task_a >> end\nboundary_1 >> task_r >> end_r",
        boundary_1={"attached_to": "task_a", "event": model.TIMER, "timer": Timer(), "interrupting": False},
    )
    referee = play(process)
    referee.act(action(referee, "timer", "boundary_1"))
    assert waiting(referee) == {"task_a": 1, "task_r": 1}
    assert [a.kind for a in referee.enabled()] == ["complete", "complete"]
    complete(referee, "task_a")
    assert not referee.finished
    complete(referee, "task_r")
    assert referee.finished


def test_cycle_fires_as_often_as_it_says_at_even_distances() -> None:
    cycle = Timer("cycle", 10, 3)
    process = build(
        "start >> task_a >> end\nboundary_1 >> end_r",
        boundary_1={"attached_to": "task_a", "event": model.TIMER, "timer": cycle, "interrupting": False},
    )
    referee = play(process)
    due = []
    while timers := [a for a in referee.enabled() if a.kind == "timer"]:
        due.append(timers[0].due)
        referee.act(timers[0])
    assert due == [10, 20, 30]


def test_non_interrupting_message_boundary_catches_many() -> None:
    message = {"event": model.MESSAGE, "message": "pesan", "interrupting": False}
    process = build("start >> task_a >> end\nboundary_1 >> end_r", boundary_1={"attached_to": "task_a", **message})
    referee = play(process)
    for number in range(4):
        referee.act(action(referee, "message", "boundary_1"), {"n": number})
    assert referee.variables == {"n": 3}
    assert waiting(referee) == {"task_a": 1}


def test_timers_fire_in_due_order_and_a_passed_date_before_anything_else() -> None:
    process = build(
        "start >> and_1 >> catch_a >> end\nand_1 >> catch_b >> catch_c >> end",
        catch_a={"event": model.TIMER, "timer": Timer("duration", 30)},
        catch_b={"event": model.TIMER, "timer": Timer("duration", 20)},
        catch_c={"event": model.TIMER, "timer": Timer("date", 5)},
    )
    referee, order = play(process), []
    while actions := referee.enabled_in_time():
        order.append((actions[0].element_id, len(actions), referee.now))
        referee.act(actions[0])
    assert order == [("catch_b", 1, 0), ("catch_c", 1, 20), ("catch_a", 1, 20)]


# Multi-instance


def many(kind: str = "task_m", *, sequential: bool = False, **more: Any) -> Process:
    multi = MultiInstance(sequential, "=l1", "item", "hasil", "=h")
    return build(
        f"start >> {kind} >> task_z >> end", **{kind: {"multi": multi, "script": "=item + 1", "result": "h", **more}}
    )


def test_parallel_multi_instance_opens_all_items_and_orders_results_by_index() -> None:
    referee = play(many(), l1=[5, 6, 7])
    assert [referee.visible("task_m", n)["item"] for n in (1, 2, 3)] == [5, 6, 7]
    assert [referee.visible("task_m", n)["loopCounter"] for n in (1, 2, 3)] == [1, 2, 3]
    for number in (3, 1, 2):
        assert "hasil" not in referee.variables
        complete(referee, "task_m", number, h=number * 10)
    assert referee.variables == {"l1": [5, 6, 7], "hasil": [10, 20, 30]}
    assert waiting(referee) == {"task_z": 1}


def test_sequential_multi_instance_opens_one_item_after_another() -> None:
    referee = play(many(sequential=True), l1=[5, 6])
    assert waiting(referee) == {"task_m": 1}
    complete(referee, "task_m", 1, h=1)
    assert referee.visible("task_m", 2)["item"] == 6
    complete(referee, "task_m", 2, h=2)
    assert referee.variables["hasil"] == [1, 2]


def test_multi_instance_over_nothing_completes_at_once_with_an_empty_result() -> None:
    referee = play(many(), l1=[])
    assert waiting(referee) == {"task_z": 1}
    assert referee.variables["hasil"] == []


def test_multi_instance_over_no_list_is_an_incident() -> None:
    referee = play(many(), l1=3)
    assert referee.incidents == [("task_m", 1, "not_a_list")]


@pytest.mark.parametrize("sequential", [True, False])
def test_multi_instance_script_keeps_item_results_local(*, sequential: bool) -> None:
    referee = play(many("script_m", sequential=sequential), l1=[1, 2, 3])
    assert referee.variables == {"l1": [1, 2, 3], "hasil": [2, 3, 4]}


def test_multi_instance_boundary_interrupts_all_items() -> None:
    process = build(
        "start >> task_m >> end\nboundary_1 >> task_h >> end_h",
        task_m={"multi": MultiInstance(False, "=[1, 2]")},
        boundary_1={"attached_to": "task_m", "event": model.TIMER, "timer": Timer()},
    )
    referee = play(process)
    assert [a.number for a in referee.enabled() if a.kind == "timer"] == [1]
    trace = referee.act(action(referee, "timer", "boundary_1"))
    assert sorted(trace.withdrawn) == [("task_m", 1), ("task_m", 2)]
    assert waiting(referee) == {"task_h": 1}


def test_terminate_in_a_multi_instance_sub_process_ends_that_item_only() -> None:
    process = build(
        "start >> sub_1 >> end\nsub_1/start_1 >> sub_1/task_i >> sub_1/end_1",
        sub_1={"multi": MultiInstance(False, "=[1, 2]")},
        end_1={"event": model.TERMINATE},
    )
    referee = play(process)
    complete(referee, "task_i", 1)
    assert waiting(referee) == {"task_i": 1}
    complete(referee, "task_i", 2)
    assert referee.finished


def test_an_error_in_one_item_is_caught_at_the_activity_and_ends_all_items() -> None:
    process = build(
        """
        start >> sub_1 >> end
        sub_1/start_1 >> sub_1/task_i >> sub_1/end_1
        boundary_1 >> task_h >> end_h
        """,
        sub_1={"multi": MultiInstance(False, "=[1, 2]")},
        end_1={"event": model.ERROR, "error_code": "galat"},
        boundary_1={"attached_to": "sub_1", "event": model.ERROR},
    )
    referee = play(process)
    assert referee.marking.scopes == {"sub_1": 2}
    complete(referee, "task_i", 2)
    assert waiting(referee) == {"task_h": 1}
    assert referee.marking.scopes == {}


def test_items_see_what_the_body_has_collected_so_far() -> None:
    referee = play(many(sequential=True), l1=[5, 6])
    complete(referee, "task_m", 1, h=1)
    assert referee.visible("task_m", 2)["hasil"] == [1, None]
    assert "hasil" not in referee.visible("task_m", 2, collecting=False)


# Variables


def test_message_at_a_boundary_passes_by_the_variables_of_its_activity() -> None:
    process = build(
        "start >> task_a >> end\nboundary_1 >> end_r",
        task_a={"inputs": (Mapping("=1", "x1"),)},
        boundary_1={"attached_to": "task_a", "event": model.MESSAGE, "message": "pesan", "interrupting": False},
    )
    referee = play(process, x1=7)
    referee.act(action(referee, "message", "boundary_1"), {"x1": 8})
    assert referee.variables == {"x1": 8}
    assert referee.visible("task_a", 1) == {"x1": 1}
    assert [scope["variables"] for scope in referee.scope_tree()["scopes"]] == [{"x1": 1}]


def test_results_without_mappings_go_to_the_nearest_scope_that_has_the_name() -> None:
    process = build(
        "start >> sub_1 >> end\nsub_1/start_1 >> sub_1/task_i >> sub_1/task_j >> sub_1/end_1",
        sub_1={"inputs": (Mapping("=x1 + 1", "p1"),)},
    )
    referee = play(process, x1=1)
    complete(referee, "task_i", x1=5, p1=9, baru=3)
    assert referee.variables == {"x1": 5, "baru": 3}
    assert referee.visible("task_j", 1) == {"x1": 5, "baru": 3, "p1": 9}
    complete(referee, "task_j")
    assert referee.variables == {"x1": 5, "baru": 3}


def test_a_result_named_as_an_input_stays_in_the_task() -> None:
    referee = play(build("start >> task_a >> end", task_a={"inputs": (Mapping("=x1 + 1", "x1"),)}), x1=1)
    assert referee.visible("task_a", 1) == {"x1": 2}
    complete(referee, "task_a", x1=50)
    assert referee.variables == {"x1": 1}


def test_output_mappings_let_only_their_targets_out() -> None:
    referee = play(build("start >> task_a >> end", task_a={"outputs": (Mapping("=x1 + y", "m1"),)}), x1=1)
    complete(referee, "task_a", x1=50, y=2)
    assert referee.variables == {"x1": 1, "m1": 52}


def test_parallel_branches_write_in_the_order_their_tokens_arrive() -> None:
    """First in, first out: b's one script runs before a's second."""
    process = build(
        "start >> and_1 >> script_a >> script_aa >> end\nand_1 >> script_b >> end",
        script_a={"script": "=x1 + 1", "result": "x1"},
        script_aa={"script": "=x1 + x1", "result": "x1"},
        script_b={"script": "=x1 + 10", "result": "x1"},
    )
    assert play(process, x1=0).variables == {"x1": 22}


def test_items_of_a_multi_instance_take_their_turn_behind_tokens_that_moved_earlier() -> None:
    process = build(
        "start >> and_1 >> script_m >> end\nand_1 >> script_b >> end",
        script_m={"multi": MultiInstance(False, "=[1, 2]"), "script": "=x1 + x1", "result": "x1"},
        script_b={"script": "=x1 + 10", "result": "x1"},
    )
    assert play(process, x1=1).variables == {"x1": 44}


def test_a_mapping_sees_the_targets_of_those_before_it() -> None:
    outputs = (Mapping("=x1 + 1", "m1"), Mapping("=m1 + 1", "x1"), Mapping("=x1 + 1", "m2"))
    referee = play(build("start >> task_a >> end", task_a={"outputs": outputs}), x1=1)
    complete(referee, "task_a")
    assert referee.variables == {"x1": 3, "m1": 2, "m2": 4}


def test_a_completion_condition_ends_the_rest_and_sees_what_was_collected() -> None:
    multi = MultiInstance(False, "=[1, 2, 3]", "n", "c", "=n + 1", "=n = 2")
    referee = play(build("start >> task_a >> end", task_a={"multi": multi}))
    complete(referee, "task_a", 3)
    assert referee.visible("task_a", 1)["c"] == [None, None, 4]
    complete(referee, "task_a", 2)
    assert referee.finished
    assert referee.variables == {"c": [None, 3, 4]}


def test_an_error_of_a_job_goes_to_its_own_boundary_event_or_is_an_incident() -> None:
    graph = "start >> job_1 >> end\nboundary_e >> task_z >> end_2"
    job = {"throws": "galat"}
    caught = play(build(graph, job_1=job, boundary_e={"event": model.ERROR, "attached_to": "job_1"}))
    caught.act(action(caught, "throw", "job_1"))
    assert waiting(caught) == {"task_z": 1}
    alone = play(build("start >> job_1 >> end", job_1=job))
    alone.act(action(alone, "throw", "job_1"))
    assert alone.incidents == [("job_1", 1, "error_uncaught")]
    alone.act(action(alone, "retry", "job_1"))
    alone.act(action(alone, "job", "job_1"))
    assert alone.finished


def test_a_receive_task_takes_the_message_as_its_results() -> None:
    receive = {"event": model.MESSAGE, "message": "pesan", "outputs": (Mapping("=x1 + 1", "x2"),)}
    referee = play(build("start >> receive_1 >> end", receive_1=receive), x1=1)
    referee.act(action(referee, "message", "receive_1"), {"x1": 5})
    assert referee.variables == {"x1": 1, "x2": 6}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("=1 + 2 - 4", -1),
        ("=x + 1", None),
        ("=x > 1", None),
        ("=x = null", True),
        ("=x > 1 and 1 > 2", False),
        ("=x > 1 or 1 < 2", True),
        ("=x > 1 or 1 > 2", None),
        ("=[1, 2 + 1, y]", [1, 3, 4]),
        ('="PT" = "PT"', True),
        ("=y >= 4 and (y < 1 or y != 5)", True),
    ],
)
def test_expressions_follow_feel(expression: str, value: Any) -> None:
    assert evaluate(expression, {"y": 4}) == value


def test_a_gateway_names_the_unknown_variable() -> None:
    with pytest.raises(UnknownVariableError, match="z"):
        evaluate("=y > 0 or z > 0", {"y": 4}, strict=True)


# Writer and generator


@pytest.mark.parametrize(
    ("timer", "text"),
    [
        (Timer("duration", 5), "PT5M"),
        (Timer("duration", 5, feel=True), '=duration("PT5M")'),
        (Timer("date", 90), "2030-01-07T01:30:00Z"),
        (Timer("cycle", 7, 3), "R3/PT7M"),
        (Timer("cycle", 7), "R/PT7M"),
        (Timer("duration", 5, variable="x1"), '=duration("PT" + string(if x1 > 0 then x1 else 5) + "M")'),
        (Timer("cycle", 7, 3, variable="x1"), '="R3/PT" + string(if x1 > 0 then x1 else 7) + "M"'),
    ],
)
def test_timers_are_written_in_iso_8601_or_feel(timer: Timer, text: str) -> None:
    assert timer_text(timer) == text


def _facts(process: Process) -> Counter[str]:
    """What is in a process, as words."""
    facts = Counter(node.kind for node in process.nodes)
    for node in process.nodes:
        facts[f"{node.kind} {node.event}"] += node.event != model.NONE
        facts["sequential"] += node.multi is not None and node.multi.sequential
        facts["parallel multi-instance"] += node.multi is not None and not node.multi.sequential
        facts[f"multi-instance {node.kind}"] += node.multi is not None
        facts["input mapping"] += bool(node.inputs)
        facts["several input mappings"] += len(node.inputs) > 1
        facts["several output mappings"] += len(node.outputs) > 1
        facts["completion condition"] += node.multi is not None and node.multi.completion_condition is not None
        facts["timer reads a variable"] += node.timer is not None and node.timer.variable is not None
        facts["job may throw"] += node.throws is not None
        facts["output mapping"] += bool(node.outputs)
        facts["non-interrupting"] += not node.interrupting
        facts["cycle"] += node.timer is not None and node.timer.kind == "cycle"
        facts["nested sub-process"] += node.kind == model.SUB_PROCESS and node.parent is not None
        merges = len(process.incoming(node.id)) > 1
        facts[f"{node.kind} merges"] += merges
        facts["no default"] += node.kind == model.EXCLUSIVE and len(process.outgoing(node.id)) > 1 and not node.default
    position = {node.id: at for at, node in enumerate(process.nodes)}
    facts["loop"] += sum(position[flow.target] <= position[flow.source] for flow in process.flows)
    return facts


def _survey(seed: int, seen: Counter[str]) -> None:
    choices = Seeded(seed)
    process = random_process(choices)
    seen.update(dict.fromkeys(+_facts(process), 1))
    referee = Referee(process)
    traces = [referee.start(start_values(choices))]
    for _ in range(30):
        actions = referee.enabled_in_time()
        if not actions:
            break
        chosen = next_action(choices, actions)
        traces.append(referee.act(chosen, results_for(choices, chosen.sets)))
        seen[f"did {chosen.kind}"] += 1
    entered = Counter(name for trace in traces for name in trace.entered)
    seen["ended"] += referee.finished
    seen["deadlock"] += referee.stuck
    seen["incident"] += bool(referee.incidents)
    joins = [process.node(name) for name in entered if len(process.incoming(name)) > 1]
    seen["parallel join fired again"] += any(join.kind == model.PARALLEL and entered[join.id] > 1 for join in joins)
    seen["inclusive join fired"] += any(join.kind == model.INCLUSIVE for join in joins)


EXPECTED = {
    model.USER, model.SCRIPT, model.SUB_PROCESS, model.CATCH, model.THROW, model.BOUNDARY, model.EXCLUSIVE,
    model.PARALLEL, model.INCLUSIVE, model.EVENT_BASED, "endEvent terminate", "endEvent error", "boundaryEvent error",
    "boundaryEvent timer",
    "boundaryEvent message", "intermediateCatchEvent timer", "intermediateCatchEvent message", "sequential",
    "parallel multi-instance", "multi-instance userTask", "multi-instance scriptTask", "multi-instance subProcess",
    "input mapping", "output mapping", "non-interrupting", "cycle", "nested sub-process", "userTask merges",
    "parallelGateway merges", "inclusiveGateway merges", "exclusiveGateway merges", "no default", "loop",
    model.SERVICE, model.RECEIVE, "multi-instance serviceTask", "multi-instance receiveTask", "several input mappings",
    "several output mappings", "completion condition", "timer reads a variable", "job may throw",
    "did complete", "did job", "did throw", "did fail", "did timer", "did message", "did retry", "ended", "deadlock",
    "incident", "parallel join fired again", "inclusive join fired",
}  # fmt: skip


def test_the_generator_covers_every_feature_within_300_examples() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        _survey(seed, seen)
    assert {name: seen[name] for name in sorted(EXPECTED) if seen[name] < 5} == {}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(process=processes())
def test_every_generated_process_is_well_formed(process: Process) -> None:
    reached = {process.start(None).id}
    frontier = list(reached)
    while frontier:
        at = frontier.pop()
        following = {flow.target for flow in process.outgoing(at)} | {b.id for b in process.boundaries(at)}
        following |= {process.start(at).id} if process.node(at).kind == model.SUB_PROCESS else set()
        frontier += following - reached
        reached |= following
    assert reached == {node.id for node in process.nodes}
    for node in process.nodes:
        outgoing = process.outgoing(node.id)
        splits = node.kind in (model.EXCLUSIVE, model.INCLUSIVE, model.PARALLEL, model.EVENT_BASED)
        assert len(outgoing) == (0 if node.kind == model.END else 1) or (splits and len(outgoing) > 1)
        assert all(process.node(flow.target).parent == node.parent for flow in outgoing)
        chooses = node.kind in (model.EXCLUSIVE, model.INCLUSIVE) and len(outgoing) > 1
        assert all((flow.condition is not None) == (chooses and flow.id != node.default) for flow in outgoing)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(process=processes())
def test_the_writer_writes_every_node_and_flow_once_in_document_order(process: Process) -> None:
    root = etree.fromstring(write_bpmn(process))
    names = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL"}
    flows = {e.get("id"): (e.get("sourceRef"), e.get("targetRef")) for e in root.iterfind(".//b:sequenceFlow", names)}
    assert flows == {flow.id: (flow.source, flow.target) for flow in process.flows}
    for node in process.nodes:
        (element,) = root.xpath("//*[@id=$id]", id=node.id)
        assert etree.QName(element).localname == node.kind
        assert element.getparent().get("id") == (node.parent or process.key)
        assert [e.text for e in element.findall("b:outgoing", names)] == [flow.id for flow in process.outgoing(node.id)]
