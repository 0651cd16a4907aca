"""The commands: one file each, thin. Parse arguments, call the app, print."""
