"""Forms and links of a page, filled in and sent as HTML says."""

import pytest

from seqtest.user_agent.html import Form, read_page
from seqtest.user_agent.submission import CannotFill, fill_in, submit

URL = "https://web.test/account/login?next=/me"


def form(html: str) -> Form:
    (found,) = read_page(html.encode(), URL, None).forms
    return found


def entries(html: str, *drawn: tuple[str, str], left_out: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found, _ = fill_in(form(f"<form method=post>{html}</form>"), drawn, left_out)
    return [(entry.name, entry.value) for entry in found]


def test_every_kind_of_field_sends_what_it_holds() -> None:
    """In the order of the page; what has no name, is disabled or is not chosen sends nothing."""
    html = """
      <input type=hidden name=csrf value=t0ken> <input name=login value=alice> <input value=nameless>
      <input name=off value=1 disabled> <input type=checkbox name=a value=1 checked>
      <input type=checkbox name=a value=2>
      <input type=checkbox name=terms checked> <input type=radio name=r value=x>
      <input type=radio name=r value=y checked>
      <select name=s><option>one<option value=2 selected>two</select>
      <select name=first><option disabled value="">choose<option value=1>one</select>
      <select name=many multiple><option selected>m1<option selected>m2<option>m3</select>
      <textarea name=text>\nline\ntwo</textarea>
      <input type=reset name=reset value=r> <button type=button name=b value=b>no</button>
      <input type=submit name=go value=first> <button name=go value=second>Go</button>
      <fieldset disabled><legend><input name=legend value=1></legend><input name=inside value=1></fieldset>
      <template><input name=template value=1></template><datalist><input name=listed></datalist>"""

    assert entries(html) == [
        ("csrf", "t0ken"), ("login", "alice"), ("a", "1"), ("terms", "on"), ("r", "y"), ("s", "2"), ("first", "1"),
        ("many", "m1"), ("many", "m2"), ("text", "line\ntwo"), ("go", "first"), ("legend", "1"),
    ]  # fmt: skip


def test_drawn_values_are_filled_in() -> None:
    """Text is typed, choices are chosen, a button is pressed by its value; the page's order stays."""
    html = """<input type=hidden name=csrf value=t><input name=login><textarea name=text>old</textarea>
      <input type=checkbox name=a value=1 checked><input type=checkbox name=a value=2>
      <input type=radio name=r value=x checked><input type=radio name=r value=y>
      <select name=s><option value=1 selected>a<option value=2>b</select>
      <button name=consent value=allow>Allow</button><button name=consent value=deny>Deny</button>"""

    assert entries(
        html, ("consent", "deny"), ("s", "2"), ("r", "y"), ("a", "2"), ("login", "alice"), ("text", "new")
    ) == [
        ("csrf", "t"), ("login", "alice"), ("text", "new"), ("a", "2"), ("r", "y"), ("s", "2"), ("consent", "deny"),
    ]  # fmt: skip
    assert ("csrf", "t") not in entries(html, left_out=("csrf",))
    assert entries("<input name=n><input name=n>", ("n", "1"), ("n", "2")) == [("n", "1"), ("n", "2")]


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (("logn", "x"), "no field `logn`"),
        (("s", "3"), "`s` cannot be `3`"),
        (("s", "off"), "`s` cannot be `off`"),
        (("a", "3"), "`a` cannot be `3`"),
        (("off", "1"), "`off` is disabled"),
        (("b", "other"), "`b` cannot be `other`"),
    ],
)
def test_what_does_not_fit_the_form_is_refused(drawn: tuple[str, str], message: str) -> None:
    """A browser sends nothing that its user could not have filled in."""
    html = """<input name=login><input name=off disabled><input type=checkbox name=a value=1>
      <select name=s><option>1<option disabled>off</select><button name=b value=1>x</button>"""

    with pytest.raises(CannotFill, match=message):
        entries(html, drawn)


def test_one_button_and_no_more_values_than_fields() -> None:
    """Two buttons, or two values for one field, are an error."""
    with pytest.raises(CannotFill, match="once"):
        entries("<input name=n>", ("n", "1"), ("n", "2"))
    with pytest.raises(CannotFill, match="one button"):
        entries("<button name=a value=1>x</button><button name=b value=1>y</button>", ("a", "1"), ("b", "1"))


