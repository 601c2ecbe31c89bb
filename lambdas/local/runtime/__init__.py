"""The Lambda runtime, here: processes under awslambdaric, started, fed and ended."""
