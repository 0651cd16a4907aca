"""rtvis: radiotherapy volumes and structure sets, seen, drawn, saved losslessly, signed and delivered."""
