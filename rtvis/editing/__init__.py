"""Edits as values, and the history that undoes them."""
