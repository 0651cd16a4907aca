"""What rtvis works on: volumes, contours, structure sets, their digests, and the errors that name them.

Nothing here knows files, sockets, DICOM libraries or toolkits.
"""
