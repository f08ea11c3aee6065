#!/usr/bin/env python3
"""Reads the files of a web archive strictly, as WARC 1.1 and haul's own rules say, and prints a JSON
object for each record.

Each gzip member is one record; heads, lengths and digests are right; what refers to a record finds
it. With --torn, what is behind the last whole job of the last file counts for nothing; otherwise
there is nothing behind it."""

import hashlib
import json
import re
import struct
import sys
import zlib

BEGIN = 2**128 - 1
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): (.*)")
NEEDED = {"WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length"}
TYPES = {"warcinfo", "response", "request", "metadata", "revisit"}
PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def digest(data):
    """As it stands in a head."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def members(data):
    """Yields each whole gzip member with its mark, and the bytes up to its end."""
    at = 0
    while at < len(data):
        head = data[at : at + 52]
        if len(head) < 52:
            return
        assert head[:16] == b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x28\0HL\x24\0", (at, head)
        size, high, low, tag, crc = struct.unpack("<QQQQL", head[16:])
        assert crc == zlib.crc32(head[16:48]), (at, head)
        key = high << 64 | low
        if at + size > len(data):
            return
        unpacker = zlib.decompressobj(31)
        record = unpacker.decompress(data[at : at + size])
        assert unpacker.eof and not unpacker.unused_data, at
        at += size
        yield record, key, tag, at


def read_head(lines):
    """The fields of a head, in a dictionary; none may be there twice."""
    fields = {}
    for line in lines:
        match = FIELD.fullmatch(line)
        assert match, line
        name, value = match[1].decode(), match[2].decode()
        assert name not in fields, name
        fields[name] = value
    return fields


def read_record(record):
    """The head and the block of a record."""
    head, block = record.split(b"\r\n\r\n", 1)
    version, *lines = head.split(b"\r\n")
    assert version == b"WARC/1.1", version
    fields = read_head(lines)
    assert NEEDED <= fields.keys(), fields
    assert fields["WARC-Type"] in TYPES, fields
    assert re.fullmatch(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>", fields["WARC-Record-ID"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fields["WARC-Date"])
    length = int(fields["Content-Length"])
    assert block[length:] == b"\r\n\r\n", (fields, block[length:])
    return fields, block[:length]


def check_http(fields, block):
    """A head of HTTP/1, and the payload behind it."""
    end = re.search(rb"\r?\n\r?\n", block)
    assert end, block
    head, payload = block[: end.end()], block[end.end() :]
    first = re.compile(rb"GET /\S* HTTP/1\.1\r\n" if fields["WARC-Type"] == "request" else rb"HTTP/1\.[01] \d{3} [^\r\n]*\r?\n")
    assert first.match(head), head
    assert not re.search(rb"\ntransfer-encoding:", head, re.I), head
    return head, payload


class Archive:
    """What was read so far."""

    def __init__(self):
        self.ids = {}

    def check(self, fields, block):
        """One record; returns what is told of it."""
        kind, told = fields["WARC-Type"], {}
        assert fields["WARC-Record-ID"] not in self.ids
        self.ids[fields["WARC-Record-ID"]] = fields
        if kind != "warcinfo":
            assert fields["WARC-Block-Digest"] == digest(block), fields
            told["uri"] = fields["WARC-Target-URI"]
        if kind in ("request", "metadata"):
            other = self.ids[fields["WARC-Concurrent-To"]]
            assert other["WARC-Target-URI"] == fields["WARC-Target-URI"]
        if kind == "metadata":
            told["text"] = block.decode()
            read_head(block.split(b"\r\n")[:-1])
        if kind in ("request", "response", "revisit"):
            head, payload = check_http(fields, block)
            told["head"] = head.decode(errors="replace")
        if kind == "response":
            assert fields["WARC-Payload-Digest"] == digest(payload), fields
            told["payload"] = len(payload)
        if kind in ("response", "revisit"):
            told["sha256"] = fields["WARC-Payload-Digest"][len("sha256:") :]
        if kind == "revisit":
            assert payload == b"" and fields["WARC-Profile"] == PROFILE
            other = self.ids[fields["WARC-Refers-To"]]
            assert other["WARC-Type"] == "response"
            assert other["WARC-Target-URI"] == fields["WARC-Refers-To-Target-URI"]
            assert other["WARC-Date"] == fields["WARC-Refers-To-Date"]
            assert other["WARC-Payload-Digest"] == fields["WARC-Payload-Digest"]
        told["protocol"] = fields.get("WARC-Protocol", "")
        told["truncated"] = fields.get("WARC-Truncated", "")
        return told


def look(paths, is_torn):
    """Prints them."""
    archive = Archive()
    for number, path in enumerate(paths):
        with open(path, "rb") as file:
            data = file.read()
        job, keep = [], 0
        for index, (record, key, _, end) in enumerate(members(data)):
            fields, block = read_record(record)
            is_info = fields["WARC-Type"] == "warcinfo"
            assert is_info == (index == 0) == (key == BEGIN), fields
            if is_info:
                assert fields["WARC-Filename"] == path.split("/")[-1]
            told = {"type": fields["WARC-Type"], "file": number, **archive.check(fields, block)}
            job.append(told)
            if key:
                keep = end
                for told in job:
                    print(json.dumps(told))
                job = []
        if not is_torn or number + 1 < len(paths):
            assert keep == len(data), (path, keep, len(data))


look([arg for arg in sys.argv[1:] if not arg.startswith("--")], "--torn" in sys.argv)
