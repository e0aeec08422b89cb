"""Actors: who plays a participant."""

from seqtest.actors.actor import Actor, Network, Part, on

__all__ = ["Actor", "Network", "Part", "on"]
