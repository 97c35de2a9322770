"""Documents: values in, bytes out. No clock, no store, no network."""
