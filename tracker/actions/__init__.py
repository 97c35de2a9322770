"""The use cases, in the verbs of the user: the one place where core, store and channels meet."""
