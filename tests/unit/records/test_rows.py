"""Rows of records: what they leave out."""

from backend_clients.records.rows import CallRecord, ComparisonRecord
from contracts.role_match import MatchRequest

DESCRIPTION = "Requirements\n- a secret project of Example Bank\n" + "word " * 30


def test_no_record_holds_a_job_description() -> None:
    request = MatchRequest(description=DESCRIPTION)
    called = CallRecord("ask", "match", "live", "lambda", "", False, False, 1.0, False, request)
    compared = ComparisonRecord("ask", "match", "shadow", "mismatch", "strength", 1.0, 1.0, False, request)
    assert "secret" not in str(called.request_row()) + str(compared.row())
