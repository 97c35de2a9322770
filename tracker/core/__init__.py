"""The trade itself: values in, values out; no clock, no I/O, no framework."""
