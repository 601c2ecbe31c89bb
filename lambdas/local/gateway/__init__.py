"""Emulates API Gateway: routes, proxy events, keys and limits."""
