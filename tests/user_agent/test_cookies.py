"""What a browser keeps of `Set-Cookie` and where it sends it (RFC 6265bis)."""

import pytest

from seqtest.user_agent.cookies import LONGEST_SECONDS, CookieJar, cookie_date, default_path, domain_match, path_match
from seqtest.user_agent.site import is_public_suffix, origin_of, site_of

NOW = 1_767_225_600.0
HOME = "https://shop.example/account/login"


def jar(*fields: str, url: str = HOME, now: float = NOW, **more: bool) -> CookieJar:
    return CookieJar().receive(fields, url, now, **more)


def sent(held: CookieJar, url: str, now: float = NOW, **more: bool) -> list[str]:
    return [f"{name}={value}" if name else value for name, value in held.send(url, now, **more)]


@pytest.mark.parametrize(
    ("field", "url", "goes"),
    [
        ("a=1", "https://shop.example/account/x", True),
        ("a=1", "https://shop.example/account", True),
        ("a=1", "https://shop.example/accounts", False),  # its path is /account, and that is no folder of it
        ("a=1; Path=/", "https://shop.example/", True),
        ("a=1; Path=/", "http://shop.example/", True),
        ("a=1; Path=/", "https://shop.example:8443/", True),  # ports are not told apart
        ("a=1; Path=/", "https://www.shop.example/", False),  # without `Domain` for this very host
        ("a=1; Path=/; Domain=shop.example", "https://www.shop.example/", True),
        ("a=1; Path=/; Domain=.Shop.Example", "https://www.shop.example/", True),
        ("a=1; Path=/; Domain=shop.example", "https://workshop.example/", False),
        ("a=1; Path=/; Domain=", "https://shop.example/", True),
        ("a=1; Path=/; Secure", "http://shop.example/", False),
        ("a=1; Path=/; Secure", "https://shop.example/", True),
        ("a=1; Path=/; Max-Age=60; Path=/admin", "https://shop.example/", False),  # the last one counts
        ("a=1; Path=relative", "https://shop.example/account/", True),
        ("=1; Path=/", "https://shop.example/", True),
        ("a; Path=/", "https://shop.example/", True),
    ],
)
def test_where_a_cookie_goes(field: str, url: str, goes: bool) -> None:
    """Host, domain, path and scheme (sections 5.1.3, 5.1.4 and 5.8.3)."""
    assert bool(sent(jar(field), url)) is goes


@pytest.mark.parametrize(
    ("field", "url"),
    [
        ("a=1; Domain=example", HOME),  # a public suffix
        ("a=1; Domain=co.uk", "https://shop.co.uk/"),
        ("a=1; Domain=evil.example", HOME),
        ("a=1; Domain=www.shop.example", HOME),
        ("a=1; Domain=10.0.0.1", "https://10.0.0.2/"),
        ("a=1; Secure", "http://shop.example/"),
        ("a=1; SameSite=None", HOME),
        ("__Secure-a=1", HOME),
        ("__secure-a=1", HOME),
        ("__Host-a=1; Secure", HOME),  # no Path=/
        ("__Host-a=1; Path=/", HOME),
        ("__Host-a=1; Secure; Path=/; Domain=shop.example", HOME),
        ("__Http-a=1; Secure", HOME),
        ("__Host-Http-a=1; Secure; Path=/", HOME),
        ("__Host-a; Secure; Path=/", HOME),  # a value that reads like a name
        ("a=\x01", HOME),
        ("a=" + "x" * 4096, HOME),
        ("=", HOME),
    ],
)
def test_a_cookie_that_is_refused(field: str, url: str) -> None:
    """A browser does not keep it, and knows why (sections 5.6 and 5.7)."""
    held = jar(field, url=url)

    assert held.cookies == ()
    assert len(held.refused) == 1


@pytest.mark.parametrize(
    "field",
    ["__Host-a=1; Secure; Path=/", "__Secure-a=1; Secure", "a=1; SameSite=None; Secure", "a=" + "x" * 4095],
)
def test_the_same_done_right(field: str) -> None:
    """What the prefixes and limits ask for is enough."""
    assert len(jar(field).cookies) == 1


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("Max-Age=60", 60),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 60),  # Max-Age comes first
        ("Expires=Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Max-Age=99999999999999", LONGEST_SECONDS),
        ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_SECONDS),
    ],
)
def test_a_cookie_expires(attributes: str, seconds: int) -> None:
    """To the second of the run's clock (section 5.5)."""
    held = jar(f"a=1; Path=/; {attributes}")

    assert sent(held, HOME, NOW + seconds - 1) == ["a=1"]
    assert sent(held, HOME, NOW + seconds) == []


@pytest.mark.parametrize("attributes", ["", "Max-Age=soon", "Expires=soon", "Max-Age="])
def test_a_session_cookie_lives_as_long_as_the_browser(attributes: str) -> None:
    """A date that cannot be read is no date."""
    assert sent(jar(f"a=1; Path=/; {attributes}"), HOME, NOW + 10 * LONGEST_SECONDS) == ["a=1"]


