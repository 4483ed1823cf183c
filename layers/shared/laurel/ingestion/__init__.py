"""Facts come in: platform formats, signatures, and the use cases that put them into the Ledger."""
