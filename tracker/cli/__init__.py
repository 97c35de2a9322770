"""The command line: it sends what was typed to an action, and shows what came back."""
