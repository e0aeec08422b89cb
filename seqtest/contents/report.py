"""What checking one message found."""

from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding
from seqtest.source import Span


@dataclass(frozen=True, slots=True)
class Report:
    """Every broken promise, in drawing order, and how many promises were tested."""

    failures: tuple[Finding, ...] = ()
    checks: int = 0


NOTHING_CHECKED = Report()


class Notes:
    """Collects what is wrong with one message."""

    __slots__ = ("checks", "failures")

    def __init__(self) -> None:
        self.failures: list[Finding] = []
        self.checks = 0

    def fail(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        label: str = "promised here",
        expected: str = "",
        got: str = "",
        why: str = "",
        do: str = "",
        detail: str = "",
    ) -> None:
        """One promise is broken."""
        self.failures.append(
            Finding(code, message, span, "failed", label, expected=expected, got=got, why=why, do=do, detail=detail)
        )

    def error(self, code: str, message: str, span: Span | None, *, why: str = "", do: str = "") -> None:
        """One promise could not be tested, which is no pass."""
        self.failures.append(Finding(code, message, span, "error", "cannot be tested", why=why, do=do))

    def explain(self, before: int, detail: str) -> None:
        """Give the failures from the index `before` on their detail, where they have none."""
        found = self.failures
        found[before:] = [replace(failure, detail=failure.detail or detail) for failure in found[before:]]

    def advise(self, why: str, do: str) -> None:
        """Say of everything that is missing why, and what to do."""
        found = self.failures
        found[:] = [replace(one, why=one.why or why, do=one.do or do) if one.code == "SQ551" else one for one in found]

    @property
    def report(self) -> Report:
        return Report(tuple(self.failures), self.checks) if self.failures or self.checks else NOTHING_CHECKED
