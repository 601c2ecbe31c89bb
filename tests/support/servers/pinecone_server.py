"""A server that speaks Pinecone's API: upsert, query, fetch, delete and describe_index_stats, and looking up a host."""

import json
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from tests.support.servers.json_server import Call, JsonServer, Reply

KEY = "pc-test"
INDEX = "stories"
MAX_REQUEST = 2 * 1024 * 1024
MAX_METADATA = 40 * 1024


class PineconeServer(JsonServer):
    """`lag` is for how many looks at the counts new vectors stay uncounted."""

    def __init__(self, lag: int = 0) -> None:
        super().__init__(self._route)
        self.namespaces: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.lag = lag

    def count(self, path: str) -> int:
        return sum(urlsplit(called).path == path for called in self.paths())

    def _route(self, call: Call) -> Reply:
        if call.headers.get("api-key") != KEY:
            return Reply(401, "Invalid API Key: pc-secret")
        path = urlsplit(call.path).path
        routes = {
            "/vectors/upsert": self._upsert,
            "/query": self._query,
            "/vectors/fetch": self._fetch,
            "/vectors/delete": self._delete,
            "/describe_index_stats": self._stats,
            f"/indexes/{INDEX}": self._describe,
        }
        if path not in routes:
            return Reply(404, {"error": {"code": "NOT_FOUND", "message": f"no {path}"}, "status": 404})
        return routes[path](call)

    def _upsert(self, call: Call) -> Reply:
        vectors = call.body["vectors"]
        if len(vectors) > 1000 or not all(any(vector["values"]) for vector in vectors):
            return Reply(400, {"code": 3, "message": "too many vectors, or one without a non-zero value"})
        if int(call.headers["content-length"]) > MAX_REQUEST:
            return Reply(400, {"code": 3, "message": f"request size exceeds the maximum of {MAX_REQUEST} bytes"})
        sizes = [len(json.dumps(vector.get("metadata", {}), ensure_ascii=False).encode()) for vector in vectors]
        if max(sizes) > MAX_METADATA:
            message = f"metadata size is {max(sizes)} bytes, which exceeds the limit of {MAX_METADATA} bytes per vector"
            return Reply(400, {"code": 3, "message": message, "details": []})
        self.namespaces[call.body.get("namespace", "")].update({vector["id"]: vector for vector in vectors})
        return Reply(body={"upsertedCount": len(vectors)})

    def _query(self, call: Call) -> Reply:
        kept = [
            vector
            for vector in self.namespaces.get(call.body.get("namespace", ""), {}).values()
            if _passes(vector.get("metadata", {}), call.body.get("filter") or {})
        ]
        query = np.array(call.body["vector"], np.float32)
        scored = [(float(np.array(vector["values"], np.float32) @ query), vector["id"]) for vector in kept]
        best = sorted(scored, reverse=True)[: call.body["topK"]]
        return Reply(body=matches(best, call.body.get("namespace", "")))

    def _fetch(self, call: Call) -> Reply:
        asked = parse_qs(urlsplit(call.path).query)
        held = self.namespaces.get(asked.get("namespace", [""])[0], {})
        found = {name: held[name] for name in asked.get("ids", []) if name in held}
        return Reply(body={"vectors": found, "namespace": asked.get("namespace", [""])[0]})

    def _delete(self, call: Call) -> Reply:
        namespace = call.body.get("namespace", "")
        if call.body.get("deleteAll"):
            self.namespaces.pop(namespace, None)
        for name in call.body.get("ids", ()):
            self.namespaces[namespace].pop(name, None)
        return Reply(body={})

    def _stats(self, _: Call) -> Reply:
        self.lag -= 1
        counted = {} if self.lag >= 0 else {name: len(held) for name, held in self.namespaces.items()}
        namespaces = {name: {"vectorCount": count} for name, count in counted.items()}
        total = sum(counted.values())
        return Reply(body={"namespaces": namespaces, "dimension": 8, "indexFullness": 0.0, "totalVectorCount": total})

    def _describe(self, _: Call) -> Reply:
        return Reply(
            body={
                "name": INDEX,
                "dimension": 8,
                "metric": "cosine",
                "host": self.url,
                "status": {"ready": True, "state": "Ready"},
                "vector_type": "dense",
                "deletion_protection": "disabled",
                "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1", "environment": "t"},
                "schema": {"fields": {"v": {"type": "dense_vector", "dimension": 8, "metric": "cosine"}}},
            }
        )


def matches(scored: list[tuple[float, str]], namespace: str) -> dict[str, Any]:
    found = [{"id": name, "score": score} for score, name in scored]
    return {"matches": found, "namespace": namespace, "usage": {"readUnits": 1}}


def _passes(metadata: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Filters of the form {field: {"$eq": value}} or {field: {"$in": [values]}}."""
    for field, condition in wanted.items():
        held = metadata.get(field)
        values = held if isinstance(held, list) else [held]
        allowed = condition.get("$in", [condition.get("$eq")])
        if not set(values) & set(allowed):
            return False
    return True
