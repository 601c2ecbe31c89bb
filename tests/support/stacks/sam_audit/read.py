"""Answers without an explicit API; its stage is the implicit one."""


def handler(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["stage"]}
