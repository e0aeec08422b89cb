"""Where a command's results go: the screen, a file, a folder. Nothing is half written, and no input is overwritten."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from seqtest.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """A result and the file name that it has in a folder."""

    name: str
    content: str | bytes
    source: str = ""
    """The file it was made of."""


def refuse_overwriting(inputs: Iterable[str], targets: Sequence[Path]) -> None:
    """Raises click.UsageError when a target is an input, or two results would go to one file."""
    sources = {_identity(Path(name)) for name in inputs}
    seen: set[object] = set()
    for target in targets:
        identity = _identity(target)
        if identity in sources:
            raise click.UsageError(f"{target} is one of the files to read; choose another place for the result")
        if identity in seen:
            raise click.UsageError(f"two results would be written to {target}")
        seen.add(identity)


def _identity(path: Path) -> object:
    """What tells files apart whose names differ in case or lead through links; for one still to be made its path."""
    try:
        status = path.stat()
    except OSError:
        return path.resolve()
    return (status.st_dev, status.st_ino)


def replace(path: Path, content: str | bytes) -> None:
    """Write the whole file or leave it as it was. Raises click.ClickException when it cannot be written."""
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        new = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
        with open(new, "xb") as file:
            file.write(data)
        new.chmod(mode)
        new.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None


def _targets(outputs: Sequence[Output], file: str | None, folder: str | None) -> list[Path] | None:
    """Where each result belongs; None: on the screen."""
    if file is not None and folder is not None:
        raise click.UsageError("-o and --out-dir exclude each other")
    if file is not None:
        if len(outputs) > 1:
            raise click.UsageError(f"there are {len(outputs)} results; use --out-dir DIR instead of -o FILE")
        return [Path(file)][: len(outputs)]
    return [Path(folder, output.name) for output in outputs] if folder is not None else None


def stale(outputs: Sequence[Output], file: str | None, folder: str | None) -> Iterator[str]:
    """What is to be said of each file that is not what would be written there. Raises click.UsageError."""
    from seqtest.render.seal import is_current

    targets = _targets(outputs, file, folder)
    if targets is None:
        raise click.UsageError("--check compares with files; name their place with -o FILE or --out-dir DIR")
    for target, output in zip(targets, outputs, strict=True):
        try:
            kept = target.read_bytes()
        except FileNotFoundError:
            yield f"{target} is missing"
        except OSError as error:
            yield f"{target} cannot be read: {error.strerror or error}"
        else:
            if not is_current(kept, output.content):
                yield f"{target} is stale: {output.source or 'its drawing'} shows something else now"


def deliver(outputs: Sequence[Output], inputs: Iterable[str], file: str | None, folder: str | None) -> None:
    """Write the results into the file or the folder, or print them. Raises click.UsageError with nothing written."""
    targets = _targets(outputs, file, folder)
    if targets is None:
        if sys.stdout.isatty() and any(isinstance(output.content, bytes) for output in outputs):
            raise click.UsageError(
                "a terminal shows no such picture; name a place for it with -o FILE or --out-dir DIR"
            )
        for output in outputs:
            click.echo(output.content, nl=isinstance(output.content, str) and not output.content.endswith("\n"))
        return
    refuse_overwriting(inputs, targets)
    for target, output in zip(targets, outputs, strict=True):
        replace(target, output.content)
        click.echo(f"wrote {target}", err=True)
