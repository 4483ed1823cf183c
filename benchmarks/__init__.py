"""What docs/performance.md reports, rerun by `make bench`."""
