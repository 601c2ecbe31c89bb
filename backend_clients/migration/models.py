"""The models of `MigrationService` that the Migration page shows, and the pure views of a comparison."""

from backend_clients.flags.audit_log import FlagChange
from backend_clients.migration.gate.report import Condition, GateReport, Verdict
from backend_clients.migration.mismatches.causes import Signature, all_signatures, signatures
from backend_clients.migration.mismatches.curl import asked_address, curl_line, key_hint
from backend_clients.migration.mismatches.groups import Group
from backend_clients.migration.mismatches.layer_diff import Change, LayerDiff, Row, side_by_side
from backend_clients.records.reader import Latency, StoredComparison, TrendPoint, Window

__all__ = [
    "Change",
    "Condition",
    "FlagChange",
    "GateReport",
    "Group",
    "Latency",
    "LayerDiff",
    "Row",
    "Signature",
    "StoredComparison",
    "TrendPoint",
    "Verdict",
    "Window",
    "all_signatures",
    "asked_address",
    "curl_line",
    "key_hint",
    "side_by_side",
    "signatures",
]
