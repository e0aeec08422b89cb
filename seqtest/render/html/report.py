"""The report as files: an index, a page for each case, comparisons, and what they share.

Everything but `times.js`, which alone holds real times, is the same for equal runs.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtest import __version__
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, Unanswerable
from seqtest.render.grid import clean
from seqtest.render.html.case import Case, Moved, Told
from seqtest.render.svg.theme import page_sheet
from seqtest.verdict.judge import REPLAYS

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

HERE = Path(__file__).parent
STATES = ("failed", "error", "passed", "skipped")
"""What a case can be, in the order in which a reader wants to see them."""
MOST_COMPARISONS = 24
LONGEST_NAME = 90
ALIKE = 0.5
"""What two texts must have in common for their difference to be shown word by word."""
_NOT_PLAYED: Mapping[str, Any] = {"start": "", "clock": "", "told": 0, "under_test": [], "warnings": [], "raised": []}
"""What the page of a case that was not played shows in the place of a run."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_WIDTH = re.compile(r'<svg [^>]*?width="(\d+)')
_TICKED = re.compile(r"`([^`\n]+)`")
_REPLAY = re.compile(rf"\n?[^\n]*{re.escape(REPLAYS)}$")


@dataclass(frozen=True, slots=True)
class Report:
    """What a session found out. `pairs` are cases to compare, by node id or by file."""

    cases: Sequence[Case]
    name: str = ""
    not_run: int = 0
    pairs: Sequence[tuple[str, str]] = ()
    real: Mapping[str, float] = field(default_factory=dict)
    """Node id → seconds that the case really took, set-up and all."""
    made_at: str = ""
    """When the session really was, as ISO 8601."""
    is_watched: bool = False
    """Whether its pages are served while somebody works on the flows, and hear of what changes."""
    problem: str = ""
    """What kept the last session from running at all, as text that every page shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case with the name of its page."""

    case: Case
    slug: str


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of a file."""

    file: str
    entries: Sequence[Entry]

    @property
    def is_kept(self) -> bool:
        return all(entry.case["state"] in ("passed", "skipped") for entry in self.entries)

    @property
    def title(self) -> str:
        """What all its cases are about; empty for a file of several diagrams."""
        titles = {entry.case["title"] for entry in self.entries}
        return next(iter(titles)) if len(titles) == 1 else ""

    def name(self, entry: Entry) -> str:
        """A case's name among the others of the file."""
        case = entry.case
        name, diagram = case["name"], case["title"] or case["diagram"]
        return name or diagram if self.title or name in ("", diagram, case["diagram"]) else f"{diagram}: {name}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message with its answer, where one came."""

    request: Told
    answer: Told | None

    @property
    def halves(self) -> tuple[Told, ...]:
        return (self.request,) if self.answer is None else (self.request, self.answer)


def environment() -> "Environment":
    """The templates. Raises Unanswerable without Jinja2."""
    try:
        import jinja2
    except ImportError:
        raise Unanswerable(
            Finding(
                "SQ466",
                "the HTML report needs the extra `report`",
                got="Jinja2 is not installed",
                do="pip install 'seqtest[report]'",
            )
        ) from None
    loaded = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loaded.filters["diff"] = diff
    loaded.filters["advice"] = advice
    loaded.filters["prose"] = prose
    loaded.filters["thousands"] = lambda number: f"{number:,}"
    loaded.globals["version"] = __version__
    return loaded


def files(report: Report) -> Iterator[tuple[str, str]]:
    """Each file of the report: its path with `/`, and its text. Raises Unanswerable without Jinja2."""
    for name, make in pages(report).items():
        yield name, make()


def pages(report: Report) -> dict[str, Callable[[], str]]:
    """Path → what makes the text of that file, so that who shows one page makes no other.

    Raises Unanswerable without Jinja2.
    """
    templates = environment()
    entries = named(report.cases)
    pairs = list(compared(report, entries))
    groups = grouped(entries)
    shared = {"project": report.name, "is_watched": report.is_watched, "problem": report.problem}

    def page(name: str, **values: Any) -> Callable[[], str]:
        return lambda: templates.get_template(name).render(shared, **values)

    counts = {state: sum(entry.case["state"] == state for entry in entries) for state in STATES}
    made: dict[str, Callable[[], str]] = {
        "assets/report.css": lambda: _asset("report.css"),
        "assets/picture.css": page_sheet,
        "assets/report.js": lambda: _asset("report.js"),
        "times.js": lambda: times(report, entries),
        "index.html": page(
            "index.html.j2", root="", groups=groups, counts=counts, total=len(entries), pairs=pairs, report=report
        ),
    }
    if report.is_watched:
        made["assets/watch.js"] = lambda: _asset("watch.js")
    in_order = [entry for group in groups for entry in group.entries]
    for place, entry in enumerate(in_order):
        before = in_order[place - 1] if place else None
        after = in_order[place + 1] if place + 1 < len(in_order) else None
        others = [pair for pair in pairs if entry in (pair.left, pair.right)]
        made[f"flows/{entry.slug}.html"] = _case_page(templates, shared, entry, before, after, others)
    for pair in pairs:
        made[f"compare/{pair.slug}.html"] = _comparison_page(templates, shared, pair)
    return made


