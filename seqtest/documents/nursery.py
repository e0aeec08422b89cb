"""Forked for each flow that is played: `python -m seqtest.documents.nursery`.

A line of JSON on standard input is a run (`out`, `log`, `prefix`, `file`, `root`, `environment`), a line on standard
output its exit code.
"""

import gc
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Any, NoReturn

DRAWING = """\
@startuml
participant a <<resource-server>>
b -> a : GET /
note right : a = 1
a --> b : 200
@enduml
"""
"""What is read once, so that the reader's tables are there."""


def main() -> None:
    """Until standard input ends."""
    _load()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _play(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _load() -> None:
    """All that every run needs; nothing of the user's."""
    import seqtest.documents.play
    import seqtest.pytest_plugin.collect
    import seqtest.pytest_plugin.report
    import seqtest.pytest_plugin.strangers
    import seqtest.pytest_plugin.unreadable
    from seqtest import api
    from seqtest.diagram.read import read
    from seqtest.pytest_plugin import item
    from seqtest.source import Source

    if "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ:
        for plugin in entry_points(group="pytest11"):
            with suppress(Exception):  # whoever uses it is told when it is used
                plugin.load()
    item.load()
    seqtest.documents.play.load()
    for diagram in read(Source("warm-up.puml", DRAWING)):
        api.cases(diagram)
    gc.collect()
    gc.freeze()


def _play(request: dict[str, Any]) -> NoReturn:
    """In the fork. It ends as an interpreter does that was started for it, and never goes back into the loop."""
    code = 1
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.chdir(request["root"])
        os.environ.clear()
        os.environ.update(request["environment"])
        from seqtest.documents.play import main as play

        code = play(request["out"], request["prefix"], request["file"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the log is what somebody reads
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
