"""`<<browser>>`: cookies kept, redirects remembered, forms filled in, links followed; each hop is a drawn arrow.

A navigation has an *initiator*: the page that submitted the form or held the link. What somebody types into the address
bar has none. Redirects go on with the navigation that they answer. Initiator and target decide which cookies go along
(`SameSite`), and what `Origin`, `Referer` and `Sec-Fetch-Site` say.
"""

from collections.abc import Collection, Sequence
from dataclasses import field
from urllib.parse import urldefrag, urlsplit

from seqtest.dataclass import dataclass, replace
from seqtest.errors import did_you_mean
from seqtest.exchange import Request, Response
from seqtest.user_agent import html
from seqtest.user_agent.cookies import CookieJar
from seqtest.user_agent.site import is_trustworthy, joined, origin_of, site_of
from seqtest.user_agent.submission import URLENCODED, CannotFill, Entry, fill_in, submit

REDIRECTS = frozenset((301, 302, 303, 307, 308))
HTML = frozenset(("text/html", "application/xhtml+xml"))


class CannotBrowse(Exception):
    """There is no such redirect, form, link or field. `name`: the drawn field that it is about, or empty."""

    def __init__(self, message: str, do: str = "", name: str = "", expected: str = "") -> None:
        super().__init__(message)
        self.do, self.name, self.expected = do, name, expected


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that is about to be made."""

    method: str
    url: str
    initiator: str = ""
    """The address of the page that it comes from; empty for one that was typed in."""
    body: bytes = field(default=b"", repr=False)
    content_type: str | None = None
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What the body holds, if it is a form's."""
    is_navigation: bool = True
    """False for what a page's script asks for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The page that the browser shows."""

    url: str
    body: bytes = field(repr=False)
    charset: str | None
    is_drawn: bool
    """False when a scripted participant answered and no page is drawn: then the page is whatever the flow needs."""
    referrer_policy: str = ""

    @property
    def page(self) -> html.Page:
        """Raises NoReader."""
        return html.read_page(self.body, self.url, self.charset)


