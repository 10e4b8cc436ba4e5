"""What is said when an expression is refused: one French sentence."""


class ExpressionError(ValueError):
    """The expression cannot be compiled, or cannot be computed on these data."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
