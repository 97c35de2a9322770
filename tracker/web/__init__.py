"""The web layer: pages for a person, the command line's door, calendar feeds."""
