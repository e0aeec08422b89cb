"""The preprocessor's lines as nodes."""

from typing import Any

from seqtest.dataclass import dataclass

Value = Any
"""What an expression gives: int, str, bool, float, None, list or dict."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    steps: "tuple[str | Expression, ...]" = ()
    """Member names, and expressions in brackets."""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: str
    """The raw text between the parentheses."""
    steps: "tuple[str | Expression, ...]" = ()


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Negated:
    """`-x`, or `!x` when `is_logical`."""

    value: "Expression"
    is_logical: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A JSON array, or an object when there are keys."""

    values: "tuple[Expression, ...]"
    keys: tuple[str, ...] | None = None


Expression = Literal | Variable | Call | Operation | Negated | Composed


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
    condition: Expression
    is_defined: bool | None = None
    """For `!ifdef` True, for `!ifndef` False."""
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
