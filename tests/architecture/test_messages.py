"""Every message code has an entry in the reference."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\bSQ[1-7]\d\d\b")

WITHOUT_A_GOLDEN = re.findall(
    r"\d+",
    """
    112 122 130 190 191 192 312 317 318 327 374 375 382 383 387 390 391 392 393 394
    395 396 397 398 406 413 418 420 421 422 448 451 452 453 454 455 456 457 458 459
    460 461 462 463 464 465 466 467 468 469 471 480 481 482 483 484 485 501 502 503
    505 536 538 540 542 566
    """,
)
"""Codes, without their `SQ`, that a small drawing and a function do not earn: of files, options, conftests, databases,
gateways, live servers, threads. Their own tests look at them."""


def _in_source() -> set[str]:
    return {code for path in (ROOT / "seqtest").rglob("*.py") for code in CODE.findall(path.read_text())}


def _entries() -> list[str]:
    text = (ROOT / "docs/reference/messages.md").read_text()
    return re.findall(r"^\| (SQ\d{3}) \|", text, re.MULTILINE)


def test_every_code_is_explained() -> None:
    """A code that the source can show is in docs/reference/messages.md."""
    assert sorted(_in_source() - set(_entries())) == []


def test_no_entry_is_left_over() -> None:
    """An entry whose code nothing shows any more is removed."""
    assert sorted(set(_entries()) - _in_source()) == []


def test_entries_are_sorted_and_single() -> None:
    """Entries stand in order, each code once."""
    entries = _entries()

    assert entries == sorted(set(entries))
    assert all(CODE.fullmatch(entry) for entry in entries)


def test_every_message_is_kept_as_it_is_printed() -> None:
    """But for those named above, and for lints, which one golden shows and one table words."""
    goldens = [path for path in (ROOT / "tests/cases/messages").rglob("*.txt") if not path.name.endswith(".puml.txt")]
    printed = {code for path in goldens for code in re.findall(r"\[(SQ\d{3})\]", path.read_text())}
    missing = {code for code in _entries() if code[2] != "7"} - printed

    assert missing == {f"SQ{code}" for code in WITHOUT_A_GOLDEN}
