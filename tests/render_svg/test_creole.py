"""Creole: what is markup, what is text."""

import pytest

from seqtest.render.creole import Line, Rule, Run, Style, Table, Tree, blocks, label, plain, runs, split
from seqtest.render.svg.typeset import Font
from seqtest.render.svg.typeset import label as set_label


def styled(text: str) -> list[tuple[str, set[str]]]:
    """Each run's text, with the names of the style's fields that are set."""
    return [(run.text, {name for name in Style._fields if getattr(run.style, name)}) for run in runs(text)]


@pytest.mark.parametrize(
    ("text", "shown", "style"),
    [
        ("**x**", "x", "bold"),
        ("//x//", "x", "italic"),
        ('""x""', "x", "mono"),
        ("--x--", "x", "strike"),
        ("__x__", "x", "underline"),
        ("~~x~~", "x", "wavy"),
        ("<b>x</b>", "x", "bold"),
        ("<i>x", "x", "italic"),
        ("<s:red>x</s>", "x", "strike"),
        ("<color:red>x</color>", "x", "color"),
        ("<font color=red>x</font>", "x", "color"),
        ("<back:yellow>x</back>", "x", "back"),
        ("<size:18>x</size>", "x", "size"),
        ("<sub>x</sub>", "x", "shift"),
        ("[[http://a.example]]", "http://a.example", "url"),
    ],
)
def test_a_mark_styles_what_it_encloses(text: str, shown: str, style: str) -> None:
    """Each mark of creole, and each tag, gives its text its style and is not itself shown."""
    assert styled(text) == [(shown, {style})]


@pytest.mark.parametrize(
    "text",
    ["a < b > c", "<foo>x", "**open", "a//b", "</b>", "&amp;", "&lt;", "<U+41>", "{{ x }}", "<size:x>", "2 ** 3", "~"],
)
def test_what_is_no_markup_is_shown_as_written(text: str) -> None:
    """Unknown tags, marks that are not closed and entities are text, as PlantUML shows them."""
    assert styled(text) == [(text, set())]


def test_addresses_do_not_make_italics() -> None:
    """The slashes of two URLs in one line are no pair of marks."""
    text = "from http://a.example/x to https://b.example/y"

    assert styled(text) == [(text, set())]


def test_marks_nest() -> None:
    """Bold in a colour is both; closing the outer one ends the inner one too."""
    assert styled("<color:red>a <b>b</color> c</b>") == [
        ("a ", {"color"}),
        ("b", {"color", "bold"}),
        (" c</b>", set()),
    ]


@pytest.mark.parametrize("text", ["<s:red>a</strike> b", "<del>a</s> b", "<STRIKE>a</del> b", "<s>a</S> b"])
def test_a_tag_is_closed_by_any_of_its_names(text: str) -> None:
    """In capitals or not."""
    assert styled(text) == [("a", {"strike"}), (" b", set())]


def test_double_brackets_are_guillemets() -> None:
    """As in PlantUML, with markup or an icon inside or not; what stands in them is no tag."""
    assert plain("<< create >> <<a>><<b>> 1 << 2") == "«create» «a»«b» 1 << 2"
    assert styled("<<**x** y>>") == [("«", set()), ("x", {"bold"}), (" y»", set())]


def test_a_tilde_takes_the_mark_its_meaning() -> None:
    """`~**x**` shows the stars; before what marks nothing a tilde is one."""
    assert styled("~**x**") == [("**x**", set())]
    assert plain("~[x] ~-x ~/x ~_x ~.x") == "[x] -x /x _x .x"
    assert plain("~|x ~=x ~&x ~x ~") == "~|x ~=x ~&x ~x ~"


@pytest.mark.parametrize(("text", "style"), [("--a-b--", "strike"), ("__a_b__", "underline"), ("~~ a ~~", "wavy")])
def test_one_mark_of_a_pair_ends_nothing(text: str, style: str) -> None:
    """Between two pairs may stand single marks, and blanks."""
    assert styled(text) == [(text[2:-2], {style})]


def test_characters_by_number_and_name() -> None:
    """Decimal references, code points and emoji become the character."""
    assert plain("&#9731; <U+2605> <:1f600:> <:calendar:> <:nosuch:>") == "☃ ★ 😀 📆 :nosuch:"


def test_a_short_name_is_stronger_than_a_characters_name() -> None:
    """`smile` is a face; Unicode calls a bent line so."""
    assert plain("<:smile:> <:lock:> <:white_heavy_check_mark:>") == "😄 🔒 ✅"


def test_a_link_has_label_and_tooltip() -> None:
    """`[[url{tip} label]]` shows the label."""
    (run,) = runs("[[http://a.example{tip} the label]]")

    assert (run.text, run.style.url, run.style.tooltip) == ("the label", "http://a.example", "tip")


def test_breaks_in_one_line_texts() -> None:
    r"""`\n` ends a line, `\r` and `\l` set it, `\\n` is a backslash and an n, `\t` a tab."""
    assert split(r"a\nb\rc\ld") == [("a", ""), ("b", "right"), ("c", "left"), ("d", "left")]
    assert split(r"a\\nb\tc") == [("a\\nb\tc", "")]


