"""DynamoDB adapters: one module a table, keys in one place."""
