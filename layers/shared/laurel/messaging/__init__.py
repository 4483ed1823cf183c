"""Messages: what they say, and to whom."""
