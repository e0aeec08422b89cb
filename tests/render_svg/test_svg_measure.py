"""Text measured with the font's own widths."""

from pathlib import Path

import pytest

from seqtest.render.svg.measure import width
from seqtest.render.svg.typeset import Font, Paragraph, label, note, numbered, verbatim

FONTS = Path(__file__).parents[2] / "seqtest/render/fonts"


@pytest.mark.parametrize(
    ("face", "is_bold", "is_mono"),
    [("Arimo-Regular", False, False), ("Arimo-Bold", True, False), ("Cousine-Regular", False, True)],
)
def test_widths_are_the_fonts(face: str, is_bold: bool, is_mono: bool) -> None:
    """A text is as wide as the font file says."""
    from fontTools.ttLib import TTFont

    font = TTFont(FONTS / f"{face}.ttf")
    glyphs, advances = font.getBestCmap(), font["hmtx"]
    text = "Hello, Wörld! Привет Ωμέγα {json: [1, 2]} → ✓"
    expected = sum(advances[glyphs[ord(character)]][0] for character in text if ord(character) in glyphs)
    known = "".join(character for character in text if ord(character) in glyphs)

    assert width(known, 2048, is_bold, is_mono) == expected
    assert len(known) >= len(text) - 2


def test_a_wide_character_takes_a_whole_size() -> None:
    """Characters the font lacks: Chinese ones are as wide as high, combining ones take nothing."""
    assert width("日本", 10) == 20
    assert width("e\u0301", 10) == width("e", 10)


@pytest.mark.parametrize("emoji", ["🔐", "👨‍👩‍👧", "🇩🇪", "👍🏽", "⚠️", "1️⃣", "✅"])
def test_an_emoji_is_as_wide_as_another(emoji: str) -> None:
    """Whether it is one character or several."""
    assert width(emoji, 16) == width("😀", 16) == 20


@pytest.mark.parametrize(
    ("text", "least", "most"), [("ﾛｸﾞｲﾝ", 25, 25), ("שלום", 20, 26), ("مرحبا", 20, 28), ("①★", 15, 20)]
)
def test_other_scripts_are_measured_as_their_usual_fonts(text: str, least: int, most: int) -> None:
    """Half-width letters are half as wide, joined letters narrow, signs wider than letters."""
    assert least <= width(text, 10) <= most


def test_an_emoji_is_a_piece_of_its_own() -> None:
    """A viewer that takes one font for a piece would draw digits beside it from the emoji's font."""
    paragraph = label("❌ 401 👨‍👩‍👧ok 1️⃣ a → b", Font())

    assert [piece.text for piece in paragraph.pieces] == ["❌", "401", "👨‍👩‍👧", "ok", "1️⃣", "a → b"]
    assert paragraph.pieces[1].x == pytest.approx(width("❌ ", 13))


def test_chinese_and_japanese_lines_are_broken_between_characters() -> None:
    """Words of letters stay whole, and no line begins with what closes or ends with what opens."""

    def lines(text: str) -> list[str]:
        return [piece.text for piece in label(text, Font(limit=100)).pieces]

    assert lines("返回预付单信息(prepay_id)") == ["返回预付单信息", "(prepay_id)"]
    assert lines("「承認コード」を、リダイレクトへ送信します。") == [
        "「承認コード」",
        "を、リダイレク",
        "トへ送信しま",
        "す。",
    ]
    assert lines("一二三四五六「七」八") == ["一二三四五六", "「七」八"]


def test_lines_are_broken_at_blanks_within_the_limit() -> None:
    """A text wider than the limit goes on below, and none of its lines is wider."""
    paragraph = label("the quick brown fox jumps over the lazy dog " * 5, Font(limit=200))

    assert paragraph.width <= 200
    assert (
        " ".join(piece.text for piece in paragraph.pieces).split()
        == ("the quick brown fox jumps over the lazy dog " * 5).split()
    )


def test_a_word_wider_than_the_limit_is_broken() -> None:
    """Ten thousand letters without a blank fill many lines, none of them lost."""
    paragraph = label("x" * 10_000, Font(limit=300))

    assert paragraph.width <= 300
    assert "".join(piece.text for piece in paragraph.pieces) == "x" * 10_000


def test_lines_are_aligned() -> None:
    """Centred lines have the same middle, right ones the same end."""

    def edges(align: str) -> list[tuple[float, float]]:
        paragraph = label("a\\nlonger line", Font(align=align))  # type: ignore[arg-type]  # the three words
        return [(piece.x, piece.x + piece.width) for piece in paragraph.pieces]

    (a, b), (c, d) = edges("center")
    assert a + b == pytest.approx(c + d)
    (_, b), (_, d) = edges("right")
    assert b == pytest.approx(d)


def test_a_larger_run_makes_its_line_higher() -> None:
    """`<size:30>` raises the line, and all runs keep one baseline."""
    paragraph = label("a <size:30>b</size> c", Font())

    assert paragraph.height == 39
    assert len({piece.y for piece in paragraph.pieces}) == 1


def test_a_tables_columns_are_aligned() -> None:
    """The second cells of all rows begin at one x, right of the widest first cell."""
    paragraph = note(["|= name |= value |", "| a very wide first cell | 1 |", "| b | 2 |"], Font())
    second = [piece.x for piece in paragraph.pieces if piece.text in ("value", "1", "2")]

    assert len(set(second)) == 1
    assert second[0] > width("a very wide first cell", 13)


def test_other_lines_stand_below_the_numbers_text() -> None:
    """The second line of a numbered label begins below the first word, not below the number."""
    number, first, second = numbered("12", "one\\ntwo", Font()).pieces

    assert number.text == "12"
    assert second.x == first.x > number.x + number.width


def test_verbatim_text_is_not_read() -> None:
    """What a run says is shown with its stars and backslashes."""
    assert [piece.text for piece in verbatim("**a** \\n\nb", Font()).pieces] == ["**a** \\n", "b"]


def test_nothing_takes_no_room() -> None:
    """An empty label has no size."""
    assert label("", Font()) == Paragraph(0, 0)


@pytest.mark.browser
def test_chromium_measures_the_same(open_page) -> None:
    """With our font's letters, of every script that it has, and of mixtures with those that take a whole size."""
    import base64

    font = base64.b64encode((FONTS / "Arimo-Regular.ttf").read_bytes()).decode()
    page = open_page("about:blank")
    page.set_content(f"<style>@font-face{{font-family:A;src:url(data:font/ttf;base64,{font})}}</style>")
    texts = [
        "GET /users/123?a=b&c=d",
        "Prüfung für Straße",
        "Привет мир",
        "Ωμέγα",
        "“quoted” – dash…",
        "naïve café 5 €",
    ]
    measured = page.evaluate(
        """async (texts) => {
          await Promise.all(texts.map((text) => document.fonts.load("130px A", text)));
          const pen = document.createElement("canvas").getContext("2d");
          pen.font = "130px A";
          pen.fontKerning = "none";
          return texts.map((text) => pen.measureText(text).width);
        }""",
        texts,
    )

    assert measured == pytest.approx([width(text, 130) for text in texts], rel=0.005)


def test_marks_take_no_room_and_joined_letters_less() -> None:
    """Combining marks of any script stand on their letter; Arabic letters are narrower than the widest guess."""
    assert width("e\u0301", 13) == width("e", 13)
    assert width("\u0e17\u0e31", 13) == width("\u0e17", 13)
    assert width("عربي", 13) < 4 * 13 * 0.5
    assert width("中文Latin", 13) == 26 + width("Latin", 13)
