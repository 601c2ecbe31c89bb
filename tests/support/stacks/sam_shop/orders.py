"""Stores each order; those that say `fail` fail, alone."""

import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    failed = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        order = order.get("detail", order)
        if order.get("fail"):
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            table.put_item(Item={"pk": order["id"], "kind": "order", "batch": len(event["Records"])})
    return {"batchItemFailures": failed}
