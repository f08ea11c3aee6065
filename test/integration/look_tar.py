#!/usr/bin/env python3
"""Reads a tar archive as far as it goes, and prints a JSON object for each member that is whole.

What is behind a fault counts for nothing; with --whole it is an error, and GNU tar has to read the
archive, too, and come to the same names."""

import hashlib
import json
import subprocess
import sys
import tarfile


def members(path):
    """Yields name, size and digest, and returns what stopped it, or None."""
    with open(path, "rb") as file:
        try:
            archive = tarfile.open(fileobj=file, mode="r:")
            for member in archive:
                assert member.isreg(), member.name
                body = archive.extractfile(member).read()
                if len(body) != member.size:
                    return f"{member.name} is cut"
                yield member.name, member.size, hashlib.sha256(body).hexdigest()
        except tarfile.ReadError as error:
            return str(error)


def look(path, is_whole):
    """Prints them."""
    names = []
    walk = members(path)
    while True:
        try:
            name, size, digest = next(walk)
        except StopIteration as end:
            fault = end.value
            break
        names.append(name)
        shown = name.encode(errors="surrogateescape").decode(errors="replace")
        print(json.dumps({"name": shown, "size": size, "sha256": digest}))
    if not is_whole:
        return
    assert fault is None, fault
    listed = subprocess.run(
        ["tar", "--quoting-style=literal", "-tf", path], capture_output=True, check=True
    )
    said = listed.stderr.decode(errors="surrogateescape")
    assert all("hdrcharset" in line for line in said.splitlines()), said
    told = listed.stdout.decode(errors="surrogateescape").splitlines()
    assert told == names, (told, names)


look(sys.argv[-1], "--whole" in sys.argv)
