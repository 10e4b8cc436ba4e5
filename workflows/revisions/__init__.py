"""Releases: folders of diagrams, tables and forms come in; checked, published revisions go out."""
