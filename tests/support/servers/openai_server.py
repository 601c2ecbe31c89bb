"""A server that speaks OpenAI's embeddings API. Texts with common words get near vectors."""

import base64
from typing import Any

import numpy as np

from tests.support.builders.search_corpora import WordEmbedder
from tests.support.servers.json_server import Call, JsonServer, Reply

KEY = "sk-test"


class OpenAIServer(JsonServer):
    """`pad` is how many zeros each vector ends with."""

    def __init__(self, pad: int = 0) -> None:
        super().__init__(self._embeddings)
        self.pad = pad
        self.base_url = f"{self.url}/v1"

    def texts(self) -> list[str]:
        return [text for call in self.calls for text in call.body["input"]]

    def _embeddings(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return Reply(
                401, {"error": {"message": "Incorrect API key provided: sk-secret", "code": "invalid_api_key"}}
            )
        if call.path != "/v1/embeddings" or call.body["model"] != "text-embedding-3-small":
            return Reply(404, {"error": {"message": "no such model"}})
        vectors = np.pad(WordEmbedder().embed(call.body["input"]), ((0, 0), (0, self.pad)))
        as_text = call.body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": encoded(row) if as_text else row.tolist()}
            for index, row in enumerate(vectors)
        ]
        data.reverse()  # the order is the index's business
        return Reply(body=embedding_list(data))


def embedding_list(data: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data, "model": "text-embedding-3-small", "usage": usage}


def encoded(row: Any) -> str:
    return base64.b64encode(row.astype("<f4").tobytes()).decode()
