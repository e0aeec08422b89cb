"""seqtest: a PlantUML sequence diagram of an auth flow is the test."""

__version__ = "0.1.0"
