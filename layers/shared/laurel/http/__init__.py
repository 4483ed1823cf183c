"""The edge: routes, roles, problem documents, request schemas and what answers look like."""
