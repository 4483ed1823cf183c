"""Shops' own APIs: what to ask them and what they answer, for orders whose webhooks were lost."""
