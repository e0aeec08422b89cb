"""Hygiene: what works, and no careful team would want in production. Warnings, never failures."""
