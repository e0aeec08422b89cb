"""Plays a flow in a process of its own: `python -m seqtest.documents.play OUT PREFIX FILE`.

A document is built by another program, maybe in several processes; the user's application and its conftest files are
loaded beside it and not into it.
"""

import json
import sys
from pathlib import Path


def load() -> None:
    """What the pictures and data of a run are made with."""
    import seqtest.cli.session
    import seqtest.render.happened
    import seqtest.render.json_trace
    import seqtest.render.mask
    import seqtest.render.pictured  # noqa: F401  for what it says above


def main(out: str, prefix: str, file: str) -> int:
    """Write the cases with their verdicts and pictures as JSON to `out`."""
    from seqtest.cli.session import Watcher, played
    from seqtest.render.happened import draw_run
    from seqtest.render.json_trace import value_of_run
    from seqtest.render.mask import masker_of
    from seqtest.render.pictured import draw_run_svg

    watcher = Watcher()
    status = played([file], watcher, quiet=True)
    cases = []
    for number, (verdict, names) in enumerate(zip(watcher.verdicts, watcher.names, strict=True), 1):
        masker = masker_of(verdict)
        run = value_of_run(verdict, masker)
        cases.append(
            {
                "names": names,
                "is_kept": run["is_kept"],
                "failures": run["failures"],
                "svg": draw_run_svg(verdict, masker=masker, prefix=f"{prefix}{number}-"),
                "text": draw_run(verdict, masker=masker),
            }
        )
    found = {"code": watcher.exit_code(status), "cases": cases, "obstacles": watcher.obstacles}
    Path(out).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
