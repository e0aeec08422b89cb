"""A verdict as JSON: the same run gives the same bytes. Secrets are masked; real times are left out."""

from typing import Any

from seqtest.errors import Finding
from seqtest.exchange import Action, Lost, Request, Response, Result
from seqtest.render.grid import clean
from seqtest.render.markup import json_text
from seqtest.render.mask import Masker, masker_of
from seqtest.render.wire import Content, body_lines, first_line
from seqtest.scenario import Step
from seqtest.trace import Occurrence
from seqtest.verdict import StepVerdict, Verdict
from seqtest.verdict.arrows import numbers
from seqtest.verdict.fields import fields
from seqtest.verdict.size import size

FORMAT = 1
"""Raised when a member changes its meaning or goes away; new members may come at any time."""


def json_of_run(verdict: Verdict, *, masker: Masker | None = None, indent: int | None = 2) -> str:
    """The verdict, what became of each step, what happened in which order, and every failure."""
    return json_text(value_of_run(verdict, masker or masker_of(verdict)), indent=indent)


def value_of_run(verdict: Verdict, masker: Masker) -> dict[str, Any]:
    """The same as plain data."""
    scenario = verdict.script.scenario
    names = numbers(scenario)
    start = verdict.trace.occurrences[0].at if verdict.trace.occurrences else 0.0
    return {
        "format": FORMAT,
        "file": scenario.diagram.source.path if scenario.diagram.source else None,
        "diagram": scenario.diagram.name,
        "title": masker.source(scenario.diagram.title) if scenario.diagram.title else None,
        "case": scenario.id,
        "is_kept": verdict.is_kept,
        "is_finished": verdict.trace.is_finished,
        "proved": {
            "arrows_seen": verdict.arrows_seen,
            "arrows_told": verdict.arrows_told,
            "checks_made": verdict.checks_made,
            "under_test": list(verdict.under_test),
        },
        "participants": [
            {"id": p.id, "name": p.name, "kind": p.kind, "is_bound": p.id in verdict.script.bound}
            for p in scenario.participants
        ],
        "steps": [
            _step(step, became, number, masker)
            for step, became, number in zip(scenario.steps, verdict.steps, names, strict=True)
        ],
        "happened": [_occurrence(occurrence, start, masker) for occurrence in verdict.trace.occurrences],
        "failures": [_finding(finding, masker) for finding in verdict.failures],
        "warnings": [_finding(finding, masker) for finding in verdict.warnings],
    }


def _step(step: Step, became: StepVerdict, number: str, masker: Masker) -> dict[str, Any]:
    return {
        "number": number or None,
        "file": step.span.path if step.span else None,
        "line": step.span.line if step.span else None,
        "kind": step.kind,
        "sender": step.sender,
        "receiver": step.receiver,
        "text": masker.source(step.text),
        "stage": masker.source(step.stage) or None,
        "state": became.state,
        "checks": became.checks,
        "occurrence": became.occurrence,
    }


def _occurrence(occurrence: Occurrence, start: float, masker: Masker) -> dict[str, Any]:
    return {
        "step": occurrence.step,
        "sender": occurrence.sender,
        "receiver": occurrence.receiver,
        "seconds": round(occurrence.at - start, 3),
        "answers": occurrence.request,
        **_content(occurrence.content, masker),
    }


def _content(content: Content, masker: Masker) -> dict[str, Any]:
    match content:
        case Request(_, _, headers, body) | Response(_, headers, body):
            return {
                "kind": "request" if isinstance(content, Request) else "response",
                "text": first_line(content, masker),
                "headers": [[name, clean(masker.value(name, value))] for name, value in headers],
                "body": "\n".join(clean(line) for line in body_lines(body, masker)[1:]),
                "bytes": size(content),
            }
        case Action() | Result():
            return {
                "kind": "action" if isinstance(content, Action) else "result",
                "text": first_line(content, masker),
                "fields": {name: clean(masker.value(name, value)) for name, value in fields(content)},
            }
        case Lost():
            return {"kind": "lost"}
    return {"kind": "told"}


def _finding(finding: Finding, masker: Masker) -> dict[str, Any]:
    words = {
        name: masker.text(getattr(finding, name)) for name in ("message", "expected", "got", "why", "do", "detail")
    }
    span = finding.span
    place = (
        {"file": span.path, "line": span.line, "column": span.column}
        if span
        else {"file": None, "line": None, "column": None}
    )
    return {"code": finding.code, "severity": finding.severity, **place, **words}
