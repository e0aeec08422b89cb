"""seqtest compare: flows side by side, from real runs; formats of tokens, from real bytes."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqtest.cli import exits

if TYPE_CHECKING:
    from seqtest.cli.session import Watcher
    from seqtest.render.plot import Plot
    from seqtest.verdict import Verdict
    from seqtest.verdict.compare import Comparison


MOST_FLOWS = 6
"""As many as a plot has colours."""


@click.command()
@click.argument("places", metavar="FILE[::CASE]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option(
    "--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Runs of each; times are medians."
)
@click.option(
    "--calls", multiple=True, type=click.IntRange(1), help="Calls after one login to compare; may be repeated."
)
@click.option("--tokens", is_flag=True, help="Compare token formats: opaque, JWT, SWT and SAML with the same content.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Write the numbers as an image, too: .svg or .png.")
@click.option("-k", "words", metavar="EXPRESSION", help="Which cases to take, as with pytest's -k.")
def compare(
    places: tuple[str, ...],
    form: str,
    runs: int,
    calls: tuple[int, ...],
    tokens: bool,
    plot: str | None,
    words: str | None,
) -> None:
    """Compare flows, or formats of tokens: messages, round trips, calls per participant, bytes and time.

    Two to six flows are run as pytest runs them, so conftest files and ini options count. Of a file with several cases
    the first is taken, unless one is named: FILE::CASE.

    With --tokens FILE is a JWT, or a JSON file of claims, whose content is signed in each format; without FILE an
    example is taken. Shown are its bytes before and after encoding, in a header, a form and a URL, and how they grow
    with roles. SAML needs `pip install 'seqtest[saml]'`.
    """
    if plot is not None:
        _check_plot(plot, [place.partition("::")[0] for place in places])
    if tokens:
        if len(places) > 1:
            raise click.UsageError("--tokens takes one FILE at most")
        click.echo(_token_sizes(places[0] if places else None, form, plot))
        return
    if not 2 <= len(places) <= MOST_FLOWS:
        raise click.UsageError(
            f"two to {MOST_FLOWS} flows are compared: FILE[::CASE] FILE[::CASE]; or, with --tokens, one FILE or none"
        )
    for place in places:
        if Path(place).is_dir():
            raise click.UsageError(f"{place} is a folder; name the files whose flows are compared")
    from seqtest.cli.session import Watcher, played
    from seqtest.render.mask import masker_of
    from seqtest.verdict.compare import compare as compared

    chosen = ["-k", words] if words else []
    watchers: list[Watcher] = []
    for _ in range(runs):
        watchers.append(Watcher())
        status = played([*dict.fromkeys(places), *chosen], watchers[-1], quiet=True)
        if watchers[-1].obstacles or not watchers[-1].verdicts:
            for text in watchers[-1].obstacles:
                click.echo(text, err=True)
            if not watchers[-1].obstacles and words:
                click.echo(f"no case fits -k {words!r}, so nothing was run", err=True)
            code = watchers[-1].exit_code(status)
            sys.exit(code if code != exits.KEPT else exits.NO_ANSWER)
    flows = [_runs_of(place, watchers) for place in places]
    names = [_name(place, runs_of) for place, runs_of in zip(places, flows, strict=True)]
    comparison = compared(
        *flows, names=names, counts=calls or (1, 10, 100), shown=lambda verdict: masker_of(verdict).text
    )
    if plot is not None:
        from seqtest.render import comparison_plots

        _draw(plot, " and ".join(names), list(comparison_plots.of(comparison)), names)
    click.echo(FORMATS[form](comparison))
    sys.exit(exits.KEPT if all(verdict.is_kept for verdicts in flows for verdict in verdicts) else exits.BROKEN)


def _runs_of(place: str, watchers: "Sequence[Watcher]") -> "list[Verdict]":
    """The verdicts of the first case at that place, one of each session. Exits when there is none."""
    path, _, case = place.partition("::")
    found = [[v for v in watcher.verdicts if _is_at(v, path, case)] for watcher in watchers]
    if not all(found):
        click.echo(f"no case of {place} was run", err=True)
        sys.exit(exits.NO_ANSWER)
    first = found[0][0].script.scenario
    if len(found[0]) > 1:
        others = len(found[0]) - 1
        click.echo(f"{path}: took the case {first.id}, one of {others + 1}; choose with {path}::CASE", err=True)
    return [verdicts[0] for verdicts in found]


def _is_at(verdict: "Verdict", path: str, case: str) -> bool:
    scenario = verdict.script.scenario
    source = scenario.diagram.source
    return (
        source is not None
        and Path(source.path).resolve() == Path(path).resolve()
        and case in ("", scenario.id, f"{scenario.diagram.name}::{scenario.id}")
    )


def _name(place: str, runs: "Sequence[Verdict]") -> str:
    """The file's name, and the case's where it is not the diagram's own."""
    scenario = runs[0].script.scenario
    stem = Path(place.partition("::")[0]).stem
    return stem if scenario.id == stem else f"{stem} [{scenario.name}]"


