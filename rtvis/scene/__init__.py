"""VTK scenes: slices, contours, surfaces, cameras, picking; nothing here knows Qt."""
