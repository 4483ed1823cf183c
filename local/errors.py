"""What can go wrong in a way that a message explains better than a traceback."""


class LocalError(RuntimeError):
    """Shown to the user as it is."""