def sent(html: str, *drawn: tuple[str, str]):
    found = form(html)
    return submit(found, *fill_in(found, drawn))


def test_where_a_form_goes() -> None:
    """Its action relative to the page or its `base`; without one to the page itself; a button may say otherwise."""
    assert (
        sent("<form method=post action=check><input name=a value='1 2'></form>").url == "https://web.test/account/check"
    )
    assert sent("<form method=post></form>").url == URL
    assert sent("<base href=/x/><form method=post action=y></form>").url == "https://web.test/x/y"
    assert sent("<base href=/x/><form method=post></form>").url == URL
    got = sent("<form action='/find?old=1#top'><input name=q value='ü&'></form>")
    assert (got.method, got.url, got.body) == ("GET", "https://web.test/find?q=%C3%BC%26", b"")
    overridden = "<form><input name=a value=1><button formmethod=post formaction=/b name=c value=d>x</button></form>"
    got = sent(overridden)
    assert (got.method, got.url, got.body) == ("POST", "https://web.test/b", b"a=1&c=d")


def test_a_control_elsewhere_belongs_to_the_form_that_it_names() -> None:
    """The attribute `form`, also away from another form."""
    html = """<form id=f method=post></form><form id=g><input name=a value=1 form=f></form>
      <button form=f name=b value=2>x</button>"""
    first, second = read_page(html.encode(), URL, None).forms

    assert (first.field_names(), second.field_names()) == (["a", "b"], [])


def test_encodings() -> None:
    """Urlencoded, multipart with a file, and text; line ends are CRLF; equal forms give equal bytes."""
    fields = "<textarea name=t>a\nb</textarea><input type=file name=up>"
    plain = sent(f"<form method=post enctype=text/plain>{fields}</form>")
    parts = sent(f"<form method=post enctype=multipart/form-data>{fields}</form>", ("up", "the file"))

    assert sent(f"<form method=post>{fields}</form>").body == b"t=a%0D%0Ab&up="
    assert (plain.body, plain.content_type) == (b"t=a\r\nb\r\nup=\r\n", "text/plain")
    assert b'name="up"; filename="up.txt"' in parts.body
    assert b"the file" in parts.body
    assert parts == sent(f"<form method=post enctype=multipart/form-data>{fields}</form>", ("up", "the file"))


def test_the_server_reads_a_multipart_form() -> None:
    """As Werkzeug does."""
    from io import BytesIO

    from werkzeug.formparser import parse_form_data

    got = sent(
        '<form method=post enctype=multipart/form-data><input name="a&quot;b" value="1"><input type=file name=f></form>'
    )
    _, form_fields, files = parse_form_data(
        {"REQUEST_METHOD": "POST", "CONTENT_TYPE": got.content_type, "CONTENT_LENGTH": str(len(got.body)),
         "wsgi.input": BytesIO(got.body)}
    )  # fmt: skip

    assert list(form_fields.values()) == ["1"]
    assert list(files) in ([], ["f"])


def test_links() -> None:
    """By what they say; what leads nowhere over HTTP is none."""
    html = """<a href=/forgot>Forgot
       your password?</a><a id=reg href="?register=1">Register</a><a href="mailto:x@y.test">Mail</a>
      <a href="javascript:void(0)">No</a><a href=/pic><img alt="A picture"></a><a href=/x aria-label=Named>.</a>
      <a>none</a>"""
    found = {link.text: link.url for link in read_page(html.encode(), URL, None).links}

    assert found == {
        "Forgot your password?": "https://web.test/forgot",
        "Register": "https://web.test/account/login?register=1",
        "A picture": "https://web.test/pic",
        "Named": "https://web.test/x",
    }


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<form><form><input name=a>", b"{}", "<form>ü".encode("latin-1")])
def test_odd_pages_are_pages(body: bytes) -> None:
    """Whatever comes is read; nothing is raised."""
    assert read_page(body, URL, "no-such-charset") is not None
    assert read_page(body, URL, None) is not None
