"""Surfaces and sections with VTK's data filters; nothing here renders."""
