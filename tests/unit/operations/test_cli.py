"""The `mattgpt` command: its list of commands needs no command's imports, and says what each command says of itself."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from operations.cli import COMMANDS, app

HEAVY = {"pandas", "numpy", "boto3", "streamlit", "openfeature", "deepdiff", "operations.commands.up"}


def test_help_imports_no_command() -> None:
    show = "import sys; from operations.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout
    assert "parity" in found
    assert not HEAVY.intersection(found.split())


def test_no_process_imports_what_only_differences_need() -> None:
    show = "import sys, backend_clients.bootstrap; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout
    assert not {"pandas", "deepdiff"}.intersection(found.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_each_command_says_of_itself(name: str) -> None:
    command = COMMANDS[name].load(name)
    assert command.help.partition("\n\n")[0] == COMMANDS[name].help
    assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_an_unknown_command_is_named_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["stats"])
    assert result.exit_code == 2
    assert "Did you mean 'status'?" in " ".join(result.output.split())


def test_parity_has_the_aa_test() -> None:
    assert "aa" in CliRunner().invoke(app, ["parity", "--help"]).output
