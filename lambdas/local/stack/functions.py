"""Reads the functions of a template: code, limits, environment."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lambdas.local.stack.intrinsics import as_text
from lambdas.local.stack.resources import CREDENTIALS
from lambdas.local.stack.stack import Stack
from lambdas.local.stack.template import SERVERLESS, TemplateError

FUNCTION = f"{SERVERLESS}Function"

# Variables inherited from this machine; all others come from the template, as on AWS.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class FunctionSpec:
    """All that a worker needs to run a function; `name` is its physical name."""

    name: str
    logical_id: str
    stack: str
    arn: str
    handler: str
    task_root: Path
    timeout: float
    reserved: int | None
    environment: dict[str, str]


def read_functions(stack: Stack, source_root: Path | None) -> list[FunctionSpec]:
    """The functions of a stack.

    Parameters
    ----------
    source_root
        Searched for handlers after their CodeUri: the repository when functions run from source, `None` when
        they run from the artefacts of `sam build`, which must be complete.
    """
    wanted = filter(stack.wanted, stack.template.of_type(FUNCTION))
    return [_read_function(stack, logical_id, source_root) for logical_id in wanted]


def _read_function(stack: Stack, logical_id: str, source_root: Path | None) -> FunctionSpec:
    properties = stack.properties(logical_id)
    name = str(stack.resolve(logical_id, {"Ref": logical_id}))
    handler = properties.get("Handler")
    if not isinstance(handler, str):
        raise TemplateError(stack.template.path, logical_id, "has no Handler; images are not served here")
    roots = [stack.template.path.resolve().parent / str(properties.get("CodeUri", "."))]
    roots += [source_root] if source_root else []
    task_root = _root_of(handler, roots)
    if task_root is None:
        raise TemplateError(stack.template.path, logical_id, f"no code for handler {handler!r}")
    import_path = [task_root, *_layer_folders(stack, logical_id), *roots[1:]]
    reserved = properties.get("ReservedConcurrentExecutions")
    return FunctionSpec(
        name=name,
        logical_id=logical_id,
        stack=stack.name,
        arn=stack.aws.arn("lambda", f"function:{name}"),
        handler=handler,
        task_root=task_root,
        timeout=float(properties.get("Timeout", 3)),
        reserved=None if reserved is None else int(reserved),
        environment={
            **_defaults(),
            **_template_variables(properties),
            **_reserved_variables(stack, name, properties, task_root),
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(str(folder) for folder in import_path)),
        },
    )


def _root_of(handler: str, roots: list[Path]) -> Path | None:
    module = Path(*handler.replace("/", ".").split(".")[:-1])
    for root in roots:
        if (root / module).with_suffix(".py").is_file() or (root / module / "__init__.py").is_file():
            return root.resolve()
    return None


def _layer_folders(stack: Stack, logical_id: str) -> list[Path]:
    """The folders that are `/opt/python` on AWS; a layer run from source may have none."""
    folder = stack.template.path.resolve().parent
    folders = []
    for layer in stack.template.properties(logical_id).get("Layers", []):
        referred = layer.get("Ref") if isinstance(layer, dict) else None
        if referred in stack.template.of_type(f"{SERVERLESS}LayerVersion"):
            folders.append(folder / str(stack.properties(referred)["ContentUri"]) / "python")
    return [folder.resolve() for folder in folders if folder.is_dir()]


def _template_variables(properties: dict[str, Any]) -> dict[str, str]:
    variables = properties.get("Environment", {}).get("Variables", {})
    return {name: as_text(value) for name, value in variables.items()}


def _defaults() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    dynamodb = {name: os.environ[name] for name in ("AWS_ENDPOINT_URL_DYNAMODB",) if name in os.environ}
    return {
        **inherited,
        **dynamodb,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "1",
        "TZ": ":UTC",
    }


def _reserved_variables(stack: Stack, name: str, properties: dict[str, Any], task_root: Path) -> dict[str, str]:
    """The variables that Lambda sets itself and no template can change."""
    return {
        **{variable.upper(): value for variable, value in CREDENTIALS.items()},
        "AWS_DEFAULT_REGION": stack.aws.region,
        "AWS_ENDPOINT_URL": stack.aws.endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(properties.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": stack.aws.region,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(task_root),
        "_HANDLER": properties["Handler"],
    }
