"""Answers with exactly what the request's body says, a string as text that is not JSON."""

import json


def handler(event, context):
    return json.loads(event["body"])
