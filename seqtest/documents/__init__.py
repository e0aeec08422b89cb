"""Flows in documents: a Sphinx extension and an MkDocs plugin."""
