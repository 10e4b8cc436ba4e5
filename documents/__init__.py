"""What is written down: frozen words come in, the same bytes of PDF go out every time."""
