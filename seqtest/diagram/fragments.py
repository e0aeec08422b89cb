"""Groups and their branches."""

from seqtest.diagram.drawing import Drawing, OpenFragment
from seqtest.diagram.model import CombinedFragment
from seqtest.diagram.texts import visible
from seqtest.errors import did_you_mean
from seqtest.source import Span
from seqtest.syntax import tree as marks

DEEPEST = 500
"""Groups inside groups that are still read."""


def open_group(drawing: Drawing, node: marks.OpenGroup) -> None:
    if len(drawing.open) >= DEEPEST:
        drawing.refuse("SQ112", f"groups are nested more than {DEEPEST} deep here")
    drawing.color(node.tab_color)
    guard = None if node.operator == "group" and not node.has_label else node.text
    lives = drawing.lives
    fragment = OpenFragment(node, drawing.span(), levels=dict(lives.levels), destroyed=frozenset(lives.destroyed))
    fragment.keyword = "else"
    fragment.guard = "" if guard is None else visible(guard.text)
    fragment.guard_span = None if guard is None else drawing.span(guard)
    fragment.color = drawing.color(node.color)
    drawing.open.append(fragment)


def innermost(drawing: Drawing, word: str) -> OpenFragment:
    if not drawing.open:
        drawing.refuse(
            "SQ104",
            f"no group is open that this `{word}` could belong to",
            do="remove the line, or add the `alt`, `opt`, `loop` … that it belongs to",
        )
    return drawing.open[-1]


def branch(drawing: Drawing, node: marks.Branch) -> None:
    fragment = innermost(drawing, node.keyword)
    fragment.close_operand(drawing.lives.levels, drawing.lives.destroyed)
    drawing.lives.levels = dict(fragment.levels)
    drawing.lives.destroyed = set(fragment.destroyed)
    drawing.lives.branch()
    fragment.keyword = node.keyword
    fragment.guard = "" if node.text is None else visible(node.text.text)
    fragment.guard_span = None if node.text is None else drawing.span(node.text)
    fragment.color = drawing.color(node.color)
    fragment.opened = drawing.span()


def end_group(drawing: Drawing, node: marks.EndGroup) -> None:
    what = "" if node.text is None else node.text.text.lower()
    if not drawing.open and what in ("note", "hnote", "rnote", "ref", "title", "legend"):
        drawing.refuse("SQ104", f"no {what} is open here", do=f"remove the line, or the text behind the {what}'s colon")
    if not drawing.open and (near := did_you_mean(what, ("box", "note", "ref", "title", "legend", "header", "footer"))):
        drawing.refuse("SQ104", "no group is open that this `end` could belong to", do=near.replace("`", "`end ", 1))
    innermost(drawing, "end")
    close_group(drawing, drawing.span())
    drawing.lives.end_group()


def close_group(drawing: Drawing, end: Span | None) -> None:
    fragment = drawing.open.pop()
    fragment.close_operand(drawing.lives.levels, drawing.lives.destroyed)
    drawing.lives.levels = fragment.highest
    drawing.lives.destroyed = _surely_destroyed(fragment)
    node = fragment.node
    title = node.title if node.has_label else node.text if node.operator == "group" else None
    drawing.add(
        CombinedFragment(
            operator=node.operator,  # type: ignore[arg-type]  # the grammar's operators
            operands=tuple(fragment.operands),
            title="" if title is None else visible(title.text).strip(),
            color=fragment.operands[0].color,
            tab_color=None if node.tab_color is None else node.tab_color.text,
            is_closed=end is not None,
            is_parallel=node.is_parallel,
            span=fragment.span,
            end_span=end,
        ),
        carries_notes=True,
    )


def _surely_destroyed(fragment: OpenFragment) -> set[str]:
    """Who is destroyed whichever way is taken through the group: in every operand of those of which one is."""
    operator, ends = fragment.node.operator, fragment.ends
    if operator not in ("alt", "opt", "break"):
        return set().union(*ends)
    if operator != "alt" or len(ends) == 1:
        ends = [*ends, fragment.destroyed]
    return set(ends[0].intersection(*ends[1:]))