@dataclass(frozen=True, slots=True)
class UserAgent:
    """One browser at one moment."""

    cookies: CookieJar = field(default_factory=CookieJar)
    shown: Shown | None = None
    redirect: Visit | None = None
    """Where the last answer sent it."""
    said: str = ""
    """The last answer in a few words."""
    initiator: str = ""
    """Of the navigation that is under way."""

    # Where to go.

    def follow(self, method: str) -> Visit:
        """Go where the last answer sent it. Raises CannotBrowse."""
        if self.redirect is None:
            raise CannotBrowse(
                f"the last answer was {self.said}, and no redirect" if self.said else "nothing was asked"
            )
        if self.redirect.method != method:
            raise CannotBrowse(
                f"a browser follows this redirect with {self.redirect.method}",
                do=f"draw `{self.redirect.method} {{Location}}`",
            )
        return self.redirect

    def submit(
        self, method: str, name: str | None, drawn: Sequence[tuple[str, str]], left_out: Collection[str] = ()
    ) -> Visit:
        """Fill in a form of the page and submit it. Raises CannotBrowse, NoReader."""
        shown = self._showing("form")
        if not shown.is_drawn:
            entries = [Entry(*pair) for pair in drawn]
            form = html.Form((), method, shown.url, URLENCODED, ())
            button = None
        else:
            form = self._form(shown.page, name, [*(field for field, _ in drawn), *left_out])
            try:
                entries, button = fill_in(form, drawn, left_out)
            except CannotFill as fault:
                raise CannotBrowse(str(fault), fault.do, fault.name, fault.expected) from None
        sent = submit(form, entries, button)
        if sent.method != method:
            raise CannotBrowse(f"the form is sent with {sent.method}", do=f"draw `{sent.method} {{form}}`")
        fields = tuple((entry.name, entry.value) for entry in entries) if sent.body else ()
        return Visit(method, urldefrag(sent.url).url, shown.url, sent.body, sent.content_type, fields)

    def form_values(self, name: str | None, drawn: Collection[str]) -> dict[str, list[str]]:
        """What the form holds before it is filled in. Raises CannotBrowse, NoReader."""
        shown = self._showing("form")
        if not shown.is_drawn:
            return {}
        form = self._form(shown.page, name, drawn)
        return html.form_values(html.Page(shown.url, (form,), ()))

    def click(self, text: str | None) -> Visit:
        """Follow a link of the page. Raises CannotBrowse, NoReader."""
        shown = self._showing("link")
        if not shown.is_drawn:
            raise CannotBrowse("no page is drawn, so it has no links", do="draw the path instead: `GET /forgot`")
        links = shown.page.links
        found = {link.url: link for link in links if text is None or text in (link.text, link.id)}
        if len(found) != 1:
            known = [link.text or link.id for link in links]
            which = "the page has" if text is None else f"the page has {'several links' if found else 'no link'}"
            raise CannotBrowse(
                f"{which} `{text}`" if text is not None else f"{which} {len(found)} links",
                do=did_you_mean(text or "", known),
                expected="one of " + ", ".join(f'{{link "{one}"}}' for one in known if one) if known else "",
            )
        (url,) = found
        return Visit("GET", urldefrag(url).url, shown.url)

    def _showing(self, what: str) -> Shown:
        if self.redirect is not None:
            raise CannotBrowse(
                f"the last answer was {self.said}, which sends the browser on: there is no {what} yet",
                do=f"draw `{self.redirect.method} {{Location}}` first",
            )
        if self.shown is None:
            raise CannotBrowse(f"the browser shows no page, so there is no {what}")
        return self.shown

    def _form(self, page: html.Page, name: str | None, drawn: Collection[str]) -> html.Form:
        if not page.forms:
            raise CannotBrowse(f"the page has no form: {urlsplit(page.url).path or '/'}")
        if name is not None:
            found = [form for form in page.forms if name in form.names]
        else:
            found = list(page.forms)
            if len(found) > 1:
                found = [form for form in page.forms if set(drawn) <= set(form.field_names())]
        if len(found) == 1:
            return found[0]
        known = [one for form in page.forms for one in form.names[:1]]
        listed = ", ".join(f'`{{form "{one}"}}`' for one in known)
        fields = "; ".join(", ".join(form.field_names()) or "no fields" for form in page.forms)
        if name is not None:
            raise CannotBrowse(f"the page has no form `{name}`", do=did_you_mean(name, known), expected=listed)
        raise CannotBrowse(
            f"the page has {len(page.forms)} forms, and {len(found) or 'none'} of them {'have' if found else 'has'} "
            "the drawn fields",
            do=f"say which: {listed}" if known else "draw fields that only one of them has",
            expected=f"fields of one of them: {fields}",
        )

    # What goes along.

    def cookies_for(self, visit: Visit, now: float) -> list[tuple[str, str]]:
        """Names and values."""
        is_same_site, is_safe = _is_same_site(visit), visit.is_navigation and visit.method in ("GET", "HEAD")
        return self.cookies.send(visit.url, now, is_same_site=is_same_site, is_safe_navigation=is_safe)

    def headers_for(self, visit: Visit) -> list[tuple[str, str]]:
        """What a browser says of itself with each request, besides cookies."""
        found = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8" if visit.is_navigation else "*/*")]
        if visit.content_type is not None:
            found.append(("Content-Type", visit.content_type))
        if visit.method not in ("GET", "HEAD") and visit.is_navigation:
            found.append(("Origin", self._origin(visit)))
        referrer = self._referrer(visit)
        if referrer:
            found.append(("Referer", referrer))
        if is_trustworthy(visit.url):
            # Fetch Metadata: only to places that are secure.
            found.append(("Sec-Fetch-Site", _relation(visit)))
            mode, destination = ("navigate", "document") if visit.is_navigation else ("cors", "empty")
            found += [("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination)]
        return found

    def _origin(self, visit: Visit) -> str:
        """Fetch section 3.2: a page that tells nobody of itself is `null`."""
        return "null" if visit.initiator and self._policy == "no-referrer" else origin_of(visit.initiator or visit.url)

    def _referrer(self, visit: Visit) -> str:
        """`strict-origin-when-cross-origin`, unless the page says something stricter (Referrer Policy section 3)."""
        page, policy = visit.initiator, self._policy
        if not page or policy == "no-referrer" or (is_trustworthy(page) and not is_trustworthy(visit.url)):
            return ""
        is_same = origin_of(page) == origin_of(visit.url)
        if policy == "same-origin" and not is_same:
            return ""
        return page if is_same and policy not in ("origin", "strict-origin") else f"{origin_of(page)}/"

    @property
    def _policy(self) -> str:
        return self.shown.referrer_policy if self.shown is not None else ""

    # What comes back.

    def going(self, visit: Visit) -> "UserAgent":
        """The browser while it waits for the answer."""
        return replace(self, initiator=visit.initiator)

    def sees(self, request: Request, response: Response, now: float, *, is_drawn: bool) -> "UserAgent":
        """The browser after an answer. `is_drawn`: whether somebody real answered, or the answer's body is drawn."""
        url, headers = request.url, response.headers
        is_script = _is_script(request)
        is_foreign = is_script and site_of(request.headers.get("Origin") or url) != site_of(url)
        jar = self.cookies.receive(headers.get_all("Set-Cookie"), url, now, is_foreign=is_foreign)
        said = f"{response.status} from {urlsplit(url).path or '/'}"
        location = headers.get("Location")
        if response.status in REDIRECTS and location is not None:
            target = Visit(*_next(request, response.status), initiator=self.initiator)
            target = replace(target, url=urldefrag(joined(url, location)).url)
            if target.method not in ("GET", "HEAD"):
                target = replace(target, body=request.body, content_type=request.headers.get("Content-Type"))
            return replace(self, cookies=jar, redirect=target, said=said)
        kind, _, parameters = (headers.get("Content-Type") or "").partition(";")
        shown = self.shown
        is_page = kind.strip().lower() in HTML or (not kind and not is_drawn and not response.body)
        if is_page and not is_script:
            policy = (headers.get("Referrer-Policy") or "").lower().strip()
            shown = Shown(url, response.body, _charset(parameters), is_drawn or bool(response.body), policy)
        return replace(self, cookies=jar, redirect=None, shown=shown, said=said)


def _next(request: Request, status: int) -> tuple[str, str]:
    """Method and address after a redirect (Fetch section 4.4): 303 makes a GET of all but HEAD, 301 and 302 of POST."""
    method = request.method
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method = "GET"
    return method, request.url


def _is_script(request: Request) -> bool:
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode is not None and mode != "navigate"


def _is_same_site(visit: Visit) -> bool:
    return not visit.initiator or site_of(visit.initiator) == site_of(visit.url)


def _relation(visit: Visit) -> str:
    if not visit.initiator:
        return "none" if visit.is_navigation else "same-origin"
    if origin_of(visit.initiator) == origin_of(visit.url):
        return "same-origin"
    return "same-site" if _is_same_site(visit) else "cross-site"


def _charset(parameters: str) -> str | None:
    for piece in parameters.split(";"):
        name, _, value = piece.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or None
    return None
