"""What Wine 8 lacks of Windows and Python would use: Python does without it where it is not there."""

import _winapi

del _winapi.CopyFile2
