"""The inbox: what waits for the person signed in."""
