"""Words by which people look for commands that are called something else here."""

from __future__ import annotations

_ROTATE = "reformat mpr rotate tilt turn"
_SNAPSHOT = "screenshot snapshot export image"
_SIZE_OF_TEXT = "font size text size bigger smaller settings preferences options"
_SIDE = "orientation view direction camera rotate"
_SEE_THROUGH = "opacity transparency blend fusion mix"
_HEADER = "dicom header attributes metadata elements"
_HEAL = "recover restore crash autosave journal backup"

ALSO_CALLED = {
    "Open folder": "load import browse study series dicom",
    "Open files": "load import browse rtstruct dose dicom",
    "Open demo": "example sample phantom try",
    "Save structure set": "rtstruct write export",
    "Save structure set as": "rtstruct write export",
    "Save with history": "audit log export",
    "Unsaved work of earlier": _HEAL,
    "Save picture": _SNAPSHOT,
    "Copy picture": "screenshot snapshot clipboard",
    "Save picture of active view": _SNAPSHOT,
    "Copy picture of active view": "screenshot snapshot clipboard",
    "Save 3D picture": _SNAPSHOT,
    "Copy 3D picture": "screenshot snapshot clipboard",
    "Stop what is under way": "cancel abort",
    "Quit": "exit",
    "Undo": "back revert",
    "Redo": "repeat again",
    "History": "audit log steps",
    "Axial alone": "transverse single one maximize layout",
    "Coronal alone": "single one maximize layout",
    "Sagittal alone": "single one maximize layout",
    "3D alone": "single one maximize layout",
    "Four views": "quad mpr layout",
    "Maximise active view": "maximize single one enlarge",
    "Oblique view": _ROTATE,
    "Oblique plane by angles": _ROTATE,
    "Oblique plane through three points": _ROTATE,
    "Fit views": "center centre zoom all",
    "Reset views": "center centre",
    "One pixel per voxel (1:1)": "actual size zoom 100%",
    "Full screen": "fullscreen",
    "Light theme": "dark mode appearance settings preferences options",
    "Small texts": _SIZE_OF_TEXT,
    "Normal texts": _SIZE_OF_TEXT,
    "Large texts": _SIZE_OF_TEXT,
    "Largest texts": _SIZE_OF_TEXT,
    "Hide patient": "anonymous anonymise anonymize privacy name",
    "Patient in pictures": "annotation anonymous anonymise anonymize",
    "Next slice": "scroll forward",
    "Previous slice": "scroll back",
    "Zoom in": "enlarge magnify",
    "Zoom out": "shrink",
    "Pan": "move shift drag",
    "Navigate": "crosshair cursor coordinates link sync",
    "Cursor left": "crosshair",
    "Window/level": "contrast brightness",
    "Levels from region": "contrast brightness auto",
    "Histogram and numbers": "hu hounsfield window level contrast brightness",
    "Grey": "gray color map",
    "Invert": "inverse negative",
    "Show overlay": "fusion blend dose pet visibility",
    "More of the overlay": _SEE_THROUGH,
    "Less of the overlay": _SEE_THROUGH,
    "Overlay in colours": "dose colour color wash",
    "Isodose lines": "dose levels",
    "Overlay panel": "dose pet opacity transparency fusion blend",
    "Contour style": "opacity transparency thickness line width fill visibility look",
    "Thicker contours": "line width thickness",
    "Thinner contours": "line width thickness",
    "Next contour look": "visibility fill",
    "From front (A)": f"anterior {_SIDE}",
    "From back (P)": f"posterior {_SIDE}",
    "From left (L)": _SIDE,
    "From right (R)": _SIDE,
    "From above (S)": f"superior cranial {_SIDE}",
    "From below (I)": f"inferior caudal {_SIDE}",
    "Turn 3D about the cursor": "rotate pivot center centre",
    "Parallel projection": "orthographic perspective",
    "Turntable movie": "video animation rotate gif cine play",
    "Volume not rendered": "volume rendering",
    "ROIs as surfaces": "mesh render",
    "Cut away all but a box": "crop clip",
    "List of ROIs": "structures statistics volume cc",
    "ROIs": "structures statistics volume cc",
    "Report": "problems errors warnings messages",
    "Tags": _HEADER,
    "Compare tags": _HEADER,
    "Freehand": "pencil draw",
    "Spline": "bezier curve",
    "Livewire": "magnetic lasso scissors",
    "3D curve": "non-planar nonplanar contour needle catheter",
    "Point": "marker seed fiducial",
    "Threshold": "magic wand segment hounsfield hu",
    "Flood fill": "magic wand region growing bucket segment",
    "Select": "choose pick move",
    "Edit points": "vertex vertices nodes move drag",
    "Nudge": "push sculpt deform",
    "Cut": "split divide knife hole",
    "Join": "merge connect",
    "Copy contours to next slice": "paste propagate",
    "Copy contours to previous slice": "paste propagate",
    "Copy contours to slices": "paste propagate",
    "Interpolate between slices": "fill gaps missing",
    "Simplify": "decimate reduce points",
    "Move or copy contours to another ROI": "paste assign transfer split",
    "Distance": "ruler measure length",
    "Angle": "measure protractor",
    "Area": "measure",
    "Probe": "pixel voxel value hounsfield hu measure coordinates",
    "New ROI": "structure create add organ tumour tumor",
    "Rename ROI": "structure name label",
    "Delete ROI": "structure remove",
    "Duplicate ROI": "structure copy paste",
    "Colour of ROI": "color structure",
    "Go to ROI": "center centre jump find",
    "Lock or unlock ROI": "protect freeze",
    "Show only this ROI": "solo isolate",
    "Show or hide all ROIs": "contours structures visible visibility",
    "Show or hide chosen ROIs": "contours structures visible visibility",
    "Type EXTERNAL": "body skin outline",
    "Type SUPPORT": "couch table",
    "Type GTV": "tumour tumor target",
    "Union": "unite merge add boolean",
    "Intersection": "boolean overlap common",
    "Difference": "subtract boolean crop",
    "Exclusive or": "xor boolean",
    "Margin": "expand grow shrink erode dilate",
    "Ring": "shell wall",
    "Clip by plane": "crop cut split",
    "New ROIs from template": "tg263 tg-263 nomenclature",
    "Check names against TG-263": "tg263 nomenclature labels",
    "Match to images by geometry": "link register registration",
    "Repair references": "link mend fix",
    "Digests": "md5 sha256 hash checksum",
    "Sign": "signature certificate",
    "Sign history": "signature certificate audit log",
    "Verify signatures": "check valid certificate",
    "Create identity": "certificate key",
    "Trust a sender": "certificate",
    "Send to device": "deliver export transfer share",
    "Receive": "server listen",
    "What a device holds": "inbox received",
    "Commands": "search palette",
    "Mouse and keys": "keyboard shortcuts gestures help manual",
    "About rtvis": "version licence license",
}
"""What other programs and people call a command, by its name in `Menus.actions`; typed, it finds the command too."""

