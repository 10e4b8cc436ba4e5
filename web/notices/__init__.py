"""Notices: what happened while one was away."""
