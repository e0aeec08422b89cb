"""What a saved file concerns, and the runs that follow: the loop of `seqtest watch`, without its sockets."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import IO, Protocol

from seqtest.cli import watched
from seqtest.cli.files import DEFAULT_FOLDER
from seqtest.cli.session import KNOWN
from seqtest.dataclass import dataclass
from seqtest.errors import Diagnostic
from seqtest.render.grid import clean
from seqtest.render.html.case import Case
from seqtest.render.html.report import Report
from seqtest.render.html.saved import Saved, digest_of, load
from seqtest.settings import FILE_PATTERNS
from seqtest.syntax.notation import is_called

CONFIGURES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Files that may change what any case does, as each Python file may."""
FEEDS = (".iuml", ".json", ".yaml", ".yml", ".pem")
"""Endings of files that a drawing may have looked for in vain."""
MOST_OUTPUT = 20_000
"""Characters of a session's output that a page shows."""
PATIENCE_SECONDS = 5
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-_])")
Choice = frozenset[Path] | None
"""Files to run; None for all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session came to. Without `saved` it could not be run, and `output` says why."""

    saved: Saved | None
    output: str = ""


class Audience(Protocol):
    """Who is told, and shows it."""

    def running(self, what: str) -> None: ...

    def show(self, report: Report, words: str, state: str) -> None: ...


@dataclass(slots=True)
class Watching:
    """The cases as they stand, and what each was made of."""

    root: Path
    """Where the session is started."""
    arguments: Sequence[str]
    play: Callable[[Sequence[str], Choice], Outcome]
    audience: Audience
    say: Callable[[str], None] = lambda text: None
    cases: dict[str, Case] = field(default_factory=dict)
    real: dict[str, float] = field(default_factory=dict)
    patterns: Sequence[str] = FILE_PATTERNS
    name: str = ""
    _read: dict[Path, str] = field(default_factory=dict)
    """What cases read while they were played → SHA-256 when the session was over: it may have written them itself."""

    def run(self, events: Iterable[Collection[Path]]) -> None:
        """Run everything, then what each of the events concerns: files that were saved together."""
        self._play(None, "all flows")
        for event in events:
            choice = self.concerned(event)
            if choice is None or choice:
                names = sorted(_shown(path, self.root) for path in choice or event)
                self._play(choice, ("all flows: " if choice is None else "") + ", ".join(names))

    def concerned(self, event: Collection[Path]) -> Choice:
        """The files whose cases these files concern: a drawing its own, a part of drawings all that have it.

        None, all of them, for Python files and the session's configuration. A file that is as it was concerns nobody.
        """
        if any(path.suffix == ".py" or path.name in CONFIGURES for path in event):
            return None
        found: set[Path] = set()
        for path in event:
            digest = digest_of(path)
            known = False
            for case in self.cases.values():
                root = _root_of(case, self.root)
                for name, before in case.get("made_of", {}).items():
                    if root / name == path:
                        known = True
                        if before != digest:
                            found.add(self._file(case))
                if path in self._read and path in {root / name for name in case.get("reads", ())}:
                    known = True
                    if self._read[path] != digest:
                        found.add(self._file(case))
            if known:
                continue
            if is_called(path.name, self.patterns):
                found.add(path)
            elif path.suffix in FEEDS and digest:
                found.update(self._file(case) for case in self.cases.values() if case["state"] == "error")
        return frozenset(path for path in found if self._is_ours(path))

    def _is_ours(self, path: Path) -> bool:
        return bool(
            places(chosen_arguments(self.arguments, frozenset((path,)), self.root, self.patterns), self.patterns)
        )

    def _file(self, case: Case) -> Path:
        return Path(os.path.normpath(self.root / case["file"]))

    def _play(self, choice: Choice, what: str) -> None:
        what = clean(what)
        self.say(f"running {what}")
        self.audience.running(what)
        outcome = self.play(chosen_arguments(self.arguments, choice, self.root, self.patterns), choice)
        if outcome.saved is not None:
            self._take(outcome.saved, choice)
        problem = "" if outcome.saved is not None else outcome.output or "the session ended without a word"
        report = Report(
            list(self.cases.values()), self.name, 0, (), dict(self.real), "", is_watched=True, problem=problem
        )
        words, state = verdict(self.cases, problem)
        self.audience.show(report, words, state)
        self.say(f"{words}; waiting for a file to be saved")

    def _take(self, saved: Saved, choice: Choice) -> None:
        old = {} if choice is None else {id: case for id, case in self.cases.items() if self._file(case) not in choice}
        self.cases = {**old, **{case["id"]: case for case in saved.cases}}
        self.real = {id: took for id, took in {**self.real, **saved.real}.items() if id in self.cases}
        self.patterns, self.name = saved.documents or self.patterns, saved.name
        for case in saved.cases:
            root = _root_of(case, self.root)
            self._read.update({root / name: digest_of(root / name) for name in case.get("reads", ())})


