"""DICOM files: find series, read and construct images, read and write structure sets."""

import pydicom.config

# What breaks the standard in a file is told as a `Problem` of what was read, once, with the file's name; pydicom's own
# warnings about each value would say it again on stderr, where no caller can use it.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
