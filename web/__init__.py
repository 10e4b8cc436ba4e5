"""The pages, and the commands of ./hent: each loads what it needs (see app.py)."""
