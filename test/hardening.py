#!/usr/bin/env python3
"""Looks at a program whether it was built with what makes its faults harder to use.

usage: test/hardening.py PROGRAM...     prints what is missing, and exits with 1 if that is anything
       test/hardening.py --self-test    builds a program with nothing of it, and expects all to be missed

readelf and objdump are binutils'; the program must not be stripped.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

CHECKS = {  # what is missing: the command, and what its output has where it is not
    "a position that is not known before (PIE)": (["readelf", "-hW"], r"Type:\s+DYN"),
    "functions bound before the start (BIND_NOW)": (["readelf", "-dW"], r"FLAGS_1.*\bNOW\b"),
    "tables that are read-only then (RELRO)": (["readelf", "-lW"], r"GNU_RELRO"),
    "a stack that is not executable": (["readelf", "-lW"], r"GNU_STACK(\s+0x\w+){5} RW "),
    "guards of the stack": (["readelf", "--dyn-syms", "-W"], r"UND __stack_chk_fail\b"),
    "calls that check sizes (_FORTIFY_SOURCE)": (["readelf", "--dyn-syms", "-W"], r"UND __\w+_chk[@ ]"),
}
# The note of a program tells no more than its weakest part, which is the C library's crt1.o: Debian's
# has none. So this looks at haul's own code.
CHECKS_X86 = {
    "marks where calls may go (CET)": (["objdump", "-d", "--disassemble=main"], r"<main>:\n.*\bendbr64\b"),
}

BARE = """-O2 -w -fno-pie -no-pie -fno-stack-protector -U_FORTIFY_SOURCE -fcf-protection=none
    -Wl,-z,norelro -Wl,-z,lazy -Wl,-z,execstack""".split()
SOURCE = """#include <stdio.h>
#include <string.h>
int main(int n, char **words) { char text[64]; strcpy(text, words[n - 1]); return puts(text); }
"""


def output_of(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def missing(program):
    is_x86 = "X86-64" in output_of(["readelf", "-hW", program])
    checks = {**CHECKS, **(CHECKS_X86 if is_x86 else {})}
    return [title for title, (command, pattern) in checks.items()
            if not re.search(pattern, output_of([*command, program]))]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        program = str(pathlib.Path(folder, "bare"))
        arguments = [flag for flag in BARE if "cf-protection" not in flag or is_supported(flag)]
        subprocess.run(["gcc", *arguments, "-x", "c", "-", "-o", program], input=SOURCE, text=True, check=True)
        found = missing(program)
        expected = [*CHECKS, *(CHECKS_X86 if is_supported("-fcf-protection=none") else {})]
        return [f"not missed: {title}" for title in expected if title not in found]


def is_supported(flag):
    command = ["gcc", flag, "-x", "c", "-fsyntax-only", "-"]
    return not subprocess.run(command, input="", text=True, capture_output=True).returncode


def main(arguments):
    if arguments == ["--self-test"]:
        found = self_test()
    else:
        found = [f"{program} has no {title}" for program in arguments for title in missing(program)]
    print("\n".join(found))
    return 1 if found or not arguments else 0


sys.exit(main(sys.argv[1:]))
