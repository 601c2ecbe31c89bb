"""`python -m lambdas.local`: start the local cloud."""

import errno
import importlib
import logging
import os
import signal
import socket
import sys
import time

from lambdas.local.moto import MotoProcess
from lambdas.local.options import Options, parse_options


def main() -> int:
    started = time.monotonic()
    options = parse_options()
    logging.basicConfig(level=options.log_level, format="%(message)s", stream=sys.stderr)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        listener = socket.create_server((options.host, options.port), backlog=1024)
    except OSError as error:
        print(_describe(error, options), file=sys.stderr)
        return 1
    os.environ.pop("AWS_PROFILE", None)  # it may name a profile that this machine does not have
    signal.signal(signal.SIGTERM, _exit)
    moto = MotoProcess(options.moto_port)
    try:
        return _run(options, listener, moto, started)
    finally:
        moto.stop()


def _run(options: Options, listener: socket.socket, moto: MotoProcess, started: float) -> int:
    # Imported only now: boto3 and aiohttp load while the moto server starts.
    cloud = importlib.import_module("lambdas.local.cloud")
    try:
        cloud.run(options, listener, moto, started)
    except cloud.NOT_SERVABLE as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _describe(error: OSError, options: Options) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {options.port} is already in use on {options.host}; stop what uses it or choose another --port"
    return f"cannot listen on {options.host}:{options.port}: {error.strerror}"


def _exit(*_: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before it serves
        sys.exit(0)
