"""What every Lambda domain shares: the API wrapper, problems, observability, snapshots. Shipped as the common layer."""
