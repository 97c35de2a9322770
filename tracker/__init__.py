"""A home-server tracker for agreed repayment plans."""

__version__ = "0.1.0"
