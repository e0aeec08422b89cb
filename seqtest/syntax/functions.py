"""The preprocessor's built-in functions that need nothing but their arguments."""

import colorsys
import json
import re
from collections.abc import Callable, Mapping

from seqtest.syntax.colors import DIGITS
from seqtest.syntax.directives import Value
from seqtest.syntax.hsluv import reversed_lightness
from seqtest.syntax.values import Scalar, as_number, as_text, divided, is_true, put, taken, wrapped

NEWLINE = "\ue100"
"""What `%newline()` leaves in a line: a break of the text."""
BREAKLINE = "\ue101"
"""What `%breakline()` leaves: a break of the source."""


def _substr(text: Value, start: Value, length: Value = None) -> str:
    """Raises ValueError for a place before the beginning and for a negative length."""
    whole, begin = as_text(text), as_number(start)
    if begin < 0 or as_number(length) < 0:
        raise ValueError("a text has no place or length below 0")
    return whole[begin:] if length is None else whole[begin : begin + as_number(length)]


def _json_type(value: Value) -> str:
    if isinstance(value, Scalar):
        return "json" if value.value is None else _json_type(value.value)
    kinds = ((bool, "boolean"), (str, "string"), ((int, float), "number"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _json_add(value: Value, key: Value, new: Value = None) -> Value:
    if isinstance(value, dict):
        return {**value, as_text(key): put(new)}
    if isinstance(value, list):
        return [*value, put(key)]
    raise ValueError(f"`{as_text(value)[:30]}` is no JSON")


def _json_merge(one: Value, other: Value) -> Value:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **other}
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else one


def _json_remove(value: Value, key: Value) -> Value:
    if isinstance(value, dict):
        return {name: member for name, member in value.items() if name != as_text(key)}
    if isinstance(value, list):
        return [member for index, member in enumerate(value) if index != as_number(key)]
    return value


def _json_set(value: Value, key: Value, new: Value = None) -> Value:
    if isinstance(value, list):
        return [put(new) if index == as_number(key) else member for index, member in enumerate(value)]
    return _json_add(value, key, new)


def _keys(value: Value) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _size(value: Value) -> int:
    return len(value) if isinstance(value, (dict, list, str)) and not isinstance(value, Scalar) else 0


def _str2json(text: Value) -> Value:
    try:
        return taken(json.loads(as_text(text)))
    except ValueError:
        return ""


def _intval(text: Value) -> int:
    """Raises ValueError for a text that is no number."""
    if not re.fullmatch(r"[-+]?\d+", as_text(text)):
        raise ValueError(f"`{as_text(text)[:30]}` is no number")
    return wrapped(int(as_text(text)[:30]))


def _boolval(text: Value) -> int:
    """Raises ValueError for what says neither."""
    word = as_text(text).lower()
    if word not in ("true", "1", "false", "0"):
        raise ValueError(f"`{word[:30]}` is neither `true` nor `false`")
    return int(word in ("true", "1"))


def _mod(one: Value, other: Value) -> int:
    """Raises ValueError for a zero."""
    dividend, divisor = as_number(one), as_number(other)
    return dividend - divided(dividend, divisor) * divisor


def _color(text: Value) -> tuple[float, float, float]:
    """Raises ValueError for what is no colour."""
    name = as_text(text).lstrip("#")
    digits = DIGITS.get(name.lower(), "000000" if name.lower() == "transparent" else name)
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?", digits):
        raise ValueError(f"`{as_text(text)[:30]}` is no colour")
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def _hex(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(max(0.0, min(part, 1.0)) * 255):02X}" for part in color)


def _shaded(text: Value, percent: Value, sign: int) -> str:
    hue, light, saturation = colorsys.rgb_to_hls(*_color(text))
    return _hex(colorsys.hls_to_rgb(hue, max(0.0, min(1.0, light * (1 + sign * as_number(percent) / 100))), saturation))


def _is_dark(text: Value) -> bool:
    red, green, blue = _color(text)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5


def _reversed_color(text: Value) -> str:
    return _hex(tuple(1 - part for part in _color(text)))  # type: ignore[arg-type]  # three parts stay three


def _reversed_light(text: Value) -> str:
    red, green, blue = _color(text)
    # PlantUML divides by 256 and multiplies by 255, both without rounding.
    light = reversed_lightness((red * 255 / 256, green * 255 / 256, blue * 255 / 256))
    return "#" + "".join(f"{int(part * 255):02X}" for part in light)


def _hsl_color(hue: Value, saturation: Value, light: Value, alpha: Value = None) -> str:
    color = _hex(colorsys.hls_to_rgb(as_number(hue) % 360 / 360, as_number(light) / 100, as_number(saturation) / 100))
    return color if alpha is None else f"#{round(as_number(alpha) * 255 / 100):02x}{color[1:].lower()}"


def _from_hex(text: Value) -> int:
    try:
        return int(as_text(text), 16)
    except ValueError:
        return 0


def _split_by_regex(text: Value, pattern: Value) -> list[str]:
    """Raises ValueError for a pattern that is none, or that repeats what already repeats: it could run for years."""
    shape = as_text(pattern)
    if len(shape) > 100 or re.search(r"[*+}]\)*[*+{]|\|[^)]*\)[*+{]", shape):
        raise ValueError(f"the pattern `{shape[:30]}` is not taken")
    try:
        parts = re.split(shape, as_text(text)[:10_000])
    except re.error as failure:
        raise ValueError(f"`{shape}` is no pattern: {failure}") from None
    while parts and not parts[-1]:  # as Java's split does
        parts.pop()
    return parts


BUILTINS: Mapping[str, Callable[..., Value]] = {
    "%strlen": lambda text: len(as_text(text)),
    "%substr": _substr,
    "%strpos": lambda text, part: as_text(text).find(as_text(part)),
    "%upper": lambda text: as_text(text).upper(),
    "%lower": lambda text: as_text(text).lower(),
    "%string": as_text,
    "%chr": lambda code: chr(as_number(code)) if 0 <= as_number(code) < 0x110000 else "",
    "%ord": lambda text: ord(as_text(text)[0]) if as_text(text) else 0,
    "%splitstr": lambda text, by: (
        list(filter(None, as_text(text).split(as_text(by)))) if as_text(by) else [as_text(text)]
    ),
    "%splitstr_regex": _split_by_regex,
    "%newline": lambda: NEWLINE,
    "%n": lambda: NEWLINE,
    "%breakline": lambda: BREAKLINE,
    "%tab": lambda: "\t",
    "%percent": lambda: "%",
    "%dollar": lambda: "$",
    "%backslash": lambda: "\\",
    "%left_align": lambda: "\\l",
    "%right_align": lambda: "\\r",
    "%intval": _intval,
    "%mod": _mod,
    "%dec2hex": lambda number: f"{as_number(number) % 2**32:x}",
    "%hex2dec": _from_hex,
    "%true": lambda: 1,
    "%false": lambda: 0,
    "%not": lambda value: int(not is_true(value)),
    "%and": lambda *values: int(all(map(is_true, values))),
    "%or": lambda *values: int(any(map(is_true, values))),
    "%xor": lambda *values: int(sum(map(is_true, values)) == 1),
    "%nand": lambda *values: int(not all(map(is_true, values))),
    "%nor": lambda *values: int(not any(map(is_true, values))),
    "%nxor": lambda *values: int(sum(map(is_true, values)) != 1),
    "%boolval": _boolval,
    "%feature": lambda name: int(as_text(name).lower() in ("style", "theme")),
    "%version": lambda: "1.2026.2",
    "%size": _size,
    "%get_json_keys": _keys,
    "%get_json_type": _json_type,
    "%json_key_exists": lambda value, key: int(isinstance(value, dict) and as_text(key) in value),
    "%json_add": _json_add,
    "%json_set": _json_set,
    "%json_merge": _json_merge,
    "%json_remove": _json_remove,
    "%str2json": _str2json,
    "%lighten": lambda color, percent: _shaded(color, percent, 1),
    "%darken": lambda color, percent: _shaded(color, percent, -1),
    "%is_dark": lambda color: int(_is_dark(color)),
    "%is_light": lambda color: int(not _is_dark(color)),
    "%reverse_color": _reversed_color,
    "%reverse_hsluv_color": _reversed_light,
    "%hsl_color": _hsl_color,
    "%get_all_theme": list,
    "%get_current_theme": lambda: "",
    "%get_all_stdlib": list,
    "%get_stdlib": lambda *name: {},
}
"""Each name with what it gives."""
