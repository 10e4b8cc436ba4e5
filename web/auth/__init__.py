"""Sign-in: an address and a password come in, a session goes out."""
