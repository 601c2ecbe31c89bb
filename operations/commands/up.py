"""`mattgpt up`: starts the local Lambda stack, loads the stories and starts the site, with one log and one Ctrl-C."""

import signal
import socket
from typing import Annotated

import typer

from backend_clients.domains import DOMAINS
from backend_clients.flags.file import FlagFileError, read_flag_file
from backend_clients.migration.retirement.plan import with_legacy
from backend_clients.profile_file import NAMES_NOBODY
from backend_clients.settings import Settings
from contracts.profile import NO_FACTS
from contracts.story_file import LoadedStories, StoryFileError, read_stories
from operations.shared.console import fail
from operations.shared.options import (
    DataDirOption,
    ProfileOption,
    StoriesOption,
    require_data_folder,
    settings_for,
)
from operations.shared.story_messages import story_messages
from operations.stack.loaders import read_facts
from operations.stack.local_stack import DEFAULT_PORT, Stacks, find_stack, forget_stack
from operations.stack.processes import Processes
from operations.stack.serving import HOST, LocalServing


def up(  # noqa: PLR0913, PLR0917  each is an option
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the site.")] = 8501,
    api_port: Annotated[
        int, typer.Option("--api-port", min=1, max=65535, help="Port of the local Lambda stack.")
    ] = DEFAULT_PORT,
    stories: StoriesOption = None,
    profile: ProfileOption = None,
    data_dir: DataDirOption = None,
    site_only: Annotated[
        bool,
        typer.Option("--site-only", help="Serve the site alone, with the stack on --api-port if one runs."),
    ] = False,
    stack_only: Annotated[bool, typer.Option("--stack-only", help="Serve the local Lambda stack alone.")] = False,
) -> None:
    """Serve the site and the local Lambda stack until Ctrl-C."""
    if site_only and stack_only:
        fail("--site-only and --stack-only exclude each other", 2)
    settings = settings_for(stories, data_dir, profile)
    ports = {"--port": port} if site_only else {"--api-port": api_port} if stack_only else {}
    _check_ports(ports or {"--port": port, "--api-port": api_port})
    loaded = _check_stories(settings)
    if read_facts(settings, settings.stories_file) is NO_FACTS:
        _print_line(NAMES_NOBODY)
    _check_flags(settings)
    require_data_folder(settings)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    with Processes() as processes:
        try:
            serving = LocalServing(processes, settings, loaded.stories, port, api_port, _print_line)
            _serve(serving, with_site=not stack_only, with_stack=not site_only)
        except KeyboardInterrupt:
            _print_line("stopping")
        finally:
            if not site_only:
                forget_stack(settings, api_port)


def _serve(serving: LocalServing, *, with_site: bool, with_stack: bool) -> None:
    stack = serving.start_stack() if with_stack else find_stack(serving.api_port)
    if with_site:
        serving.start_site(stack)
    if stack is not None:
        serving.warm_up(stack)
    if with_site:
        serving.wait_for_site()
        _print_line(f"site   http://localhost:{serving.port}")
    _print_line(_stack_line(serving, stack))
    _print_line(f"data   {serving.settings.data_dir}")
    if with_site:
        _print_line(f"flags  {serving.settings.flags_file}: the site reloads it within a second of a change")
    serving.watch()


def _stack_line(serving: LocalServing, stack: Stacks | None) -> str:
    if stack is not None:
        return f"stack  {stack.url}  (AWS services at {stack.aws_endpoint})"
    domains = [domain.name for domain in DOMAINS.values() if domain.api_url(serving.settings)]
    configured = f"the environment names an API for {', '.join(domains)}" if domains else "legacy alone answers"
    return f"stack  none on port {serving.api_port}; {configured}"


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