def _token_sizes(given: str | None, form: str, plot: str | None) -> str:
    """The sizes, written; the token itself is never shown."""
    from seqtest.auth import formats
    from seqtest.render import token_sizes

    claims = formats.EXAMPLE if given is None else _claims(given)
    if not formats.has_saml():
        click.echo("without SAML: pip install 'seqtest[saml]'", err=True)
    try:
        sizes = token_sizes.Sizes(formats.encodings(claims), formats.growth(claims), formats.introspected(claims))
    except (ValueError, TypeError, OverflowError, OSError) as problem:
        click.echo(f"these claims cannot be signed in each format: {problem}", err=True)
        sys.exit(exits.UNREADABLE)
    if plot is not None:
        _draw(plot, "Bytes of a token with the same content in several formats", token_sizes.plots(sizes))
    write = {"text": token_sizes.as_text, "json": token_sizes.as_json, "markdown": token_sizes.as_markdown}[form]
    return write(sizes)


def _check_plot(plot: str, inputs: "Sequence[str]") -> None:
    """Raises click.UsageError before anything runs: the name says what is drawn, and no input is overwritten."""
    from seqtest.cli.output import refuse_overwriting

    if Path(plot).suffix not in (".svg", ".png"):
        raise click.UsageError(f"--plot draws .svg and .png, and {plot} ends in neither")
    refuse_overwriting(inputs, [Path(plot)])


def _draw(target: str, title: str, plots: "Sequence[Plot]", legend: "Sequence[str]" = ()) -> None:
    """Write the picture. Exits when there is nothing that makes a PNG."""
    from seqtest.cli.output import replace
    from seqtest.errors import Diagnostic
    from seqtest.render.plot import picture, size_of

    if Path(target).suffix == ".svg":
        replace(Path(target), picture(title, plots, legend))
        return
    from seqtest.render.png import rasterise

    width, height = size_of(plots, legend)
    try:
        replace(Path(target), rasterise(picture(title, plots, legend, scheme="light"), width=width, height=height))
    except Diagnostic as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)


def _claims(given: str) -> "Mapping[str, object]":
    """The claims of a JWT, as text or in a file, or of a JSON file. Exits when it is neither."""
    import json

    from seqtest.auth import jwt

    try:
        text = given if jwt.looks_like_jwt(given) else Path(given).read_text(encoding="utf-8").strip()
        claims = jwt.read(text).claims if jwt.looks_like_jwt(text) else json.loads(text)
    except OSError as problem:
        # A JWT that is none is taken for a file's name, and may be too long for one.
        click.echo(f"{given[:80]} is no JWT, and no file that can be opened: {problem.strerror or problem}", err=True)
        sys.exit(exits.UNREADABLE)
    except (ValueError, RecursionError, jwt.TokenError):
        click.echo(f"{given[:80]} is neither a JWT nor a JSON file of claims", err=True)
        sys.exit(exits.UNREADABLE)
    if not isinstance(claims, dict):
        click.echo("the file holds no JSON object", err=True)
        sys.exit(exits.UNREADABLE)
    return claims


def _text(comparison: "Comparison") -> str:
    from seqtest.render.comparison import as_text

    return as_text(comparison)


def _json(comparison: "Comparison") -> str:
    from seqtest.render.comparison import as_json

    return as_json(comparison)


def _markdown(comparison: "Comparison") -> str:
    from seqtest.render.comparison import as_markdown

    return as_markdown(comparison)


FORMATS: "Mapping[str, Callable[[Comparison], str]]" = {"text": _text, "json": _json, "markdown": _markdown}
