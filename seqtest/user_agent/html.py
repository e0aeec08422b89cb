"""Forms and links of an HTML page, as plain data. `lxml` reads the HTML; it comes with `seqtest[browser]`."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from seqtest.dataclass import dataclass
from seqtest.user_agent.site import joined

TEXTS = frozenset(
    ("text", "search", "tel", "url", "email", "password", "date", "month", "week", "time", "datetime-local", "number")
) | {"range", "color", "hidden", "file", "textarea"}
BUTTONS = frozenset(("submit", "image"))
SILENT = frozenset(("reset", "button"))
"""They send nothing, whatever is done with them."""


class NoReader(Exception):
    """`lxml` is not installed."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the choices of a `select`."""

    value: str
    label: str
    is_chosen: bool
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a form."""

    kind: str
    """`text`, `hidden`, `checkbox`, `radio`, `select`, `textarea`, `submit`, `image`, `file`, …"""
    name: str
    value: str
    is_checked: bool = False
    is_disabled: bool = False
    is_multiple: bool = False
    options: tuple[Option, ...] = ()
    label: str = ""
    """What a button says."""
    overrides: tuple[tuple[str, str], ...] = ()
    """What a button says otherwise than its form: `(("action", "/deny"), …)`."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form."""

    names: tuple[str, ...]
    """What it may be called by: its `name` and its `id`."""
    method: str
    """`GET`, `POST` or `DIALOG`."""
    action: str
    """An absolute URL."""
    enctype: str
    controls: tuple[Control, ...]

    def named(self, name: str) -> list[Control]:
        """The controls with that name that can send something."""
        return [control for control in self.controls if control.name == name and control.kind not in SILENT]

    def field_names(self) -> list[str]:
        """Each name once, in the order of the page."""
        return list(dict.fromkeys(one.name for one in self.controls if one.name and one.kind not in SILENT))


@dataclass(frozen=True, slots=True)
class Link:
    """One link."""

    text: str
    id: str
    url: str
    """Absolute."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser shows."""

    url: str
    forms: tuple[Form, ...]
    links: tuple[Link, ...]


@lru_cache(maxsize=64)
def read_page(body: bytes, url: str, charset: str | None) -> Page:
    """The forms and links of a page that came from `url`. Raises NoReader."""
    try:
        from lxml import etree, html  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise NoReader("reading HTML needs the package `lxml`") from None
    try:
        parser = html.HTMLParser(encoding=charset or ("utf-8" if _is_utf8(body) else None))
        root = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, LookupError, ValueError):
        return Page(url, (), ())
    base = next((found.get("href", "") for found in root.iter("base") if found.get("href")), "")
    around = joined(url, base.strip())
    return Page(url, tuple(_forms(root, url, around)), tuple(_links(root, around)))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _elements(root: Any) -> Iterator[Any]:
    """Every element that is there: what stands in a `template` is not."""
    stack = [root]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        yield element
        if element.tag != "template":
            stack.extend(reversed(element))


def _forms(root: Any, url: str, base: str) -> Iterator[Form]:
    elements = list(_elements(root))
    forms = [element for element in elements if element.tag == "form"]
    by_id = {form.get("id"): form for form in reversed(forms) if form.get("id")}
    owned: dict[Any, list[Control]] = {form: [] for form in forms}
    for element in elements:
        if element.tag not in ("input", "button", "select", "textarea"):
            continue
        named = element.get("form")
        owner = by_id.get(named) if named is not None else next(element.iterancestors("form"), None)
        if owner in owned and not any(True for _ in element.iterancestors("datalist")):
            owned[owner].append(_control(element, base))
    for form in forms:
        names = tuple(dict.fromkeys(name for name in (form.get("name"), form.get("id")) if name))
        controls = tuple(owned[form])
        yield Form(names, _method(form.get("method")), _action(form.get("action"), url, base), _enctype(form), controls)


def _method(text: str | None) -> str:
    method = (text or "").strip().upper()
    return method if method in ("POST", "DIALOG") else "GET"


def _action(text: str | None, url: str, base: str) -> str:
    """HTML's "form submission algorithm": without an action the page's own address, whatever its `base` says."""
    return joined(base, text.strip()) if text and text.strip() else url.partition("#")[0]


def _enctype(element: Any, name: str = "enctype") -> str:
    found = (element.get(name) or "").strip().lower()
    return found if found in ("multipart/form-data", "text/plain") else "application/x-www-form-urlencoded"


