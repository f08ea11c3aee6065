"""Turns the HTML report's style and script into C, each with its hash for the page's policy.

usage: embed.py OUTPUT.c STYLE.css SCRIPT.js

Numbers instead of string literals: these have a greatest length in C. A text must not end its own
element, or be read by the browser as other bytes than were hashed here (CR).
"""

import base64
import hashlib
import sys


def main():
    output, *paths = sys.argv[1:]
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "render/html.h"\n')
        for name, path in zip(("style", "script"), paths, strict=True):
            with open(path, "rb") as file:
                text = file.read()
            if b"</" in text or b"<!--" in text or b"\r" in text or not text.isascii():
                sys.exit(f"{path}: not fit to stand inside an HTML element")
            digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
            numbers = ",".join(str(byte) for byte in text)
            out.write(f"const char haul_render_html_{name}[] = {{{numbers},0}};\n"
                      f'const char haul_render_html_{name}_hash[] = "sha256-{digest}";\n')


main()
