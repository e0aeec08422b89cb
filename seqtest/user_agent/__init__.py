"""A browser as a value: its cookies, its page, and where it was sent. It says what a request takes along."""

from seqtest.user_agent.agent import CannotBrowse, UserAgent, Visit

__all__ = ["CannotBrowse", "UserAgent", "Visit"]
