"""The commands: parse, call the app, print."""
