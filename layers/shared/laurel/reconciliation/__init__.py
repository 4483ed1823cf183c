"""Reconciliation: the shop against the Ledger, the Ledger against the boards, and what differs put right."""