def _case_page(
    templates: "Environment",
    shared: Mapping[str, Any],
    entry: Entry,
    before: Entry | None,
    after: Entry | None,
    pairs: Sequence["Pair"],
) -> Callable[[], str]:
    return lambda: templates.get_template("case.html.j2").render(
        shared, root="../", before=before, after=after, pairs=pairs, **context(entry)
    )


def _comparison_page(templates: "Environment", shared: Mapping[str, Any], pair: "Pair") -> Callable[[], str]:
    return lambda: templates.get_template("comparison.html.j2").render(shared, root="../", pair=pair, **pair.context())


def context(entry: Entry) -> dict[str, Any]:
    """What the page of a case is made of."""
    from markupsafe import Markup

    case = entry.case
    messages = case.get("messages", [])
    return {
        "entry": entry,
        "case": {**_NOT_PLAYED, **case},
        # The one text that is markup already: our own picture, which escapes all that it was given.
        "picture": Markup(case.get("svg", "")),  # noqa: S704
        "width": int(size[1]) if (size := _WIDTH.search(case.get("svg", ""))) else 0,
        "exchanges": exchanges(messages),
        "rows": rows(messages, case.get("moves", [])),
        "most_bytes": max([message["bytes"] for message in messages], default=0) or 1,
        "keys_of_line": keys_of_lines(messages),
    }


def named(cases: Iterable[Case]) -> list[Entry]:
    """The cases in drawn order, each with a file name of its own, also where upper and lower case are one."""
    ordered = sorted(cases, key=lambda case: (case["file"], case["line"], case["diagram"], case["order"], case["id"]))
    taken: set[str] = set()
    entries = []
    for case in ordered:
        base = _UNSAFE.sub("-", case["id"]).strip("-.")[-LONGEST_NAME:].lstrip("-.") or "case"
        slug, count = base, 1
        while slug.casefold() in taken:
            count += 1
            slug = f"{base}-{count}"
        taken.add(slug.casefold())
        entries.append(Entry(case, slug))
    return entries


def grouped(entries: Iterable[Entry]) -> list[Group]:
    """By file; those in which something is wrong come first."""
    files_of: dict[str, list[Entry]] = {}
    for entry in entries:
        files_of.setdefault(entry.case["file"], []).append(entry)
    return sorted((Group(file, found) for file, found in files_of.items()), key=lambda group: group.is_kept)


def exchanges(messages: Iterable[Told]) -> list[Exchange]:
    """Each message that answers none, with its answer."""
    told = list(messages)
    answers = {message["answers"]: message for message in told if message["answers"] is not None}
    known = {message["index"] for message in told if message["index"] is not None}
    return [
        Exchange(message, answers.get(message["index"]) if message["index"] is not None else None)
        for message in told
        if message["answers"] is None or message["answers"] not in known
    ]


def rows(messages: Iterable[Told], moves: Iterable[Moved]) -> list[tuple[Told | None, Moved | None]]:
    """Messages and the clock's moves in the order in which they happened; what never did is left out."""
    happened: list[tuple[int, Told | None, Moved | None]] = [
        (message["index"], message, None) for message in messages if message["index"] is not None
    ]
    happened += [(move["index"], None, move) for move in moves]
    return [(message, move) for _, message, move in sorted(happened, key=lambda row: row[0])]


