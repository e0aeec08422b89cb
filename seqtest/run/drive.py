"""Drive: carry out what the player commands, and tell it what came of it.

One `Run` serves every frame: the front door's loop and each intercepted call's are the same few lines. The lock is held
while the player thinks, never while a command is carried out. Whatever a bound participant does with our exceptions,
the run is green only when the player said `Finish`.
"""

import itertools
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from time import monotonic, perf_counter
from typing import Any, NoReturn

from seqtest.actors.actor import Actor, NotAnAnswer, as_result, never_run
from seqtest.actors.application import as_response, is_built_in
from seqtest.actors.remote import Unreachable
from seqtest.clock import Clock
from seqtest.dataclass import replace
from seqtest.errors import Diagnostic, Finding
from seqtest.exchange import NOTHING, Action, Answer, Lost, Message, Response, Result
from seqtest.intercepts import patches
from seqtest.intercepts import speaker as speakers
from seqtest.intercepts.elders import Elders
from seqtest.intercepts.speaker import SPEAKER, RunIsOver, Speaker, speaking
from seqtest.intercepts.workers import Workers
from seqtest.run import refusal
from seqtest.run.cast import Cast
from seqtest.run.events import (
    FRONT_DOOR,
    Act,
    Advance,
    Ask,
    Breached,
    Called,
    Command,
    Done,
    Drop,
    Event,
    Finish,
    Overdue,
    Park,
    Quiet,
    Refuse,
    Replied,
    Reply,
    Send,
    Started,
    Stopped,
    Woken,
)
from seqtest.run.play import play
from seqtest.run.prepare import Prepared, allows, is_named, is_the_test_runners, prepare
from seqtest.run.watch import TIMEOUT_SECONDS, watching
from seqtest.scenario import Script
from seqtest.trace import Trace

PATIENCE = 5.0
"""Seconds of real time to wait for work that a participant began; paid in full only by runs that fail."""

ELDERS_SECONDS = 1.0
"""How long to wait for a thread that is older than the run, once for each place where it may rest."""
ELDERS_LOOK_SECONDS = 0.001
WORKERS_LOOK_SECONDS = 0.001

Givens = Mapping[str, Callable[[], object]]


def nowhere(name: str) -> Any:
    """No value comes from outside the diagram."""
    raise KeyError(name)


