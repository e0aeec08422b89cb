"""Plays the flows of a document, each in a process of its own that is quick to start.

A build has many flows, and most of the time of a short one would go into loading pytest and seqtest. So one process
loads them once, and is forked for each flow: the user's application and conftest files are loaded in the fork alone,
as they stand then. Where processes cannot be forked each flow starts Python anew.
"""

import atexit
import json
import os
import selectors
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 900
"""A run that takes longer is given up."""
MOST_LINES = 15
"""Of what a run said that came to nothing."""
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # where the system's own libraries break in a fork


def played(file: Path, root: Path, prefix: str) -> dict[str, Any]:
    """What `seqtest.documents.play` finds: `{"cases": …, "obstacles": …}`. Ids in pictures begin with the prefix."""
    with tempfile.TemporaryDirectory(prefix="seqtest-") as folder:
        out, log = Path(folder, "played.json"), Path(folder, "log.txt")
        try:
            code = (_forked if CAN_FORK else _started)(out, log, prefix, file, root)
        except TimeoutError:
            return {"cases": [], "obstacles": [f"the run took longer than {TIMEOUT_SECONDS} s and was given up"]}
        said = log.read_text(encoding="utf-8", errors="replace").strip() if log.exists() else ""
        wrong = f"it could not be run (exit code {code})\n" + "\n".join(said.splitlines()[-MOST_LINES:])
        if not out.exists():
            return {"cases": [], "obstacles": [wrong]}
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        if said and not found["cases"] and not found["obstacles"]:  # a conftest that cannot be loaded
            found["obstacles"] = [wrong.replace(f"(exit code {code})", f"(exit code {found['code']})")]
    return found


def _started(out: Path, log: Path, prefix: str, file: Path, root: Path) -> int:
    command = [sys.executable, "-m", "seqtest.documents.play", str(out), prefix, str(file)]
    try:
        with log.open("wb") as said:
            return subprocess.run(  # noqa: S603 - the user's own tests, which the document asks for
                command, cwd=root, stdout=said, stderr=said, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS
            ).returncode
    except subprocess.TimeoutExpired:
        raise TimeoutError from None


class _Nursery:
    """The process that is forked. It ends when this one does, since nobody writes to it any more."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "seqtest.documents.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that a run that hangs can be stopped with all that it started
        )
        atexit.register(self.stop)

    def play(self, request: dict[str, Any]) -> int:
        """The exit code. Raises TimeoutError, and OSError when the process is gone."""
        writes, reads = self._process.stdin, self._process.stdout
        if writes is None or reads is None:
            raise OSError("no pipe")
        writes.write(json.dumps(request).encode() + b"\n")
        writes.flush()
        with selectors.DefaultSelector() as waiting:
            waiting.register(reads, selectors.EVENT_READ)
            if not waiting.select(TIMEOUT_SECONDS):
                raise TimeoutError
        line = reads.readline()
        if not line:
            raise OSError("it ended")
        return int(line)

    def stop(self) -> None:
        """End it, and the run that is under way."""
        if self.pid != os.getpid():
            return
        atexit.unregister(self.stop)
        with suppress(OSError):
            os.killpg(self._process.pid, 9)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


_nursery: _Nursery | None = None


def _forked(out: Path, log: Path, prefix: str, file: Path, root: Path) -> int:
    """Ask the process that is there; a builder of documents that was forked itself has one of its own."""
    global _nursery
    if _nursery is None or _nursery.pid != os.getpid():
        _nursery = _Nursery()
    request = {
        "out": str(out), "log": str(log), "prefix": prefix, "file": str(file), "root": str(root),
        "environment": dict(os.environ),
    }  # fmt: skip
    try:
        return _nursery.play(request)
    except (OSError, ValueError) as problem:
        _nursery.stop()
        _nursery = None
        if isinstance(problem, TimeoutError):
            raise
        return _started(out, log, prefix, file, root)
