"""HSLuv (https://www.hsluv.org): hue, saturation and an even lightness, for `%reverse_hsluv_color`."""

import math

_TO_RGB = (
    (3.240969941904521, -1.537383177570093, -0.498610760293),
    (-0.96924363628087, 1.87596750150772, 0.041555057407175),
    (0.055630079696993, -0.20397695888897, 1.056971514242878),
)
_TO_XYZ = (
    (0.41239079926595, 0.35758433938387, 0.18048078840183),
    (0.21263900587151, 0.71516867876775, 0.072192315360733),
    (0.019330818715591, 0.11919477979462, 0.95053215224966),
)
_WHITE_U, _WHITE_V = 0.19783000664283, 0.46831999493879
_KAPPA, _EPSILON = 903.2962962, 0.0088564516


def reversed_lightness(color: tuple[float, float, float]) -> tuple[float, float, float]:
    """Red, green and blue between 0 and 1 with the same hue and saturation, and light where they were dark."""
    hue, saturation, light = _from_rgb(color)
    light = (light + 50) % 100
    return _to_rgb(hue, saturation, light + (50 - light) / 4)


def _from_rgb(color: tuple[float, float, float]) -> tuple[float, float, float]:
    linear = [((part + 0.055) / 1.055) ** 2.4 if part > 0.04045 else part / 12.92 for part in color]
    x, y, z = (sum(map(float.__mul__, row, linear)) for row in _TO_XYZ)
    light = 116 * y ** (1 / 3) - 16 if y > _EPSILON else y * _KAPPA
    if light < 1e-8:
        return 0.0, 0.0, 0.0
    whole = x + 15 * y + 3 * z
    u, v = 13 * light * (4 * x / whole - _WHITE_U), 13 * light * (9 * y / whole - _WHITE_V)
    chroma = math.hypot(u, v)
    hue = math.degrees(math.atan2(v, u)) % 360 if chroma > 1e-8 else 0.0
    if light > 99.9999999:
        return hue, 0.0, 100.0
    return hue, chroma / _most_chroma(light, hue) * 100, light


def _to_rgb(hue: float, saturation: float, light: float) -> tuple[float, float, float]:
    chroma = _most_chroma(light, hue) / 100 * saturation
    u = chroma * math.cos(math.radians(hue)) / (13 * light) + _WHITE_U
    v = chroma * math.sin(math.radians(hue)) / (13 * light) + _WHITE_V
    y = ((light + 16) / 116) ** 3 if light > 8 else light / _KAPPA
    x = y * 9 * u / (4 * v)
    z = (9 * y - 15 * v * y - v * x) / (3 * v)
    linear = [sum(map(float.__mul__, row, (x, y, z))) for row in _TO_RGB]
    red, green, blue = (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in linear)
    return red, green, blue


def _most_chroma(light: float, hue: float) -> float:
    """How far from grey colours of this lightness and hue go before they are none."""
    angle = math.radians(hue)
    sub = ((light + 16) / 116) ** 3
    sub = sub if sub > _EPSILON else light / _KAPPA
    lengths = []
    for m1, m2, m3 in _TO_RGB:
        for limit in (0, 1):
            top1 = (284517 * m1 - 94839 * m3) * sub
            top2 = (838422 * m3 + 769860 * m2 + 731718 * m1) * light * sub - 769860 * limit * light
            bottom = (632260 * m3 - 126452 * m2) * sub + 126452 * limit
            length = top2 / bottom / (math.sin(angle) - top1 / bottom * math.cos(angle))
            if length >= 0:
                lengths.append(length)
    return min(lengths)
