"""The delivery engine: derive, claim, send, reconcile. Not in the registry: no door can call it.

The database is the truth. A message is claimed in a durable commit of its own,
checked once more, sent outside any transaction, and its outcome recorded. What
became of it when no answer came is asked of the provider, never guessed.
"""
