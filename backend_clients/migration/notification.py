"""Tells a webhook or an SNS topic about every step back of a domain, on a thread of its own."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from backend_clients.flags.audit_log import FlagChange
from backend_clients.settings import Settings

_log = logging.getLogger(__name__)

_TIMEOUTS_SECONDS: Final = (2.0, 5.0)  # to connect, to answer
_RETRY: Final = Retry(total=2, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)
_SUBJECT_LENGTH: Final = 100  # SNS allows no more


def notifier_of(settings: Settings) -> Callable[[FlagChange], None]:
    """A function that sends a change to every configured receiver and returns at once.

    The thread is no daemon: a command ends only when its notifications were sent, or given up after some seconds. A
    failure is logged without the webhook's address, which is a secret.
    """
    receivers: list[tuple[str, Callable[[dict[str, Any]], None]]] = []
    if webhook := settings.notify_webhook.get_secret_value():
        receivers.append(("NOTIFY_WEBHOOK", lambda message: _post(webhook, message)))
    if topic := settings.notify_topic_arn:
        receivers.append(("NOTIFY_TOPIC_ARN", lambda message: _publish(topic, message)))

    def notify(change: FlagChange) -> None:
        message = message_of(change)
        for name, send in receivers:
            threading.Thread(target=_contained, args=(name, send, message), name="notification").start()

    return notify


def message_of(change: FlagChange) -> dict[str, Any]:
    """The notification: `text` is a sentence, as chat webhooks show it."""
    reason = f": {change.reason}" if change.reason else ""
    return {
        "event": "step_back",
        "domain": change.domain,
        "before": change.before,
        "after": change.after,
        "who": change.who,
        "reason": change.reason,
        "at": datetime.fromtimestamp(change.at, UTC).isoformat(timespec="seconds"),
        "text": f"{change.domain} stepped back from {change.before} to {change.after}, by {change.who}{reason}",
    }


def _contained(name: str, send: Callable[[dict[str, Any]], None], message: dict[str, Any]) -> None:
    try:
        send(message)
    except Exception as error:  # noqa: BLE001  a receiver may fail in any way; the step back is made
        response = getattr(error, "response", None)
        detail = f" (status {response.status_code})" if isinstance(response, requests.Response) else ""
        _log.warning("%s: %r could not be sent: %s%s", name, message["text"], type(error).__name__, detail)


def _post(webhook: str, message: dict[str, Any]) -> None:
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=_RETRY))
        session.post(webhook, json=message, timeout=_TIMEOUTS_SECONDS).raise_for_status()


def _publish(topic: str, message: dict[str, Any]) -> None:
    import boto3  # noqa: PLC0415  only for a site that has a topic

    client = boto3.client("sns", region_name=topic.split(":")[3])
    client.publish(TopicArn=topic, Subject=message["text"][:_SUBJECT_LENGTH], Message=json.dumps(message))