def verdict(cases: Mapping[str, Case], problem: str) -> tuple[str, str]:
    """What became of all cases in words, and in one: `kept`, `broken`, `problem`."""
    if problem:
        return "the flows could not be run", "problem"
    wrong = sum(case["state"] in ("failed", "error") for case in cases.values())
    if wrong:
        return f"{wrong} of {len(cases)} cases not kept", "broken"
    return f"{len(cases)} cases kept" if len(cases) != 1 else "1 case kept", "kept"


def places(arguments: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Those of pytest's arguments that say where flows are."""
    return [argument for argument in arguments if _is_place(argument, patterns)]


def _is_place(argument: str, patterns: Sequence[str]) -> bool:
    path = Path(argument.split("::", 1)[0])
    if argument.startswith("-"):
        return False
    return path.is_dir() or path.suffix == ".py" or is_called(path.name, (*patterns, "*.iuml"))


def chosen_arguments(arguments: Sequence[str], choice: Choice, root: Path, patterns: Sequence[str]) -> list[str]:
    """pytest's arguments without the places in which none of the chosen files is; by default the flows' folder."""
    whole = list(arguments)
    if not places(whole, patterns):
        whole.append(DEFAULT_FOLDER if (root / DEFAULT_FOLDER).is_dir() else ".")
    if choice is None:
        return whole
    return [one for one in whole if not _is_place(one, patterns) or _holds(one, choice, root)]


def _holds(place: str, choice: frozenset[Path], root: Path) -> bool:
    path = Path(os.path.normpath(root / place.split("::", 1)[0]))
    return any(path == file or path in file.parents for file in choice)


def _root_of(case: Case, start: Path) -> Path:
    """The folder that node ids are below, which need not be the one that the session was started in."""
    whole = Path(os.path.normpath(start / case["file"]))
    inner = Path(case["id"].split("::", 1)[0])
    return whole.parents[len(inner.parts) - 1] if len(inner.parts) <= len(whole.parents) else start


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


@dataclass(slots=True)
class Sessions:
    """Plays in a process of its own each time, so that the application is loaded as it stands now."""

    root: Path
    out: IO[bytes]
    """Where the session's own output goes."""
    has_colours: bool = False

    def play(self, arguments: Sequence[str], choice: Choice) -> Outcome:
        """Run pytest. What it says is passed on as it comes."""
        with tempfile.TemporaryDirectory(prefix="seqtest-") as folder:
            file = Path(folder, "run.json")
            own = ["--continue-on-collection-errors", "-W", KNOWN, f"--seqtest-save={file}", "-p", watched.__name__]
            own += ["--color=yes"] if self.has_colours else []
            environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
            if choice is not None:
                environment[watched.VARIABLE] = json.dumps(sorted(map(str, choice)))
            output = self._run([sys.executable, "-m", "pytest", *own, *arguments], environment)
            try:
                return Outcome(load(file), output) if file.exists() else Outcome(None, output)
            except Diagnostic as error:
                return Outcome(None, f"{output}\n{error}")

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """The last of what it says. Raises KeyboardInterrupt, when the session was stopped as well."""
        process = subprocess.Popen(  # noqa: S603 - the user's own tests
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours: we stop it
        )
        said = bytearray()
        reader = threading.Thread(target=self._pass_on, args=(process, said), daemon=True)
        reader.start()
        try:
            process.wait()
        except BaseException:
            _stop(process)
            raise
        reader.join(PATIENCE_SECONDS)  # what the session left running may hold its output open
        text = _ESCAPES.sub("", said.decode("utf-8", "replace"))[-MOST_OUTPUT:]
        return "\n".join(clean(line) for line in text.splitlines()).strip()

    def _pass_on(self, process: "subprocess.Popen[bytes]", said: bytearray) -> None:
        stream = process.stdout
        while stream is not None and (part := os.read(stream.fileno(), 65_536)):
            said += part
            del said[: -4 * MOST_OUTPUT]
            # `| head` has read enough: what else there is to say is still collected.
            with suppress(BrokenPipeError):
                self.out.write(part)
                self.out.flush()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the session and what it started: gently, then not."""
    kill = getattr(os, "killpg", None)
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with suppress(OSError):
            kill(process.pid, number) if kill is not None else process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
            return
