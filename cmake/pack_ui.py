"""Packs the built web application into one file that the binary carries: pack_ui.py FOLDER OUT. A folder that is not there makes an empty pack.

Format (src/api/interface_pack.h reads it): the line `insula-ui <number of files>`, then per file the line `<path>\t<content type>\t<etag>\t<size>\t<size of the
gzip form, 0 when there is none>`, then all contents in this order, plain before gzip.
"""
import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".ttf": "font/ttf", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
         ".webmanifest": "application/manifest+json", ".wasm": "application/wasm"}


def main() -> int:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES) if (folder / "index.html").exists() else []
    lines, contents = [], []
    for path in files:
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        if len(packed) > len(plain) * 0.95:
            packed = b""
        lines.append(f"{path.relative_to(folder).as_posix()}\t{TYPES[path.suffix]}\t{hashlib.sha256(plain).hexdigest()[:32]}\t{len(plain)}\t{len(packed)}\n")
        contents += [plain, packed]
    pack = f"insula-ui {len(files)}\n".encode() + "".join(lines).encode() + b"".join(contents)
    if not out.exists() or out.read_bytes() != pack:  # what includes it is compiled again only when it changed
        out.write_bytes(pack)
    return 0


if __name__ == "__main__":
    sys.exit(main())
