"""`mattgpt up`: starts the local Lambda stack, loads the stories and starts the site, with one log and one Ctrl-C."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import requests
import typer

from backend_clients.flags.file import FlagFileError, read_flag_file
from backend_clients.migration.retirement.plan import with_legacy
from backend_clients.profile_file import NAMES_NOBODY
from backend_clients.settings import REPOSITORY, Settings
from contracts.profile import NO_FACTS
from contracts.story import Story
from contracts.story_file import LoadedStories, StoryFileError, read_stories
from operations.shared.console import fail
from operations.shared.options import (
    ApiPortOption,
    DataDirOption,
    ProfileOption,
    StoriesOption,
    path_settings,
    require_data_folder,
    settings_for,
)
from operations.shared.story_messages import story_messages
from operations.stack.loaders import load_into, read_facts
from operations.stack.local_stack import LOCAL_KEY, Stacks, find_stack, site_settings
from operations.stack.processes import Processes
from operations.stack.warm_up import warm_up

T = TypeVar("T")

HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 60.0
_BUILD_SECONDS: Final = 900.0  # embedding a large corpus for the first time takes minutes


def up(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the site.")] = 8501,
    api_port: ApiPortOption = 3000,
    stories: StoriesOption = None,
    profile: ProfileOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve the site and the local Lambda stack until Ctrl-C."""
    settings = settings_for(stories, data_dir, profile)
    _check_ports({"--port": port, "--api-port": api_port})
    loaded = _check_stories(settings)
    if read_facts(settings, settings.stories_file) is NO_FACTS:
        _print_line(NAMES_NOBODY)
    _check_flags(settings)
    require_data_folder(settings)
    key = settings.api_key.get_secret_value() or LOCAL_KEY
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    with Processes() as processes:
        try:
            _serve(processes, settings, loaded.stories, (port, api_port), key)
        except KeyboardInterrupt:
            _print_line("stopping")


def _serve(
    processes: Processes, settings: Settings, stories: Sequence[Story], ports: tuple[int, int], key: str
) -> None:
    port, api_port = ports
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "API_KEY": key}
    cloud = [sys.executable, "-m", "lambdas.local", "--host", HOST, "--port", str(api_port)]
    processes.start("cloud", cloud, environment, REPOSITORY)
    stack = _wait(processes, "the local Lambda stack", lambda: find_stack(api_port))
    load_into(stack, settings)
    site = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "streamlit_app" / "app.py")]
    site += ["--server.address", HOST, "--server.port", str(port), "--server.headless", "true"]
    # Streamlit reads its configuration, including theme and error details, from its working folder.
    processes.start("site", site, environment | _site_environment(settings, stack, key), REPOSITORY)
    for problem in warm_up(site_settings(settings, stack, key), stories):
        _print_line(f"not warmed up: {problem}")
    _wait(processes, "the site", lambda: _answers(f"http://{HOST}:{port}/-/ready"), _BUILD_SECONDS)
    _print_line(f"site   http://localhost:{port}")
    _print_line(f"stack  {stack.url}  (AWS services at {stack.aws_endpoint})")
    _print_line(f"data   {settings.data_dir}")
    _print_line(f"flags  {settings.flags_file}: the site reloads it within a second of a change")
    while (ended := processes.ended()) is None:
        time.sleep(0.5)
    fail(f"{ended[0]} ended with exit code {ended[1]}; stopping all processes")


def _site_environment(settings: Settings, stack: Stacks, key: str) -> dict[str, str]:
    return {
        **{name.upper(): str(path) for name, path in path_settings(settings)},
        "API_KEY": key,
        "SHOW_MAINTAINER": os.environ.get("SHOW_MAINTAINER", "1"),
        **{name.upper(): url for name, url in stack.api_urls.items()},
    }


def _wait(processes: Processes, what: str, ready: Callable[[], T | None], within: float = _START_SECONDS) -> T:
    deadline = time.monotonic() + within
    while (found := ready()) is None:
        if (ended := processes.ended()) is not None:
            fail(f"{what} did not start: {ended[0]} ended with exit code {ended[1]}")
        if time.monotonic() > deadline:
            fail(f"{what} did not start within {within:.0f} s")
        time.sleep(0.1)
    return found


def _answers(url: str) -> bool | None:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(url, timeout=1.0).ok or None
    except requests.RequestException:
        return None


def _check_ports(ports: dict[str, int]) -> None:
    if len(set(ports.values())) < len(ports):
        fail(f"{' and '.join(ports)} must differ")
    for option, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                fail(f"{option}: port {port} is already in use; choose another")


def _check_stories(settings: Settings) -> LoadedStories:
    try:
        loaded = read_stories(settings.stories_file)
    except StoryFileError as error:
        fail(str(error))
    _print_line(f"stories {len(loaded.stories)} from {settings.stories_file}")
    for message in story_messages(settings.stories_file, loaded):
        _print_line(message)
    return loaded


def _check_flags(settings: Settings) -> None:
    """Print the flag file's problems; none of them prevents a start."""
    try:
        file = read_flag_file(settings.flags_file, with_legacy())
        problems = [*file.problems, *file.definition_problems]
    except FlagFileError as error:
        problems = [f"{error}; legacy answers until it can be read"]
    for problem in problems:
        _print_line(problem)


def _print_line(message: str) -> None:
    print(f"{'up':<5} | {message}", flush=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
