"""What somebody else's file may hold: plain data of a known shape, and pictures that can do nothing.

A page is made of such data as of our own, so that what does not fit is refused before anything is made.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

SVG = "{http://www.w3.org/2000/svg}"
_NAMES = (
    "svg g a title desc style defs use linearGradient stop text tspan rect line path circle ellipse polyline polygon"
)
ELEMENTS = frozenset(_NAMES.split())
"""All that our pictures are made of; nothing in it loads, runs or asks for anything."""
_LINK = re.compile(r"(?:https?://|mailto:)|[^:]*$|[^:/?#]*[/?#]", re.IGNORECASE)
_REACHES_OUT = re.compile(r"url\((?!#)|@import|expression|javascript:|\\|<", re.IGNORECASE)


def misfit(value: Any, hint: Any, at: str = "") -> str:
    """The first place where a value out of JSON is not of that type, in words; empty for one that fits.

    Knows plain types, unions, literals, lists, tuples, mappings with names, typed dictionaries and dataclasses.
    """
    return next(_misfits(value, hint, at), "")


def _misfits(value: Any, hint: Any, at: str) -> Iterator[str]:
    origin, inner = get_origin(hint), get_args(hint)
    if is_typeddict(hint) or is_dataclass(hint):
        yield from _members(value, hint, at)
    elif hint is Any:
        return
    elif origin in (Union, UnionType):
        if all(misfit(value, one) for one in inner):
            yield _words(at, " or ".join(_name(one) for one in inner), value)
    elif origin is Literal:
        if value not in inner:
            yield _words(at, " or ".join(map(repr, inner)), value)
    elif origin in (list, tuple):
        if not isinstance(value, list) or (origin is tuple and Ellipsis not in inner and len(value) != len(inner)):
            yield _words(
                at, f"a list of {len(inner)}" if origin is tuple and Ellipsis not in inner else "a list", value
            )
            return
        for place, one in enumerate(value):
            yield from _misfits(
                one, inner[place] if origin is tuple and Ellipsis not in inner else inner[0], f"{at}[{place}]"
            )
    elif origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            yield _words(at, "an object", value)
            return
        for name, one in value.items():
            yield from _misfits(one, inner[1], f"{at}.{name}")
    elif not _is_plain(value, hint):
        yield _words(at, _name(hint), value)


def _members(value: Any, hint: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _words(at, "an object", value)
        return
    hints = get_type_hints(hint)
    if is_dataclass(hint):
        needed = {one.name for one in fields(hint) if one.default is MISSING and one.default_factory is MISSING}
    else:
        needed = set(hint.__required_keys__)
    for name in sorted(needed - value.keys()):
        yield f"{at}.{name} is missing"
    for name in sorted(value.keys() - hints.keys()) if is_dataclass(hint) else ():
        yield f"{at}.{name} is unknown"
    for name in hints.keys() & value.keys():
        yield from _misfits(value[name], hints[name], f"{at}.{name}")


def _is_plain(value: Any, hint: Any) -> bool:
    if hint in (float, int):
        return isinstance(value, int | float if hint is float else int) and not isinstance(value, bool)
    return value is None if hint in (None, NoneType) else isinstance(value, hint)


def _name(hint: Any) -> str:
    names = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}
    return names.get(hint, "an object" if isinstance(hint, type) else "a list")


def _words(at: str, wanted: str, value: Any) -> str:
    return f"{at or 'the file'} is {_kind(value)}, not {wanted}"


def _kind(value: Any) -> str:
    kinds = {
        str: "a text",
        int: "a number",
        float: "a number",
        bool: "true or false",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), "null")


def picture_problem(svg: str) -> str:
    """Why this is no picture of ours, in words; empty for one whose every element and attribute is harmless."""
    if "<!" in svg or "<?" in svg:  # a document type can define entities, which can be made to explode
        return "its picture holds a declaration"
    try:
        root = ET.fromstring(svg)  # noqa: S314 - without a document type there is nothing to expand
    except (ET.ParseError, ValueError):
        return "its picture is no SVG"
    for element in root.iter():
        tag = element.tag.removeprefix(SVG)
        if tag not in ELEMENTS or not element.tag.startswith(SVG):
            return f"its picture holds <{tag[:40]}>"
        if tag == "style" and _REACHES_OUT.search(element.text or ""):
            return "its picture's style reaches out"
        for name, value in element.attrib.items():
            if not _is_harmless(tag, name, value):
                return f"its picture has {name[:40]} in <{tag}>"
    return ""


def _is_harmless(tag: str, name: str, value: str) -> bool:
    bare = name.rpartition("}")[2].lower()
    if bare.startswith("on") or bare == "src":
        return False
    if bare == "href":
        return value.startswith("#") or (tag == "a" and _LINK.match(value.strip()) is not None)
    if bare.startswith(("data-", "aria-")) or bare in ("id", "class"):
        return True
    return not _REACHES_OUT.search(value)
