"""Exit codes: 0 kept, 1 a promise broken, 2 wrong command line, 3 a diagram unreadable, 4 no answer."""

KEPT, BROKEN, USAGE, UNREADABLE, NO_ANSWER = range(5)
