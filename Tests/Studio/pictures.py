"""Pictures for the tests, made with Python's own library."""

import struct
import zlib


def png(width, height, pixel_bytes, colour_type, depth=8):
    """A PNG; pixel_bytes(row) gives the bytes of a row."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compressobj(1)
    data = b"".join(rows.compress(b"\0" + pixel_bytes(row)) for row in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def gradient(width, height):
    """Three channels that change from edge to edge."""
    across = bytes(value for column in range(width) for value in (column * 255 // width, 90, 255 - column * 255 // width))
    return png(width, height, lambda row: across[:-3] + bytes((row * 255 // height, row % 256, 77)), 2)


def transparent(width, height):
    """Four channels; the left half can be seen through."""
    def row(y):
        return b"".join(bytes((x * 3 % 256, y % 256, 120, 100 if x < width // 2 else 255)) for x in range(width))
    return png(width, height, row, 6)


def deep(width, height):
    """Three channels of sixteen bits."""
    def row(y):
        return b"".join(struct.pack(">HHH", x * 301 % 65536, y * 517 % 65536, 40001) for x in range(width))
    return png(width, height, row, 2, 16)


def mask(width, height, box):
    """White in a box (left, top, right, bottom), black elsewhere."""
    left, top, right, bottom = box
    inside = bytes(255 if left <= x < right else 0 for x in range(width))
    return png(width, height, lambda row: inside if top <= row < bottom else bytes(width), 0)


def turned(jpeg, orientation):
    """A JPEG with an EXIF tag that says how the camera was held."""
    tiff = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0"
    data = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def chunk_of(file, kind):
    """The data of the first chunk of a kind in a PNG."""
    at = 8
    while at < len(file):
        length, = struct.unpack(">I", file[at:at + 4])
        if file[at + 4:at + 8] == kind:
            return file[at + 8:at + 8 + length]
        at += 12 + length
    return None
