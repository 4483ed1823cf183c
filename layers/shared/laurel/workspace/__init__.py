"""Accounts, audiences, stores and contact profiles."""