@pytest.mark.parametrize("gone", ["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01-Jan-1970 00:00:01 GMT"])
def test_a_cookie_is_taken_back(gone: str) -> None:
    """By name, domain and path: another path's cookie stays."""
    held = jar("a=1; Path=/", "a=2; Path=/account", f"a=; Path=/; {gone}")

    assert sent(held, HOME) == ["a=2"]


def test_order() -> None:
    """Longer paths first, then older cookies; one that is replaced keeps its place (section 5.8.3)."""
    held = jar("a=1; Path=/", "b=1; Path=/", "c=1; Path=/account", "a=2; Path=/")

    assert sent(held, HOME) == ["c=1", "a=2", "b=1"]


def test_plain_http_cannot_replace_a_secure_cookie() -> None:
    """Section 5.7 step 17."""
    held = jar("a=1; Path=/; Secure").receive(["a=2; Path=/"], "http://shop.example/", NOW)

    assert sent(held, HOME) == ["a=1"]
    assert "HTTPS" in held.refused["a"]


def test_secure_cookies_reach_this_machine() -> None:
    """Loopback is trustworthy without HTTPS, another plain address is not."""
    assert len(jar("a=1; Secure", url="http://127.0.0.1:8000/").cookies) == 1
    assert len(jar("a=1; Secure", url="http://localhost/").cookies) == 1
    assert len(jar("a=1; Secure", url="http://10.0.0.1/").cookies) == 0


@pytest.mark.parametrize(
    ("attribute", "same", "navigation", "post"),
    [
        ("SameSite=Strict", True, False, False),
        ("SameSite=Lax", True, True, False),
        ("", True, True, False),  # what says nothing is Lax
        ("SameSite=Whatever", True, True, False),
        ("SameSite=None", True, True, True),
    ],
)
def test_same_site(attribute: str, same: bool, navigation: bool, post: bool) -> None:
    """From the same site; by a link from elsewhere; by a form or a script from elsewhere (section 5.8.3)."""
    held = jar(f"a=1; Path=/; Secure; {attribute}")

    assert bool(sent(held, HOME)) is same
    assert bool(sent(held, HOME, is_same_site=False, is_safe_navigation=True)) is navigation
    assert bool(sent(held, HOME, is_same_site=False, is_safe_navigation=False)) is post


def test_another_sites_script_sets_no_same_site_cookie() -> None:
    """Section 5.7 steps 18 and 19."""
    held = jar("a=1; Secure", "b=1; Secure; SameSite=None", is_foreign=True)

    assert [cookie.name for cookie in held.cookies] == ["b"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 01-Jan-1970 00:00:01 GMT", 1),
        ("Thu Jan  1 00:00:02 1970", 2),
        ("Wed, 09-Jun-21 10:18:14 GMT", 1_623_233_894),
        ("Wed Jun 9 10:18:14 GMT 2021", 1_623_233_894),
        ("9 JUNE 2021 10:18:14", 1_623_233_894),
        ("0", None),
        ("1 Jan 2029", None),
        ("Wed, 31 Feb 2029 10:10:10 GMT", None),
        ("Wed, 01 Jan 2029 25:10:10 GMT", None),
        ("Wed, 01 Jan 1600 00:00:00 GMT", None),
    ],
)
def test_cookie_date(text: str, seconds: int | None) -> None:
    """Section 5.1.1."""
    assert cookie_date(text) == seconds


def test_matches() -> None:
    """Sections 5.1.3 and 5.1.4."""
    assert domain_match("a.b.test", "b.test")
    assert not domain_match("ab.test", "b.test")
    assert not domain_match("1.10.0.0.1", "10.0.0.2")
    assert path_match("/a/b", "/a")
    assert path_match("/a/b", "/a/")
    assert not path_match("/ab", "/a")
    assert [default_path(f"https://a.test{path}") for path in ("", "/", "/a", "/a/", "/a/b?c=/d")] == [
        "/", "/", "/", "/a", "/a",
    ]  # fmt: skip


def test_sites() -> None:
    """A site is a scheme and what somebody could register; names that nobody can register are told apart at the end."""
    assert site_of("https://www.shop.example/a") == "https://shop.example"
    assert site_of("https://a.b.co.uk") == "https://b.co.uk"
    assert site_of("https://x.github.io") == "https://x.github.io"
    assert site_of("http://127.0.0.1:5000/") == "http://127.0.0.1"
    assert site_of("http://localhost:5000/") == "http://localhost"
    assert [origin_of(url) for url in ("https://A.test:443/x", "http://a.test:8080/", "http://[::1]:80/")] == [
        "https://a.test", "http://a.test:8080", "http://[::1]",
    ]  # fmt: skip
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("shop.example")
    assert not is_public_suffix("10.0.0.1")


def test_a_cookie_shows_no_value() -> None:
    """It may be a secret."""
    assert "s3cret" not in repr(jar("sid=s3cret"))
