"""Signatures, keys and trust; nothing here knows the network."""
