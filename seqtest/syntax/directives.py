"""The preprocessor's lines as nodes."""

from typing import Any

from seqtest.dataclass import dataclass

Value = Any
"""What an expression gives: int, str, bool, float, None, list or dict."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Plain:
    """A word without quotes: a variable, a place in one (`$x.a[0]`), or itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: str
    """The raw text between the parentheses."""


Expression = tuple[Literal | Plain | Call | str, ...]
"""Values and operators, each operator behind what it joins: what is left on top at the end is the value."""


@dataclass(frozen=True, slots=True)
class Named:
    """Holds when a variable or routine of that name is there."""

    name: str


@dataclass(frozen=True, slots=True)
class Denied:
    value: "Defined"


@dataclass(frozen=True, slots=True)
class Joined:
    """`&&` when `is_all`, else `||`."""

    values: "tuple[Defined, ...]"
    is_all: bool


Defined = Named | Denied | Joined
"""What `!ifdef` asks."""


@dataclass(frozen=True, slots=True)
class Argument:
    value: Expression
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    name: str
    value: Expression
    scope: str = ""
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Define:
    name: str
    text: str
    parameters: tuple[Parameter, ...] | None = None
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Undefine:
    name: str


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression = ()
    defined: Defined | None = None
    is_defined: bool = True
    """False for `!ifndef`."""
    is_else: bool = False


@dataclass(frozen=True, slots=True)
class Else:
    pass


@dataclass(frozen=True, slots=True)
class End:
    """The closing word without blanks: `endif`, `endprocedure` …"""

    word: str


@dataclass(frozen=True, slots=True)
class While:
    condition: Expression


@dataclass(frozen=True, slots=True)
class ForEach:
    name: str
    values: Expression


@dataclass(frozen=True, slots=True)
class Routine:
    """A procedure or function; `value` for one written on one line."""

    name: str
    parameters: tuple[Parameter, ...]
    is_function: bool
    is_unquoted: bool = False
    is_final: bool = False
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Return:
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Include:
    target: str
    keyword: str


@dataclass(frozen=True, slots=True)
class IncludeSub:
    target: str


@dataclass(frozen=True, slots=True)
class StartSub:
    name: str


@dataclass(frozen=True, slots=True)
class Assert:
    condition: Expression
    text: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """`!log`, `!dump_memory`: nothing of it reaches the drawing."""


@dataclass(frozen=True, slots=True)
class Exit:
    pass


Directive = (
    Assign
    | Define
    | Undefine
    | If
    | Else
    | End
    | While
    | ForEach
    | Routine
    | Return
    | Include
    | IncludeSub
    | StartSub
    | Assert
    | Quiet
    | Exit
)
