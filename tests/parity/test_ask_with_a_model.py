"""With a model on both sides nothing differs up to the prompt, and comparing them asks no model."""

import json
import re
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from contracts.ask import DegradedReason
from operations.commands.aa_test import run_aa_test
from operations.parity.question_requests import ask_requests
from operations.parity.runner import compare_requests
from operations.parity.seeded_conversations import seeded_conversations
from tests.support.servers.model_server import MODEL, HttpReply, ModelServer, running_model
from tests.support.sides.in_process import request
from tests.support.stacks.cloud import Both, both_sides

KEY = "sk-test"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


@pytest.fixture(scope="module")
def both(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both sides as an owner's key makes them: it serves for embeddings and for answers, here and in the functions."""
    given = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": model.url, "OPENAI_CHAT_MODEL": MODEL}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        with both_sides(tmp_path_factory.mktemp("sample"), openai_api_key=SecretStr(KEY)) as sides:
            yield sides


def test_nothing_differs_up_to_the_prompt_and_no_model_is_asked(both: Both, model: ModelServer) -> None:
    model.requests.clear()
    with seeded_conversations(both.clients):
        requests = ask_requests(both.clients.operations("ask"), both.clients.corpus, 0)[::2]
        compare_requests("ask", requests[:8], lambda: None)  # a cold start on a busy machine is no mismatch
        tally = compare_requests("ask", requests, lambda: None)
    assert tally.as_json()["matched"] == len(requests), tally.first_mismatches
    assert model.requests == []


def test_both_sides_have_the_model(both: Both, model: ModelServer) -> None:
    generate = both.clients.operations("ask")[0]
    asked = request(both.clients.corpus.stories[0].title)
    answer_with_model = both.clients.ask.answer_with_model
    assert answer_with_model is not None
    legacy, remote = answer_with_model(asked), generate.remote(asked).value
    assert (legacy.trace.model, remote.trace.model) == (MODEL, MODEL)
    assert legacy.trace.prompt_hash == remote.trace.prompt_hash
    assert legacy.answer == remote.answer


def test_the_noise_of_prose_is_what_one_side_says_twice(both: Both, model: ModelServer) -> None:
    answers = iter(range(1000))
    plain = model.writer
    model.writer = lambda messages: f"{plain(messages)} Said {'once' if next(answers) % 2 else 'again'}."
    answer_with_model = both.clients.ask.answer_with_model
    assert answer_with_model is not None
    noise = run_aa_test(answer_with_model, [request(story.title) for story in both.clients.corpus.stories[:4]])
    model.writer = plain
    assert (noise.asked, noise.written, noise.identical, noise.same_figures) == (4, 4, 0, 4)
    assert 0.5 < noise.common_words < 1.0


def test_no_log_says_a_key_or_what_a_provider_said(
    both: Both, model: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    told = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}).encode()
    model.respond = lambda _: HttpReply(told, 401)
    answer_with_model = both.clients.ask.answer_with_model
    assert answer_with_model is not None
    asked = request(both.clients.corpus.stories[1].title)
    remote = both.clients.operations("ask")[0].remote(asked).value
    assert (answer_with_model(asked).degraded, remote.degraded) == (
        DegradedReason.MODEL_DOWN,
        DegradedReason.MODEL_DOWN,
    )
    model.respond = None
    cloud = "\n".join(both.cloud.lines)
    assert "the model is down" in cloud
    assert "the model gave no whole answer" in caplog.text
    for log in (cloud, caplog.text):
        assert not re.search(
            rf"{KEY}|{both.cloud.key_of('ask')}|Incorrect API key|authorization|x-api-key", log, re.IGNORECASE
        )
