"""Delivery of volumes to devices: wire protocol, device, client, inbox."""
