"""Faults of the cloud itself: processes that end when it hurts, stored objects that are gone or damaged."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from tests.support.faults.proxy import Exchange, Fault, passing
from tests.support.faults.site import FaultSite


@contextmanager
def cold_start_storm(site: FaultSite) -> Iterator[None]:
    """Every process of every function is gone when the calls come."""
    _kill(site)
    try:
        yield
    finally:
        site.direct.warm()


@contextmanager
def killed_mid_call(site: FaultSite) -> Iterator[None]:
    """A function's process ends right after DynamoDB did what it asked for, before it can say so."""
    _kill(site, "industries")  # a new process has to ask; one that runs asks every two seconds only
    try:
        with site.dynamodb.playing(_killing_asker(site.cloud.pid)):
            yield
    finally:
        site.direct.warm()


@contextmanager
def objects_missing(site: FaultSite) -> Iterator[None]:
    """No function has its snapshot, and the bucket has none either."""
    with _altered_objects(site, lambda s3, place, _: s3.delete_object(**place)):
        yield


@contextmanager
def objects_corrupt(site: FaultSite) -> Iterator[None]:
    """No function has its snapshot, and what the bucket has is damaged."""
    with _altered_objects(site, lambda s3, place, body: s3.put_object(**place, Body=body[: len(body) // 2])):
        yield


def _kill(site: FaultSite, *stacks: str) -> None:
    """End the processes of these stacks, of all if none is named."""
    for function in site.cloud.health()["functions"]:
        if function["processes"] and function["stack"] in (stacks or (function["stack"],)):
            site.cloud.kill(function["name"])


def _killing_asker(cloud: int) -> Fault:
    async def fault(exchange: Exchange) -> None:
        if not _decides(exchange):
            return await passing(exchange)
        await exchange.forward()
        _, port = exchange.writer.get_extra_info("peername")
        for process in psutil.Process(cloud).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if any(connection.laddr.port == port for connection in process.net_connections("tcp4")):
                    process.kill()
        return exchange.writer.close()

    return fault


def _decides(exchange: Exchange) -> bool:
    """Whether this is what a call is about, not what it does beforehand."""
    operation = exchange.headers.get("x-amz-target", "").rpartition(".")[2]
    asked = json.loads(exchange.body or b"{}")
    if operation == "Query":
        return "IndexName" in asked
    if operation == "UpdateItem":
        return "ConditionExpression" in asked
    return operation in ("GetItem", "PutItem", "BatchWriteItem")


@contextmanager
def _altered_objects(site: FaultSite, alter: Callable[[Any, dict[str, str], bytes], object]) -> Iterator[None]:
    s3 = site.s3()
    kept = [(place, s3.get_object(**place)["Body"].read()) for place in _objects(s3)]
    assert kept
    for place, body in kept:
        alter(s3, place, body)
    for folder in ("stories-listings", "search-indexes"):
        shutil.rmtree(site.flags.parent / folder, ignore_errors=True)
    _kill(site, "stories", "search")
    site.direct.warm()
    try:
        yield
    finally:
        for place, body in kept:
            s3.put_object(**place, Body=body)


def _objects(s3: Any) -> list[dict[str, str]]:
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return [
        {"Bucket": bucket, "Key": item["Key"]}
        for bucket in buckets
        for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())
    ]
