"""Stored pixel values: as they stand in the file, or run-length encoded (PS3.5 8.1.1, A.4.2, G).

No other compression is read: some of them lose what they compress, and most need a decoder that is not here.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hardcheck.dicom.stream import Stream
from hardcheck.dicom.tag import Tag, tag_text

_RLE_UID: Final = "1.2.840.10008.1.2.5"


def stored_pixels(stream: Stream, shape: tuple[int, int, int]) -> NDArray[Any]:
    """The integers (frames, rows, columns) of an image of 16 or 32 bits, in the byte order of the file.

    InputError where the pixels are not exactly as many as `shape` says, or are stored in another way.
    """
    dataset = stream.dataset
    bits, signed = dataset.unsigned(Tag.BitsAllocated), dataset.unsigned(Tag.PixelRepresentation) or 0
    if bits not in (16, 32) or signed not in (0, 1) or (dataset.unsigned(Tag.SamplesPerPixel) or 1) != 1:
        raise dataset.error(f"the pixels have {bits} bits; only one sample of 16 or 32 bits is read")
    element = dataset.elements.get(Tag.PixelData)
    if element is None:
        raise dataset.error(f"{tag_text(Tag.PixelData)} is missing")
    if element.encapsulated:
        return _decoded(stream, shape, bits, signed)
    size, needed = element.stop - element.start, math.prod(shape) * bits // 8
    if size < needed:
        raise dataset.error(f"the pixel data have {size} bytes, and {needed} are declared by rows, columns and frames")
    if size > needed + 1:  # one byte may pad to an even length
        raise dataset.error(f"the pixel data have {size} bytes, more than the {needed} of rows, columns and frames")
    kind = f"{'<' if dataset.little_endian else '>'}{'i' if signed else 'u'}{bits // 8}"
    return np.frombuffer(dataset.data, kind, math.prod(shape), element.start).reshape(shape)


def _decoded(stream: Stream, shape: tuple[int, int, int], bits: int, signed: int) -> NDArray[Any]:
    dataset = stream.dataset
    if stream.transfer_syntax != _RLE_UID:
        raise dataset.error("the pixel data are compressed in a way that is not read", do="export it uncompressed")
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - slow to import, and hardly ever needed
    from pydicom.uid import RLELossless  # noqa: PLC0415

    options: dict[str, Any] = {
        "number_of_frames": shape[0],
        "rows": shape[1],
        "columns": shape[2],
        "samples_per_pixel": 1,
        "bits_allocated": bits,
        "bits_stored": bits,
        "pixel_representation": signed,
        "photometric_interpretation": "MONOCHROME2",
        "pixel_keyword": "PixelData",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the decoder warns of frames that are missing or too many
        try:
            decoded, _ = get_decoder(RLELossless).as_array(dataset.raw(Tag.PixelData), raw=True, **options)
            return decoded.reshape(shape)
        except Exception as error:  # it promises no kind of error for damaged frames
            raise dataset.error(f"the run-length encoded pixel data are damaged ({type(error).__name__})") from None
