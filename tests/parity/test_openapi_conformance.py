"""The functions answer as docs/openapi.json says, whatever is sent: no server error, and every answer of its schema."""

import json
from pathlib import Path
from typing import Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from playwright.sync_api import expect
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.support.sampling import FULL
from tests.support.site.server import running_browser
from tests.support.stacks.cloud import KEY, Both

DOCUMENT: Final = json.loads((Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text("utf-8"))
OPERATIONS: Final = {
    result.ok().label: result.ok() for result in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
}
EXAMPLES: Final = 160 if FULL else 8  # of each operation and mode: 5,000 in a full run
LONGEST_URL: Final = 8_000  # API Gateway itself turns away a request line and headers of over 10,240 bytes
load_all_checks()
CHECKED: Final = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_answer_is_of_its_schema(sample: Both, operation: APIOperation, mode: GenerationMode) -> None:  # type: ignore[type-arg]
    with requests.Session() as session:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def ask(case: Case) -> None:
            kwargs = case.as_transport_kwargs(base_url=sample.cloud.url)
            url = requests.Request(case.method, kwargs["url"], params=kwargs["params"]).prepare().url or ""
            assume(len(url) < LONGEST_URL)
            case.call_and_validate(
                base_url=sample.cloud.url, session=session, headers={"X-Api-Key": KEY}, checks=CHECKED
            )

        ask()


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b'{"question":"\xff"}', 400, "body"),
        (b'{"question":"Led what?","candidates":[{"id":"a\\ud800","score":1}]}', 422, "candidates.0.id"),
        (b'{"question":"Led what?","candidates":[{"id":"","score":1}]}', 422, "candidates.0.id"),
        (b'{"question":"Led what?","candidates":[{"id":"a","score":true}]}', 422, "candidates.0.score"),
        (b'{"question":"Led what?","candidates":[{"id":"a","score":1e999}]}', 422, "candidates.0.score"),
    ],
)
def test_a_body_that_no_client_of_ours_sends_is_refused_by_its_field(
    sample: Both, body: bytes, status: int, path: str
) -> None:
    headers = {"X-Api-Key": KEY, "Content-Type": "application/json"}
    answer = requests.post(f"{sample.cloud.url}/api/ask/rerank", body, headers=headers, timeout=30)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (status, [path])


def test_the_document_is_served_with_a_page_to_try_calls(sample: Both) -> None:
    served = requests.get(f"{sample.cloud.url}/-/openapi.json", timeout=10)
    assert served.json() == DOCUMENT
    assert (
        requests.get(f"{sample.cloud.url}/-/try", headers={"Origin": "https://x.example"}, timeout=10).status_code
        == 403
    )
    with running_browser() as browser:
        page = browser.new_page()
        page.goto(f"{sample.cloud.url}/-/try")
        page.get_by_label("Operation").select_option("GET /api/stories/{id}")
        page.get_by_label("X-Api-Key").fill(KEY)
        page.get_by_label("id (path)").fill("no|such story")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("status")).to_contain_text("404 Not Found")
        page.get_by_label("Operation").select_option("POST /api/search/keyword")
        page.get_by_label("X-Api-Key").fill(KEY)
        page.get_by_label("Body (JSON)").fill('{"query": "payments"}')
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("status")).to_contain_text("200 OK")
        expect(page.get_by_label("Body of the answer")).to_contain_text('"hits"')
