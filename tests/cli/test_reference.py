"""The reference of the command is what its help says."""

from pathlib import Path

import click
from click.testing import CliRunner

from seqtest.cli.main import COMMANDS, main

PAGE = Path(__file__).parents[2] / "docs/reference/command.md"


def reference() -> str:
    """The page, printed from `--help` at a width of 100."""
    parts = ["# The command", "Printed from `--help`."]
    for command in ((), *((name,) for name in COMMANDS)):
        result = CliRunner().invoke(main, [*command, "--help"], prog_name="seqtest", terminal_width=100)
        title = " ".join(("seqtest", *command))
        parts.append(f"## {title}\n\n" + "\n".join(f"    {line}".rstrip() for line in result.stdout.splitlines()))
    return "\n\n".join(parts) + "\n"


def test_the_page_is_what_help_says(request) -> None:
    """docs/reference/command.md holds each command's help; `pytest --accept` writes it anew."""
    if request.config.getoption("--accept"):
        PAGE.write_text(reference())

    assert PAGE.read_text() == reference()


def test_every_option_is_explained() -> None:
    """Each option of each command has a sentence."""
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert all(
            option.help for option in command.params if isinstance(option, click.Option) and option.name != "form"
        )
