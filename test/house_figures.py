"""Figures of a tree, for test/house.py --figures: how much there is, and where it is too much."""

import pathlib
import re
import subprocess
import tempfile

import house

BLOCK = 8  # lines that are a duplicate
SMELL = 40  # lines of a function
STRUCT = re.compile(r"^(?:static |const |typedef )*struct (\w+) \{$(.*?)^\}", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def structs_of(lines):
    """(name, fields) of each struct; the fields of what is nested in it are its own."""
    for name, body in STRUCT.findall(COMMENT.sub("", "\n".join(lines))):
        body = re.sub(r"\([^()]*\)|\{[^{};]*\}", "", body)
        fields = [part.rsplit("{", 1)[-1] for part in body.split(";")]
        yield name, sum(part.count(",") + 1 for part in fields if part.strip())


def code_of(lines):
    """(number, text) of the lines of code: without comments, includes and space."""
    text = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), "\n".join(lines))
    for number, line in enumerate(text.split("\n"), 1):
        line = "".join(line.split())
        if line and not line.startswith("#"):
            yield number, line


def duplicates_of(files):
    """(file, first line, lines, file and line of the first of its kind) of each later copy."""
    first, found = {}, []
    for path, lines in files.items():
        code = list(code_of(lines))
        for i in range(len(code) - BLOCK + 1):
            block = tuple(line for _, line in code[i : i + BLOCK])
            place = first.setdefault(block, (path, code[i][0], i))
            if place[::2] == (path, i) or (place[0] == path and i < place[2] + BLOCK):
                continue
            if found and found[-1][0] == path and found[-1][4] == i - 1:
                found[-1][2:3] = [found[-1][2] + 1]
                found[-1][4] = i
            else:
                found.append([path, code[i][0], BLOCK, f"{place[0]}:{place[1]}", i])
    return [entry[:4] for entry in found]


def largest(title, pairs, count=5):
    pairs = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]
    print(f"{title}: " + ", ".join(f"{name} {number}" for name, number in pairs))


def print_figures(top):
    files = house.files_of(top, "src", "include")
    functions = [(path, *entry) for path, lines in files.items() for entry in house.functions_of(lines)]
    rooms, sizes = {}, {}
    for path, lines in files.items():
        rooms.setdefault(house.room_of(path), []).append(len(lines))
        sizes[path] = len(lines)
    lengths = sorted(entry[3] for entry in functions)
    copies = duplicates_of(files)
    print(f"lines: {sum(sizes.values())} in {len(files)} files of src and include; test: "
          f"{sum(map(len, house.files_of(top, 'test').values()))}")
    print("rooms, files and lines: "
          + ", ".join(f"{room} {len(of)}/{sum(of)}" for room, of in sorted(rooms.items())))
    largest("largest files", [pair for pair in sizes.items() if pair[0].endswith(".c")])
    print(f".c files above 400 lines: {sum(1 for p, n in sizes.items() if p.endswith('.c') and n > 400)}, "
          f"above {house.FILE_MAX}: "
          f"{sum(1 for p, n in sizes.items() if p.endswith('.c') and n > house.FILE_MAX)}")
    largest("largest structs, fields", [pair for lines in files.values() for pair in structs_of(lines)])
    print(f"functions: {len(functions)}, median {lengths[len(lengths) // 2]} lines, "
          f"above {SMELL}: {sum(1 for length in lengths if length > SMELL)}, "
          f"above {house.FUNCTION_MAX}: {sum(1 for length in lengths if length > house.FUNCTION_MAX)}")
    largest("longest functions", [(f"{path}:{name}", length) for path, _, name, length, _ in functions])
    print(f"functions that other files see: {sum(1 for entry in functions if entry[4])}")
    print(f"lines above {house.WIDTH_MAX} columns: "
          f"{sum(len(line) > house.WIDTH_MAX for lines in files.values() for line in lines)}")
    print(f"duplicates of {BLOCK} lines and more: {len(copies)}, "
          f"{sum(copy[2] for copy in copies)} lines of code")
    for path, number, count, place in sorted(copies, key=lambda copy: (-copy[2], copy))[:20]:
        print(f"  {count} lines at {path}:{number} stand at {place} already")


def show(top, revision=None):
    """The tree as it is, or that of a revision."""
    if revision is None:
        print_figures(top)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        tar = pathlib.Path(folder, "tree.tar")
        git = ["git", "-C", str(top), "archive", f"--output={tar}", revision, "src", "include", "test"]
        if subprocess.run(git).returncode:
            return 2
        subprocess.run(["tar", "-C", folder, "-xf", str(tar)], check=True)
        print_figures(pathlib.Path(folder))
    return 0
