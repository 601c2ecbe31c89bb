"""The industries domain: industries of the portfolio, with figures and capabilities."""