IN_TERMINAL = {
    "export nifti nrrd masks labelmap label map stl ply obj meshes surfaces": (
        "In a terminal: rtvis export writes masks, label maps and surfaces"
    ),
    "import nifti nrrd masks labelmap label map segmentation": (
        "In a terminal: rtvis import makes a structure set of masks"
    ),
    "build convert nifti nrrd metaimage npy dicom": "In a terminal: rtvis build makes DICOM images of other volumes",
    "statistics stats mean volumes table csv": "In a terminal: rtvis stats tells volumes and values of all ROIs",
    "diff compare structures structure sets": "In a terminal: rtvis diff compares two structure sets, ROI by ROI",
}
"""What is done by commands and not in the window: words by which it is looked for, and what to answer."""

LEAST_LETTERS = 4
"""Fewer letters begin too many words to mean one of them."""


def in_a_terminal(phrase: str) -> list[str]:
    """What to answer to a phrase (casefolded) that means what the window can't do, and commands can."""
    words = phrase.split()
    return [
        answer
        for known, answer in IN_TERMINAL.items()
        if words and all(any(_means(word, one) for one in known.split()) for word in words)
    ]


def _means(typed: str, known: str) -> bool:
    return typed == known or (len(typed) >= LEAST_LETTERS and known.startswith(typed))
