"""DICOM files: find series, read and construct images, read and write structure sets."""