def drive(
    script: Script,
    cast: Cast,
    clock: Clock,
    *,
    seed: int = 0,
    outside: Callable[[str], Any] = nowhere,
    givens: Givens = NOTHING,
    prepared: Prepared | None = None,
    patience: float = PATIENCE,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Trace:
    """Play the scenario with this cast and return what happened.

    `givens` bring about guards by their text; `prepared` is what `prepare` made of the same arguments, for a caller
    that needs the contents itself. After `timeout_seconds` a message that does not come back is given up; 0: never.
    Raises Diagnostic when it cannot be played at all; a broken promise is in the trace.
    """
    run = Run(prepared or prepare(script, cast, clock, seed=seed, outside=outside), givens, patience, timeout_seconds)
    return run.perform()


class Run:
    """One run: who is asked to do what, by which frame, in which thread."""

    def __init__(
        self,
        prepared: Prepared,
        givens: Givens = NOTHING,
        patience: float = PATIENCE,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.is_over = False
        self.stopped: type[BaseException] = Stopped
        self._prepared = prepared
        self._players: Mapping[str, Actor] = prepared.players
        self.clock = prepared.clock
        self._givens = givens
        self._patience = patience
        self._timeout_seconds = timeout_seconds
        self._waits = 0
        self.is_in_a_given = False
        self._rules: Generator[Command, Event, None] = play(
            prepared.script, prepared.contents, prepared.context, prepared.clock
        )
        self._moved = threading.Condition(threading.RLock())
        self._turn = 0
        self._parked = 0
        self._unfinished: dict[int, str] = {}
        self._workers = Workers()
        self._handed: dict[int, str] = {}
        """Of the unfinished work that which a thread does that carries no speaker: whose it is."""
        self._frames = itertools.count(1)
        self._works = itertools.count(1)
        self._open: list[str] = []
        self._crash: BaseException | None = None
        self._late: Refuse | None = None
        self._issuers = prepared.issuers
        self._holds_patches = False
        self._elders: Elders | None = None
        self._is_looking_after_elders = False

    # The loop.

    def perform(self) -> Trace:
        """Play it to its end."""
        next(self._rules)
        self._prepared.network.run = self
        with self._on_stage():
            command = self._follow_to_the_end()
            for issuer in self._issuers:
                self._prepared.keys.remember(issuer)
            self._close_players()
        self._prepared.keys.close()
        if not self._unfinished:
            self._prepared.network.end()
        if self._crash is not None:
            raise self._crash
        if not isinstance(command, Finish | Refuse):
            raise RuntimeError(f"the player left the front door with {type(command).__name__}")
        # A call may still have come between the last word and the end of the stage.
        trace = command.trace if self._late is None else self._late.trace
        answers = self._prepared.keys.answers
        return replace(trace, published=tuple((who, answer) for (who, _), answer in answers.items()))

    def _close_players(self) -> None:
        """Whoever keeps something for the run gives it back while what it calls is still seen."""
        for name, player in self._players.items():
            with self._speaking(name):
                try:
                    try:
                        # Typed as nothing, but the user's own code may return anything.
                        unrun = never_run(player.close())  # type: ignore[func-returns-value]
                        if unrun:
                            raise NotAnAnswer(f"`close` returned {unrun}", "")
                    except Exception as problem:  # noqa: BLE001  # the user's own code may raise anything
                        self.breach(name, refusal.not_ended(name, problem))
                except Stopped:
                    continue

    def _follow_to_the_end(self) -> Command:
        try:
            return self._follow(FRONT_DOOR, Started(FRONT_DOOR))
        except KeyboardInterrupt:
            raise
        except BaseException:
            # A participant may leave by `pytest.skip`; that hides no refusal that came before it.
            if self._late is None or self._crash is not None:
                raise
            return self._late

    def _follow(self, frame: int, event: Event) -> Command:
        """Feed the event, carry out what the frame is told, and so on, until it is told something final."""
        command, turn = self._feed(event)
        while True:
            if isinstance(command, Park):
                command, turn = self._park(frame, turn)
                continue
            carry_out = _CARRIED_OUT.get(type(command))
            if carry_out is None:
                return command
            command, turn = self._feed(carry_out(self, frame, command))

    def _feed(self, event: Event) -> tuple[Command, int]:
        with self._moved:
            if self._crash is not None:
                if event.frame == FRONT_DOOR:
                    raise self._crash
                raise Stopped from self._crash
            try:
                command = self._rules.send(event)
            except BaseException as problem:
                self._crash = problem
                self._turn += 1
                self._moved.notify_all()
                if event.frame == FRONT_DOOR:
                    raise
                raise Stopped from problem
            self._turn += 1
            if self._parked:
                self._moved.notify_all()
            return command, self._turn

    def _park(self, frame: int, turn: int) -> tuple[Command, int]:
        """Wait until another frame moved, or nothing runs any more."""
        with self._moved:
            self._parked += 1
            self._moved.notify_all()
            # The thread of the front door, and each piece of work that goes on by itself.
            is_ripe = self._wait_until(lambda: self._turn != turn or self._parked > len(self._at_work()))
            self._parked -= 1
            if self._turn != turn:
                return self._feed(Woken(frame))
            return self._feed(Quiet(frame, () if is_ripe else self._at_work_where()))

    def _wait_until(self, is_so: Callable[[], bool]) -> bool:
        """Whether it comes about in time. A worker that comes to rest tells nobody, so it is looked at now and then."""
        end, looks_seconds = monotonic() + self._patience, WORKERS_LOOK_SECONDS
        while not is_so():
            left = end - monotonic()
            if left <= 0:
                return False
            self._moved.wait(min(left, looks_seconds) if self._workers else left)
            looks_seconds = min(2 * looks_seconds, 50 * WORKERS_LOOK_SECONDS)
        return True

    def _at_work_where(self) -> tuple[str, ...]:
        """The same with the place in the code where a thread is."""
        at_rest = self._workers.at_rest()
        return tuple(
            f"{name}, at {place}" if (place := self._workers.place(number)) else name
            for number, name in self._unfinished.items()
            if number not in at_rest
        )

    def _at_work(self) -> tuple[str, ...]:
        """What is unfinished, without the workers that wait for work."""
        at_rest = self._workers.at_rest()
        return tuple(name for number, name in self._unfinished.items() if number not in at_rest)

    # Commands.

    def _send(self, frame: int, command: Send) -> Event:
        started = perf_counter()
        try:
            answer = self._ask_player(command.receiver, command.message)
        except Stopped:
            return Woken(frame)
        except NotAnAnswer as problem:
            return Breached(frame, refusal.no_answer(command.receiver, command.message, problem), command.call)
        except Diagnostic as problem:
            return Breached(frame, problem.finding, command.call)
        except Unreachable as problem:
            url = self._prepared.addresses.urls[command.receiver]
            return Breached(frame, refusal.unreachable(command.receiver, url, command.message, problem), command.call)
        if answer is None:
            player = self._players[command.receiver]
            known = [pattern for pattern, _ in player.steps()]
            text = command.message.text if isinstance(command.message, Action) else ""
            return Breached(frame, refusal.no_step_definition(command.receiver, text, known), command.call)
        seconds = perf_counter() - started
        if command.receiver in self._issuers and isinstance(answer, Response) and _may_hold_a_token(answer):
            # The keys of this moment verify it.
            self._prepared.keys.remember(command.receiver)
        return Replied(frame, command.call, answer, seconds)

    def _ask_player(self, participant: str, message: Message) -> Answer | None:
        player = self._players[participant]
        if player.is_elsewhere:  # nothing of it runs here, so it speaks nowhere
            return player.act(message) if isinstance(message, Action) else player.handle(message)
        with self._speaking(participant):
            try:
                if isinstance(message, Action):
                    result = player.act(message)
                    return None if result is None else as_result(result)
                return as_response(player.handle(message))
            except BaseException as problem:  # whatever it is, it is the answer
                if isinstance(problem, (Stopped, NotAnAnswer, KeyboardInterrupt)) or is_the_test_runners(problem):
                    raise
                if isinstance(problem, Diagnostic) and is_built_in(player):
                    raise  # an actor of ours says what is missing in the drawing
                if isinstance(message, Action):
                    return Result(error=type(problem).__name__, cause=problem)
                return Response(500, cause=problem)

    def _advance(self, frame: int, command: Advance) -> Event:
        self._pass(command.seconds)
        return Done(frame)

    def _pass(self, seconds: float) -> None:
        if not self.clock.is_virtual:
            self._waits += 1
            self.clock.advance(seconds)  # waits, and meanwhile others go on
            self._waits -= 1
            return
        with self._moved:
            self.clock.advance(seconds)

    def _ask(self, frame: int, command: Ask) -> Event:
        with self._speaking(command.participant):
            try:
                return Done(frame, dict(self._players[command.participant].state()))
            except Stopped:
                return Woken(frame)
            except Exception as problem:  # noqa: BLE001  # the user's own code may raise anything
                return Breached(frame, refusal.no_state(command.participant, problem), sender=command.participant)

    def _act(self, frame: int, command: Act) -> Event:
        if not command.participant:
            return self._bring_about(frame, command.action.text)
        try:
            return Done(frame, self._ask_player(command.participant, command.action))
        except Stopped:
            return Woken(frame)
        except NotAnAnswer as problem:
            finding = refusal.no_answer(command.participant, command.action, problem)
            return Breached(frame, finding, sender=command.participant)
        except Diagnostic as problem:
            return Breached(frame, problem.finding, sender=command.participant)

    def _bring_about(self, frame: int, text: str) -> Event:
        given = self._givens.get(text)
        if given is None:
            return Breached(frame, refusal.nobody_brings_about(text))
        self.is_in_a_given = True
        try:
            unrun = never_run(given())
        except Stopped:
            return Woken(frame)
        finally:
            self.is_in_a_given = False
        return Breached(frame, refusal.not_brought_about(text, unrun)) if unrun else Done(frame)

    @contextmanager
    def _speaking(self, participant: str) -> Iterator[None]:
        token = SPEAKER.set(Speaker(self, participant))
        self._open.append(participant)
        try:
            yield
        finally:
            self._open.remove(participant)
            SPEAKER.reset(token)

    # Calls that come in.

    def arrive(self, sender: str, receiver: str, message: Message) -> Answer:
        """A participant calls out; see `seqtest.intercepts.speaker.Playing`."""
        if self.is_over:
            raise RunIsOver("the run that this code belongs to is over")
        frame = next(self._frames)
        # A thread that is older than the run is counted while it is here, else its waiting would look like quiet.
        work = self.began(f"a call of {sender or 'somebody'}") if speaking() is None else 0
        try:
            command = self._follow(frame, Called(frame, sender, receiver, message))
        finally:
            if work:
                self.ended(work)
        if isinstance(command, Reply):
            return command.answer
        if isinstance(command, Drop):
            return Lost()
        raise self._refused(command)

    def participant(self, url: str) -> str | None:
        return self._prepared.addresses.participant(url)

    def has(self, participant: str) -> bool:
        return participant in self._prepared.addresses.urls

    def host(self, host: str, port: int | None) -> str | None:
        return self._prepared.addresses.host(host, port)

    def only_speaker(self) -> str:
        speaking = {*self._open, *self._handed.values()}
        return speaking.pop() if len(speaking) == 1 else ""

    @property
    def is_handling(self) -> bool:
        return bool(self._open or self._handed or self._is_looking_after_elders)

    def breach(self, sender: str, finding: Finding) -> NoReturn:
        """A participant did what cannot be an arrow: raises the run's `Stopped` when that is written down."""
        frame = next(self._frames)
        raise self._refused(self._follow(frame, Breached(frame, finding, sender=sender)))

    def connects(self, sender: str, names: Sequence[str], port: object, *, is_open: bool = False) -> None:
        number = int(port) if isinstance(port, int | str) and str(port).isdigit() else None
        receiver = self.host(names[0], number)
        senders = [sender] if sender else set(self._open)
        if receiver is None and any(
            allows(self._prepared.context, who, name, port) for who in senders for name in names
        ):
            return
        self.breach(sender, refusal.on_a_socket(sender or "somebody", names[0], port, receiver, is_open=is_open))

    def _refused(self, command: Command) -> Stopped:
        if not isinstance(command, Refuse):
            return Stopped("the run is over")
        self._late = command
        return Stopped(command.finding.message)

    def sleeps(self, seconds: float) -> None:
        self._pass(seconds)

    def is_background(self, participant: str, thread: str) -> bool:
        return is_named(self._prepared.context, participant, "background", thread)

    def began(self, name: str, thread: threading.Thread | None = None) -> int:
        with self._moved:
            number = next(self._works)
            self._unfinished[number] = name
            if thread is not None:
                self._workers.add(number, thread)
            return number

    def hands_over(self, participant: str, name: str) -> int:
        number = self.began(f"{name} of {participant}")
        self._handed[number] = participant
        return number

    def ended(self, number: int) -> None:
        with self._moved:
            self._unfinished.pop(number, None)
            self._workers.discard(number)
            self._handed.pop(number, None)
            self._moved.notify_all()
            if self.is_over and not self._unfinished:
                self._let_go()

    # Participants that hang; see `seqtest.run.watch.Watched`.

    @property
    def movement(self) -> int | None:
        return None if self._waits or self._parked else self._turn

    def give_up(self, seconds: float, place: str) -> None:
        frame = next(self._frames)
        self._note(self._follow(frame, Overdue(frame, seconds, place)))

    def _note(self, command: Command) -> None:
        if isinstance(command, Refuse):
            self._late = self._late or command

    # The stage.

    @contextmanager
    def _on_stage(self) -> Iterator[None]:
        """Everything that is changed in the process for this run, and changed back."""
        if not self._prepared.plays_user_code:
            try:
                yield
            finally:
                self.is_over = True
            return
        from seqtest.run.travel import travelling

        patches.hold()
        self._holds_patches = True
        # Not `self`, which holds them: the run would wait for the garbage collector.
        context, players = self._prepared.context, self._players
        self._elders = Elders(lambda name: any(is_named(context, one, "background", name) for one in players))
        speakers.enter(self)
        try:
            with travelling(self.clock) if self.clock.is_virtual else nullcontext():
                try:
                    with watching(self, self._timeout_seconds):
                        yield
                finally:
                    self._wait_for_stragglers()
        finally:
            with self._moved:
                self.is_over = True
                # What still runs must not reach the network: the patches stay until it has ended.
                if not self._unfinished:
                    self._let_go()

    def _wait_for_stragglers(self) -> None:
        with self._moved:
            self._wait_until(lambda: not self._at_work())
            names = self._at_work_where()
            if names and self._crash is None:  # begun when the flow was over, by who closed
                frame = next(self._frames)
                self._note(self._follow(frame, Breached(frame, refusal.still_running(names))))
        if self._elders is not None and self._elders.are_there():
            self._wait_for_elders(self._elders)
        with self._moved:
            at_rest = self._workers.at_rest()
            self._workers.let_go(at_rest)
            for number in at_rest:
                del self._unfinished[number]

    def _wait_for_elders(self, elders: Elders) -> None:
        """While they are at work, whatever they call is looked at as if a participant called it."""
        self._is_looking_after_elders = True
        with self._moved:
            for _ in range(max(1, int(min(self._patience, ELDERS_SECONDS) / ELDERS_LOOK_SECONDS))):
                # At least once, so that who has just been woken comes to its first line.
                self._moved.wait(ELDERS_LOOK_SECONDS)
                if not elders.are_busy():
                    break
            else:
                elders.remember()
        self._is_looking_after_elders = False

    def _let_go(self) -> None:
        if self._holds_patches:
            self._holds_patches = False
            speakers.leave(self)
            patches.release()


def _may_hold_a_token(answer: Response) -> bool:
    """Whether a JWT may be in it, whose header begins with `ey`: in its body, also packed, or in a redirect."""
    if b"ey" in answer.body or answer.headers.get("Content-Encoding") is not None:
        return True
    return any("ey" in address for address in answer.headers.get_all("Location"))


_CARRIED_OUT: Mapping[type, Callable[[Run, int, Any], Event]] = {
    Send: Run._send,
    Advance: Run._advance,
    Ask: Run._ask,
    Act: Run._act,
}
