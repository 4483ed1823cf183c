"""Alerts: customers whose loyalty fades."""
