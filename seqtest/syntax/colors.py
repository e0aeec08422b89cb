"""The colour names of PlantUML: those of CSS, and of ArchiMate's layers."""

import re

NAMES = frozenset(
    """
    aliceblue antiquewhite application aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet
    brown burlywood business cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue
    darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange
    darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise
    darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia
    gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink implementation indianred
    indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan
    lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue
    lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon
    mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen
    mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin motivation navajowhite navy
    oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred
    papayawhip peachpuff peru physical pink plum powderblue purple red rosybrown royalblue saddlebrown salmon
    sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue
    strategy tan teal technology thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen
    """.split()
)

_KNOWN_SPECIAL = frozenset({"transparent", "automatic", "clear"})
_HEX = re.compile(r"[0-9a-f]{1}(?:[0-9a-f]{2}|[0-9a-f]{5}|[0-9a-f]{7})?$")
_GRADIENT = re.compile(r"[-\\|/]")


def unknown_color(text: str) -> str | None:
    """The part of `#red`, `#ff0000` or a gradient such as `#red/blue` that is no colour; None when all is well."""
    for part in _GRADIENT.split(text.removeprefix("#")):
        name = part.removeprefix("#").lower()
        if name not in NAMES and name not in _KNOWN_SPECIAL and not _HEX.match(name):
            return part
    return None
