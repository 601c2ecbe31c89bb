"""The HTTP layer of the functions: typed requests, problem documents, CORS, calls of other services."""
