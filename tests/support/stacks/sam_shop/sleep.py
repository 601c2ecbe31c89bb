"""Sleeps for the seconds that the query names, in a child process as well."""

import subprocess
import sys
import time


def handler(event, context):
    query = event["queryStringParameters"] or {}
    seconds = float(query.get("seconds", "0"))
    if query.get("child"):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    time.sleep(seconds)
    return {"statusCode": 200, "body": "slept"}
