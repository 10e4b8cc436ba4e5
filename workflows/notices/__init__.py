"""Notices: what the bell shows, to whom, until it is read."""
