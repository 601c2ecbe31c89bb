"""API Gateway, here: routes, proxy events, keys and limits."""
