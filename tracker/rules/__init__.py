"""Dated, sourced facts as package data, and their loaders."""
