"""Automations: what sets them off, under which conditions, and what they do."""