def keys_of_lines(messages: Iterable[Told]) -> dict[int, str]:
    """Line → the message that is drawn there, the first that failed where there are several."""
    found: dict[int, Told] = {}
    for message in messages:
        line = message["line"]
        if line is not None and (line not in found or (message["state"] == "failed" != found[line]["state"])):
            found[line] = message
    return {line: message["key"] for line, message in found.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases side by side."""

    left: Entry
    right: Entry

    @property
    def slug(self) -> str:
        return f"{self.left.slug[-40:].lstrip('-.')}--{self.right.slug[-40:].lstrip('-.')}"

    @property
    def names(self) -> tuple[str, str]:
        return (_short(self.left.case), _short(self.right.case))

    def context(self) -> dict[str, Any]:
        """What the page of a comparison is made of."""
        from markupsafe import Markup

        from seqtest.render.comparison import cells_of, in_words, lines
        from seqtest.render.comparison_plots import of
        from seqtest.verdict.compare import Comparison

        left, right = (
            measured(entry.case, name) for entry, name in zip((self.left, self.right), self.names, strict=True)
        )
        comparison = Comparison((left, right))
        return {
            "words": in_words(comparison),
            # Real times stand in `times.js`, and the page's script puts them in.
            "table": [(line, cells_of(line)) for line in lines(comparison) if not line.is_empty],
            # Our own plots, which escape the names in them.
            "plots": [(plot.title, Markup(plot.in_page())) for plot in of(comparison)],  # noqa: S704
        }


def measured(case: Case, name: str) -> Any:
    """What a flow took, again as values. Raises KeyError for a case that was not played."""
    from seqtest.verdict.compare import Cost, Measured, MessageSize

    plain = dict(case["measured"])
    for part in ("total", "login", "per_call"):
        plain[part] = None if plain[part] is None else Cost(**plain[part])
    plain["messages"] = tuple(MessageSize(**message) for message in plain["messages"])
    return Measured(**{**plain, "name": name})


def compared(report: Report, entries: Sequence[Entry]) -> Iterator[Pair]:
    """The pairs that were asked for, then an opaque token's flows beside those with a JWT that make the same calls."""
    seen: set[tuple[str, str]] = set()
    wanted = [(find(entries, left), find(entries, right)) for left, right in report.pairs]
    for left, right in [*((a, b) for a, b in wanted if a and b), *_opaque_beside_jwt(entries)]:
        if (left.slug, right.slug) not in seen and len(seen) < MOST_COMPARISONS:
            seen.add((left.slug, right.slug))
            yield Pair(left, right)


def find(entries: Iterable[Entry], place: str) -> Entry | None:
    """The case with that node id, else the first one of that file, or diagram in it, that was played."""
    found = [entry for entry in entries if "measured" in entry.case]
    exact = [entry for entry in found if entry.case["id"] == place]
    below = [entry for entry in found if entry.case["id"].startswith(f"{place}::") or entry.case["file"] == place]
    return next(iter((*exact, *below)), None)


def missing(report: Report) -> list[str]:
    """What was to be compared and is no case of the session."""
    entries = named(report.cases)
    return [place for pair in report.pairs for place in pair if find(entries, place) is None]


def _opaque_beside_jwt(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """The first kept case of each diagram with a login and calls behind it: opaque tokens left, JWTs right."""
    firsts: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        took = entry.case.get("measured")
        if entry.case["state"] == "passed" and took and took["per_call"] and "access_token" in took["tokens"]:
            firsts.setdefault((entry.case["file"], entry.case["diagram"]), entry)
    jwts = [entry for entry in firsts.values() if _has_jwt(entry.case)]
    for entry in firsts.values():
        alike = [(len(_calls(entry.case) & _calls(other.case)), other) for other in jwts]
        same = [(count, -len(other.case["messages"]), other) for count, other in alike if count]
        if same and _has_opaque(entry.case):
            yield entry, max(same, key=lambda found: found[:2])[2]  # of equals the shortest


def _has_jwt(case: Case) -> bool:
    return any(
        token["field"] == "access_token" and not token["problem"]
        for message in case.get("messages", [])
        for token in message["tokens"]
    )


def _has_opaque(case: Case) -> bool:
    """Whether its access tokens say nothing to a reader: neither signed nor encrypted JSON (RFC 7515, RFC 7516)."""
    bodies = [line for message in case["messages"] if message["wire"] for line in message["wire"]["body"]]
    handed_out = [line for line in bodies if '"access_token": "' in line]
    return bool(handed_out) and not any('"access_token": "eyJ' in line for line in handed_out)


def _calls(case: Case) -> set[str]:
    """The requests that a client sends with its token; to get one is the same everywhere."""
    return {
        message["label"]
        for message in case.get("messages", [])
        if message["wire"] is not None
        and any(
            name.lower() == "authorization" and value.startswith(("Bearer ", "DPoP "))
            for name, value in message["wire"]["headers"]
        )
    }


def _short(case: Case) -> str:
    name = case["diagram"] or Path(case["file"]).stem
    return name if case["name"] in ("", name) else f"{name}: {case['name']}"


def times(report: Report, entries: Iterable[Entry]) -> str:
    """Real times as a script that the pages load: the only file of the report that differs from run to run."""
    flows = {}
    for entry in entries:
        real: Mapping[str, Any] = entry.case.get("real", {})
        flows[entry.slug] = [report.real.get(entry.case["id"]), real.get("total"), real.get("messages", {})]
    value = json.dumps({"at": report.made_at, "flows": flows}, sort_keys=True, separators=(",", ":"))
    return f"window.seqtestTimes={value};\n"


def _harmless(value: Any) -> Any:
    """Names of files, too: without control characters, and without what turns the direction of writing."""
    return clean(value) if type(value) is str else value


def diff(expected: str, got: str) -> list[tuple[str, str, str]]:
    """Pieces of both texts: `("same", a, a)`, or `("changed", expected, got)` with either side perhaps empty.

    Texts that have little in common are one piece each: a few shared blanks say nothing.
    """
    left, right = _WORD.findall(expected), _WORD.findall(got)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [("changed", expected, got)]
    return [
        ("same" if tag == "equal" else "changed", "".join(left[a:b]), "".join(right[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
    ]


def advice(text: str) -> str:
    """What to do, without the command that replays the case: the page has it once."""
    return _REPLAY.sub("", text)


def prose(text: str) -> "Markup":
    """The words, escaped, with what stands between backticks as code."""
    from markupsafe import Markup, escape

    pieces = _TICKED.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


@cache
def _asset(name: str) -> str:
    return (HERE / "assets" / name).read_text(encoding="utf-8")
