"""Values that an interaction use or a row of a table gives to the steps inside."""

from collections.abc import Mapping

from seqtest.diagram.expectation import Call, Expression, Plain, Reference, Template, Value


def give(around: Mapping[str, Value], values: Mapping[str, Value]) -> dict[str, Value]:
    """Both together. Names in the inner values mean what they mean outside: the outer values are put in their place."""
    return {**around, **{name: substituted(value, around) for name, value in values.items()}}


def substituted(value: Value, given: Mapping[str, Value]) -> Value:
    """The value with its references to given names replaced by what they stand for."""
    if not isinstance(value, Template) or not given:
        return value
    if len(value.parts) == 1 and isinstance(value.parts[0], Reference):
        alone = value.parts[0]
        if len(alone.path) == 1 and alone.path[0] in given:
            return given[str(alone.path[0])]
    parts: list[str | Expression] = []
    for part in value.parts:
        if isinstance(part, str):
            parts.append(part)
        else:
            parts.extend(_inserted(part, given))
    return Template(tuple(parts))


def _inserted(part: Expression, given: Mapping[str, Value]) -> tuple[str | Expression, ...]:
    """A part of a template, with what stands for it: text and expressions."""
    if isinstance(part, Call):
        arguments = tuple(_argument(argument, given) for argument in part.arguments)
        return (Call(part.function, arguments, part.span),)
    if not isinstance(part, Reference) or part.path[0] not in given:
        return (part,)
    value = given[str(part.path[0])]
    if isinstance(value, Plain) and len(part.path) == 1:
        return (value.value if value.is_quoted else value.text,)
    if isinstance(value, Template):
        if len(part.path) == 1:
            return value.parts
        inner = value.parts[0]
        if len(value.parts) == 1 and isinstance(inner, Reference):
            return (Reference((*inner.path, *part.path[1:]), part.span),)
    return (part,)


def _argument(argument: Expression, given: Mapping[str, Value]) -> Expression:
    if isinstance(argument, Call):
        return Call(argument.function, tuple(_argument(inner, given) for inner in argument.arguments), argument.span)
    if isinstance(argument, Reference) and argument.path[0] in given:
        value = given[str(argument.path[0])]
        if isinstance(value, Plain) and len(argument.path) == 1:
            return value
        inserted = _inserted(argument, given)
        if len(inserted) == 1 and not isinstance(inserted[0], str):
            return inserted[0]
    return argument
