"""Code shared by all Lambda domains, shipped as the common layer."""
