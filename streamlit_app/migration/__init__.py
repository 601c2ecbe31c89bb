"""The Migration page, for the maintainer."""
