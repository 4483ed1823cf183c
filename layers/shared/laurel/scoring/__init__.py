"""Scoring: rules of points, and the use cases that apply, explain, search and prove scores."""
