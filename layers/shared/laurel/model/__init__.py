"""Frozen entities, value types and rules; no I/O and no third-party imports."""
