"""Answers with the event it got and the environment it runs in."""

import json
import os

print("echo was loaded")


def handler(event, context):
    seen = {
        "event": event,
        "environment": dict(os.environ),
        "request_id": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "pid": os.getpid(),
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(seen)}
