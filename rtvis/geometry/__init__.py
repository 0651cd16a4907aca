"""Ground floor: patient frame, grids, planes and polylines in plain numpy, with no files and no toolkit.

All coordinates are DICOM patient coordinates (LPS, mm, float64) unless a name says otherwise.
"""
