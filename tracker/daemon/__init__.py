"""The background service: one heartbeat, the doors, and an end that loses nothing."""
