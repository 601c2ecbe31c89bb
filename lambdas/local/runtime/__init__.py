"""Emulates the Lambda runtime: worker processes under awslambdaric."""
