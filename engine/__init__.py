"""Prima's engine: executes SOPs drawn in BPMN, keeps the record, replays it.  Knows nothing of the web.

    from engine import open_engine
    with open_engine(data_dir=Path("data")) as engine:
        engine.handle(StartProcessInstance(actor=Actor("petugas"), key="pelayanan_prima", ...))

Commands are in `engine.commands`, errors in `engine.errors`, what is shown in `engine.views`.
"""

from engine.bootstrap import open_engine
from engine.door import Engine

__all__ = ["Engine", "open_engine"]
