"""Surfaces as the bytes of files: STL and PLY (binary, little endian), OBJ, and VTK's XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from vtkmodules.vtkCommonDataModel import vtkPolyData


def surface_bytes(mesh: vtkPolyData, kind: str) -> bytes:
    """A triangle mesh in a file format; coordinates stay LPS mm.

    Args:
        mesh: triangles only.
        kind: ``stl``, ``ply``, ``vtp`` or ``obj``.

    Raises:
        ValueError: for another kind.
    """
    if kind == "vtp":
        return _vtp(mesh)
    points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(np.float64)
    triangles = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3).astype(np.int64)
    if kind == "stl":
        return _stl(points, triangles)
    if kind == "ply":
        return _ply(points, triangles)
    if kind == "obj":
        return _obj(points, triangles)
    raise ValueError(f"no surface format {kind!r}")


def _stl(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> bytes:
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    facets = np.zeros(len(triangles), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    facets["normal"], facets["corners"] = normals, corners
    # A header that begins with "solid" would be taken for the text format.
    return b"rtvis surface, LPS mm".ljust(80) + len(triangles).to_bytes(4, "little") + facets.tobytes()


def _ply(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> bytes:
    header = (
        "ply\nformat binary_little_endian 1.0\ncomment rtvis surface, LPS mm\n"
        f"element vertex {len(points)}\nproperty double x\nproperty double y\nproperty double z\n"
        f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = np.empty(len(triangles), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, triangles
    return header.encode("ascii") + points.astype("<f8").tobytes() + faces.tobytes()


def _obj(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> bytes:
    lines = ["# rtvis surface, LPS mm"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in points.tolist()]
    lines += [f"f {a} {b} {c}" for a, b, c in (triangles + 1).tolist()]
    return ("\n".join(lines) + "\n").encode("ascii")


def _vtp(mesh: vtkPolyData) -> bytes:
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(mesh)
    writer.SetDataModeToBinary()
    writer.SetCompressorTypeToZLib()
    writer.WriteToOutputStringOn()
    writer.Write()
    return str(writer.GetOutputString()).encode("ascii")
