"""A form filled in and submitted: HTML's "constructing the entry list" and its three encodings."""

from collections.abc import Collection, Sequence
from urllib.parse import urlencode, urlsplit

from seqtest.dataclass import dataclass, replace
from seqtest.errors import did_you_mean
from seqtest.user_agent.html import BUTTONS, SILENT, Control, Form, Option

URLENCODED = "application/x-www-form-urlencoded"
CHOSEN = frozenset(("checkbox", "radio")) | BUTTONS
"""Their value is the page's: one can only choose it."""


class CannotFill(Exception):
    """What is drawn does not fit the form. `name`: the field that it is about; empty for the whole form."""

    def __init__(self, message: str, name: str = "", expected: str = "", do: str = "") -> None:
        super().__init__(message)
        self.name, self.expected, self.do = name, expected, do


@dataclass(frozen=True, slots=True)
class Entry:
    """One name and value that is sent."""

    name: str
    value: str
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """What submitting a form sends."""

    method: str
    url: str
    body: bytes = b""
    content_type: str | None = None


def fill_in(
    form: Form, drawn: Sequence[tuple[str, str]], left_out: Collection[str] = ()
) -> tuple[list[Entry], Control | None]:
    """The entries in the order of the page, and the button that was pressed.

    `drawn` are the values that are filled in; `left_out` names fields that are not sent. A button is pressed by
    drawing its name and value, else it is the form's first one (HTML's implicit submission). Raises CannotFill.
    """
    left: dict[str, list[str]] = {}
    for name, value in drawn:
        left.setdefault(name, []).append(value)
    _check_names(form, [*left, *left_out])
    controls = [
        _filled(control, left[control.name]) if control.name in left and not control.is_disabled else control
        for control in form.controls
        if control.name not in left_out
    ]
    for name, values in left.items():
        if values:
            raise _does_not_fit(form.named(name), name, values[0])
    button = _pressed(controls)
    return [entry for control in controls for entry in _entries(control, control is button)], button


def _check_names(form: Form, names: Sequence[str]) -> None:
    known = form.field_names()
    for name in names:
        if name not in known:
            raise CannotFill(
                f"the form has no field `{name}`",
                name,
                expected="one of " + ", ".join(f"`{one}`" for one in known) if known else "a form with fields",
                do=did_you_mean(name, known),
            )
        if all(control.is_disabled for control in form.named(name)):
            raise CannotFill(f"the field `{name}` is disabled", name)


def _filled(control: Control, left: list[str]) -> Control:
    """The control with what is drawn for it, which is taken out of `left`."""
    if control.kind in CHOSEN:
        is_chosen = control.value in left
        if is_chosen:
            left.remove(control.value)
        return replace(control, is_checked=is_chosen)
    if control.kind == "select":
        options: list[Option] = []
        for option in control.options:
            may_be = control.is_multiple or not any(one.is_chosen for one in options)
            is_chosen = may_be and not option.is_disabled and option.value in left
            if is_chosen:
                left.remove(option.value)
            options.append(replace(option, is_chosen=is_chosen))
        return replace(control, options=tuple(options))
    return replace(control, value=left.pop(0)) if left else control


def _does_not_fit(controls: Sequence[Control], name: str, value: str) -> CannotFill:
    choices: list[str] = []
    for control in controls:
        if control.kind == "select":
            choices += [option.value for option in control.options if not option.is_disabled]
        elif control.kind in CHOSEN:
            choices.append(control.value)
        else:
            return CannotFill(f"the form has `{name}` {_times(len(controls))}, and more values are drawn", name)
    return CannotFill(
        f"`{name}` cannot be `{value}`", name, expected="one of " + ", ".join(f"`{choice}`" for choice in choices)
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _pressed(controls: Sequence[Control]) -> Control | None:
    buttons = [control for control in controls if control.kind in BUTTONS and not control.is_disabled]
    chosen = [button for button in buttons if button.is_checked]
    if len(chosen) > 1:
        raise CannotFill("only one button can be pressed", chosen[1].name)
    return next(iter(chosen or buttons), None)


def _entries(control: Control, is_pressed: bool) -> list[Entry]:
    if control.kind == "image":
        prefix = f"{control.name}." if control.name else ""
        return [Entry(f"{prefix}x", "0"), Entry(f"{prefix}y", "0")] if is_pressed else []
    if not control.name or control.is_disabled or control.kind in SILENT:
        return []
    if control.kind in BUTTONS:
        return [Entry(control.name, control.value)] if is_pressed else []
    if control.kind == "select":
        return [
            Entry(control.name, option.value)
            for option in control.options
            if option.is_chosen and not option.is_disabled
        ]
    if control.kind in ("checkbox", "radio"):
        return [Entry(control.name, control.value)] if control.is_checked else []
    if control.kind == "hidden" and control.name.lower() == "_charset_":
        return [Entry(control.name, "UTF-8")]
    return [Entry(control.name, control.value, control.kind == "file")]


def submit(form: Form, entries: Sequence[Entry], button: Control | None) -> Submission:
    """The request that sends the entries."""
    said = dict(button.overrides) if button is not None else {}
    method, url = said.get("method", form.method), said.get("action", form.action)
    enctype = said.get("enctype", form.enctype)
    pairs = [(_lines(entry.name), entry.value if entry.is_file else _lines(entry.value)) for entry in entries]
    if method != "POST":
        return Submission(method, urlsplit(url)._replace(query=urlencode(pairs), fragment="").geturl())
    if enctype == "multipart/form-data":
        return _multipart(url, [(entry, value) for entry, (_, value) in zip(entries, pairs, strict=True)])
    if enctype == "text/plain":
        text = "".join(f"{name}={value}\r\n" for name, value in pairs)
        return Submission(method, url, text.encode(), "text/plain")
    return Submission(method, url, urlencode(pairs).encode(), URLENCODED)


def _lines(text: str) -> str:
    """Line ends as forms send them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _multipart(url: str, values: Sequence[tuple[Entry, str]]) -> Submission:
    from hashlib import sha256

    from urllib3.fields import RequestField
    from urllib3.filepost import encode_multipart_formdata

    fields = []
    for entry, value in values:
        field = RequestField(entry.name, value.encode())
        if entry.is_file:
            # Where no file was chosen, browsers send a part without a name of one.
            field = RequestField(entry.name, value.encode(), f"{entry.name}.txt" if value else "")
            field.make_multipart(content_type="text/plain" if value else "application/octet-stream")
        else:
            field.make_multipart()
        fields.append(field)
    # Equal runs make equal bytes, and no value can hold the hash of all of them.
    boundary = "----seqtest" + sha256(repr([(entry.name, value) for entry, value in values]).encode()).hexdigest()[:32]
    body, content_type = encode_multipart_formdata(fields, boundary)
    return Submission("POST", url, body, content_type)