@pytest.mark.parametrize("text", [r"= a\n* b\n# c\n|_ d\n|= e | f |\n----\n<code>\n** g\n</code>", "== a ==", "* a"])
def test_a_label_holds_whatever_a_note_holds(text: str) -> None:
    """Headings, lists, trees, tables, rules and verbatim parts are drawn in labels and names too."""
    assert label(text) == blocks(text.split("\\n"))


@pytest.mark.parametrize("text", ["__", "--", "-- a", "..."])
def test_a_rule_in_a_label_has_two_pairs_of_marks(text: str) -> None:
    """Only a note's rule may be a single pair, or underscores."""
    assert label(text) == (Line((Run(text),)),)
    assert label("__a__") == (Line((Run("a", Style(underline=True)),)),)


@pytest.mark.parametrize("text", ["*", "#", "*a*b", "=", "* "])
def test_what_is_no_item(text: str) -> None:
    """A mark alone, and stars that enclose a word, are text."""
    assert plain(text) == text.strip()


def test_an_item_may_have_bold_words() -> None:
    """Where a blank stands behind its stars."""
    (line,) = label("** a **b**")

    assert line == Line((Run("a "), Run("b", Style(bold=True))), "item", 2, "•")


def test_numbered_items_count_at_each_level() -> None:
    """A deeper list begins anew; other lines do not end the count."""
    found = blocks(["# a", "# b", "## c", "# d", "text", "# e"])

    assert [line.marker for line in found if isinstance(line, Line)] == ["1.", "2.", "1.", "3.", "", "4."]


def test_a_tree_grows_by_two_blanks() -> None:
    """Branches below each other are one tree."""
    (tree, line) = blocks(["|_ a", "  |_ **b**", "   |_ c", "|_", "text"])

    assert isinstance(tree, Tree)
    assert [branch.level for branch in tree.branches] == [1, 2, 2, 1]
    assert tree.branches[1].runs == (Run("b", Style(bold=True)),)
    assert line == Line((Run("text"),))


def test_headings_and_rules() -> None:
    """`=`, `==` and so on are headings, `----` and its like are rules, with words in them or without."""
    found = blocks(["= a", "=== b", "----", "== words ==", "...."])

    assert [(line.kind, line.level) for line in found[:2] if isinstance(line, Line)] == [("heading", 1), ("heading", 3)]
    assert [rule.mark for rule in found[2:] if isinstance(rule, Rule)] == ["-", "=", "."]
    assert isinstance(found[3], Rule)
    assert found[3].runs == (Run("words"),)


@pytest.mark.parametrize("line", ["--", "---", "==========", "..", ".....", "__", "-----------"])
def test_a_rule_is_as_long_as_one_likes(line: str) -> None:
    """From two marks on, as in PlantUML."""
    assert blocks([line]) == (Rule(line[0]),)


@pytest.mark.parametrize("line", ["--- a - b ---", "=== a - b ===", "... a - b .."])
def test_words_in_a_rule(line: str) -> None:
    """More than two marks may stand at either side, and one of them among the words."""
    assert blocks([line]) == (Rule(line[0], (Run("a - b"),)),)


@pytest.mark.parametrize("line", ["...", "-", "-- a", "a --", "... and so on"])
def test_what_is_no_rule(line: str) -> None:
    """Three dots are three dots."""
    assert blocks([line]) == (Line((Run(line),)),)


def test_a_table_has_heads_colours_and_broken_cells() -> None:
    """`|=` is a head, `<#red>` a cell's colour, `\\n` breaks a cell's line; a `|` inside a link ends no cell."""
    (table,) = blocks(["|= a |= b |", "| <#red> 1 | x\\ny |", "| [[http://a.example|x]] | z |"])

    assert isinstance(table, Table)
    assert [cell.is_head for cell in table.rows[0]] == [True, True]
    assert table.rows[1][0].color == "#red"
    assert len(table.rows[1][1].lines) == 2
    assert len(table.rows[2]) == 2


def test_a_row_of_a_table_has_a_colour() -> None:
    """Before its first bar, with the colour of its lines or without."""
    (table,) = blocks(["<#red>| a | b |", "<#red,#blue>|= c | <#gold> d |"])

    assert isinstance(table, Table)
    assert [[cell.color for cell in row] for row in table.rows] == [["#red", "#red"], ["#red", "#gold"]]


def test_verbatim_parts_are_not_read() -> None:
    """Between `<code>` and `</code>` stars are stars, and blanks are kept."""
    (line,) = blocks(["<code>", "  a **b**", "</code>"])

    assert isinstance(line, Line)
    assert [(run.text, run.style.mono) for run in line.runs] == [("  a **b**", True)]


@pytest.mark.parametrize(
    "text", ["*" * 999 + " a", "#" * 999 + "a", " " * 9_999 + "|_ a", "=" * 999 + "a", " " * 999 + "|_ <b></b>"]
)
def test_nothing_stands_endlessly_deep(text: str) -> None:
    """A list or a tree of a thousand levels is drawn in a picture of some hundred pixels."""
    assert set_label(text, Font()).width < 1_000


def test_long_unclosed_marks_take_no_time() -> None:
    """Ten thousand opening marks are read in a time that grows with their number."""
    text = "<b>[[~" * 10_000

    assert plain(text)


def test_long_rows_take_no_time() -> None:
    """So is a row of ten thousand cells that its last bar does not close."""
    assert plain("|" + "| " * 50_000 + "x")