def _control(element: Any, base: str) -> Control:
    name, is_disabled = element.get("name") or "", _is_disabled(element)
    if element.tag == "textarea":
        # The first line end is the author's, not the text's.
        text = element.text_content()
        return Control("textarea", name, text[1:] if text.startswith("\n") else text, is_disabled=is_disabled)
    if element.tag == "select":
        options = tuple(_options(element))
        return Control("select", name, "", False, is_disabled, element.get("multiple") is not None, options)
    kind = (element.get("type") or "").strip().lower()
    if element.tag == "button":
        kind = kind if kind in SILENT else "submit"
        return Control(
            kind, name, element.get("value") or "", is_disabled=is_disabled, label=_words(element.text_content()),
            overrides=_overrides(element, base),
        )  # fmt: skip
    if kind in BUTTONS:
        label = element.get("value") or element.get("alt") or "Submit"
        value = element.get("value") or ("" if kind == "image" else "Submit" if name else "")
        return Control(
            kind, name, value, is_disabled=is_disabled, label=label, overrides=_overrides(element, base)
        )  # fmt: skip
    if kind in ("checkbox", "radio"):
        value = element.get("value")
        return Control(kind, name, "on" if value is None else value, element.get("checked") is not None, is_disabled)
    if kind not in TEXTS and kind not in SILENT:
        kind = "text"
    value = "" if kind == "file" else (element.get("value") or "")
    return Control(kind, name, value if kind == "hidden" else value.replace("\r", "").replace("\n", ""),
                   is_disabled=is_disabled, is_multiple=element.get("multiple") is not None)  # fmt: skip


def _is_disabled(element: Any) -> bool:
    if element.get("disabled") is not None:
        return True
    inside = [element, *element.iterancestors()]
    # What stands in the first legend of a disabled fieldset can still be used.
    return any(
        fieldset.tag == "fieldset"
        and fieldset.get("disabled") is not None
        and below is not next(iter(fieldset.iterchildren("legend")), None)
        for below, fieldset in pairwise(inside)
    )


def _options(select: Any) -> Iterator[Option]:
    found = []
    for option in select.iter("option"):
        text = _words(option.text_content())
        group = next(option.iterancestors("optgroup"), None)
        is_disabled = option.get("disabled") is not None or (group is not None and group.get("disabled") is not None)
        value = option.get("value")
        found.append((text if value is None else value, text, option.get("selected") is not None, is_disabled))
    chosen = [index for index, option in enumerate(found) if option[2]]
    if select.get("multiple") is None:
        is_a_list = (select.get("size") or "1").isdigit() and int(select.get("size") or 1) > 1
        usable = [index for index, option in enumerate(found) if not option[3]]
        chosen = chosen[-1:] or ([] if is_a_list else usable[:1])
    for index, (value, label, _, is_disabled) in enumerate(found):
        yield Option(value, label, index in chosen, is_disabled)


def _overrides(button: Any, base: str) -> tuple[tuple[str, str], ...]:
    found = []
    if button.get("formaction"):
        found.append(("action", joined(base, button.get("formaction").strip())))
    if button.get("formmethod"):
        found.append(("method", _method(button.get("formmethod"))))
    if button.get("formenctype"):
        found.append(("enctype", _enctype(button, "formenctype")))
    return tuple(found)


def _links(root: Any, base: str) -> Iterator[Link]:
    for element in _elements(root):
        if element.tag in ("a", "area") and element.get("href") is not None:
            url = joined(base, element.get("href").strip())
            if urlsplit(url).scheme in ("http", "https"):
                images = (image.get("alt") or "" for image in element.iter("img"))
                text = _words(element.text_content()) or _words(" ".join(images))
                yield Link(element.get("aria-label") or text or element.get("alt") or "", element.get("id") or "", url)


def _words(text: str) -> str:
    return " ".join(text.split())


def form_values(page: Page) -> dict[str, list[str]]:
    """Name → what its controls hold, for checks: what they would send, and an empty text for nothing."""
    found: dict[str, list[str]] = {}
    for form in page.forms:
        for name in form.field_names():
            found.setdefault(name, []).extend(_held(form.named(name)) or [""])
    return found


def _held(controls: Sequence[Control]) -> Iterable[str]:
    held: list[str] = []
    for control in controls:
        if control.kind == "select":
            held += [option.value for option in control.options if option.is_chosen and not option.is_disabled]
        elif control.kind in ("checkbox", "radio"):
            held += [control.value] if control.is_checked else []
        else:
            held.append(control.value)
    return held
