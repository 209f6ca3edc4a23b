#!/usr/bin/env python3
"""The order of the folders in src/, from src/floors.txt.

  docs/floors.py           write docs/architecture.svg
  docs/floors.py --check   fail, naming the include, if one goes up or lies in
                           a circle, if a library's header is included where
                           it must not be, if not just one header of a folder
                           says what the folder is for, if the picture is out
                           of date, or if docs/architecture.md names what is
                           not there

A module is a .c file and the header of the same name.  Two modules of one
folder may include each other's headers in one direction only; two folders of
the same floor not at all.
"""

import re
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / 'src'
PICTURE = ROOT / 'docs' / 'architecture.svg'
PAGE = ROOT / 'docs' / 'architecture.md'
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
VERSION = re.compile(r'^\s*#\s*(?:if|elif)\b.*'
                     r'(?:PG_VERSION_NUM|LIBCURL_VERSION_NUM)', re.M)

# Where the headers of a library may be included.
LIBRARIES = {'curl': ('http', 'compat'),
             'json-c': ('json', 'remote', 'compat')}


def read_floors():
    floors = []
    for line in (SOURCE / 'floors.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            floor, folder, text = line.split(None, 2)
            floors.append((int(floor), folder, text))
    return floors


def own_includes(path):
    """The headers below src/ that a file includes, by their paths there."""
    for kind, name in INCLUDE.findall(path.read_text()):
        if kind == '"' and (SOURCE / name).exists():
            yield name


def check_file(path, floors):
    """What is wrong with the includes of one file."""
    name = path.relative_to(SOURCE).as_posix()
    text = path.read_text()
    folder = path.parent.name
    if folder not in floors:
        return [f'src/{name}: floors.txt does not name its folder']
    wrong = []
    for header in own_includes(path):
        other = header.split('/')[0]
        if other != folder and floors[other] >= floors[folder]:
            wrong.append(f'src/{name} includes "{header}": '
                         f'{other}/ is not below {folder}/')
    for kind, header in INCLUDE.findall(text):
        allowed = LIBRARIES.get(header.split('/')[0])
        if allowed and '/' in header and folder not in allowed:
            wrong.append(f'src/{name} includes <{header}>: '
                         f'only {" and ".join(allowed)} may')
        if kind == '"' and (path.parent / header).exists():
            wrong.append(f'src/{name} includes "{header}": '
                         'the name lacks the folder')
    if folder != 'compat' and VERSION.search(text):
        wrong.append(f'src/{name} looks at a version: only compat/ may')
    return wrong


def check_main_headers(folders):
    """Folders that no header, or more than one, describes."""
    text = PAGE.read_text()
    wrong = []
    for folder in folders:
        headers = [path.relative_to(SOURCE).as_posix()
                   for path in sorted((SOURCE / folder).glob('*.h'))
                   if f'The folder {folder}/' in path.read_text()]
        if len(headers) != 1:
            wrong.append(f'src/{folder}: {len(headers)} headers have a '
                         f'paragraph that begins "The folder {folder}/"')
        elif f'`{headers[0]}`' not in text:
            wrong.append(f'docs/architecture.md does not name the main header '
                         f'src/{headers[0]}')
    return wrong


def module_graph(files):
    graph = {}
    for path in files:
        module = path.relative_to(SOURCE).with_suffix('').as_posix()
        below = graph.setdefault(module, set())
        below.update(h[:-2] for h in own_includes(path) if h[:-2] != module)
    return graph


def find_circles(graph):
    """Shortest circle of includes through each module that is in one."""
    circles = {}
    for start in sorted(graph):
        paths = [[start]]
        seen = {start}
        while paths:
            path = paths.pop(0)
            for below in sorted(graph.get(path[-1], ())):
                if below == start:
                    circles.setdefault(frozenset(path), path + [start])
                    paths = []
                    break
                if below not in seen:
                    seen.add(below)
                    paths.append(path + [below])
    return list(circles.values())


def check_page():
    """Files and functions of docs/architecture.md that do not exist."""
    text = PAGE.read_text()
    wrong = []
    for name in sorted(set(re.findall(r'`(\w+/(?:\w+\.[ch])?)`', text))):
        if name != 'src/' and not (SOURCE / name).exists():
            wrong.append(f'docs/architecture.md names src/{name}')
    for function, name in re.findall(r'`(\w+)\(\)`\s+in\s+`(\w+/\w+\.c)`',
                                     text):
        path = SOURCE / name
        if path.exists() and not re.search(rf'^{function}\(',
                                           path.read_text(), re.M):
            wrong.append(f'docs/architecture.md: no {function}() in '
                         f'src/{name}')
    return wrong


def check(floors):
    files = sorted(SOURCE.glob('*/*.[ch]'))
    order = {folder: floor for floor, folder, _ in floors}
    wrong = [line for path in files for line in check_file(path, order)]
    wrong += ['src/: a file lies outside of the folders: ' + path.name
              for path in sorted(SOURCE.glob('*.[ch]'))]
    wrong += ['modules include each other: ' + ' -> '.join(circle)
              for circle in find_circles(module_graph(files))]
    if not PICTURE.exists() or PICTURE.read_text() != picture(floors):
        wrong.append('docs/architecture.svg is out of date: '
                     'run docs/floors.py')
    wrong += check_main_headers(order)
    wrong += check_page()
    for line in wrong:
        print(line)
    return len(files) - len({w.split(' ')[0] for w in wrong}), len(wrong)


WIDTH, FLOOR_HEIGHT, LEFT = 940, 66, 46


def box(x, y, width, folder, text):
    lines, line = [], ''
    for word in text.split():
        if len(line) + len(word) > width / 6.6:
            lines.append(line.strip())
            line = ''
        line += ' ' + word
    lines.append(line.strip())
    result = [f'<rect x="{x}" y="{y}" width="{width}" height="54" rx="6"'
              ' fill="#eef3fb" stroke="#5b7db1"/>',
              f'<text x="{x + 10}" y="{y + 19}" font-weight="bold">'
              f'{escape(folder)}/</text>']
    for n, line in enumerate(lines[:2]):
        result.append(f'<text x="{x + 10}" y="{y + 34 + 13 * n}"'
                      f' font-size="11">{escape(line)}</text>')
    return result


def picture(floors):
    """The floors as SVG, the highest on top."""
    levels = sorted({floor for floor, _, _ in floors}, reverse=True)
    height = FLOOR_HEIGHT * len(levels) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}"'
           f' height="{height}" font-family="sans-serif" font-size="14">',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    for row, level in enumerate(levels):
        y = 10 + row * FLOOR_HEIGHT
        here = [(f, t) for n, f, t in floors if n == level]
        width = (WIDTH - LEFT - 10 * len(here)) // len(here)
        out.append(f'<text x="14" y="{y + 32}" fill="#777">{level}</text>')
        for n, (folder, text) in enumerate(here):
            out += box(LEFT + n * (width + 10), y, width, folder, text)
    out.append(f'<text x="{LEFT}" y="{height - 14}" fill="#777">'
               'Includes and calls go down only, never up and never'
               ' sideways.</text>')
    return '\n'.join(out + ['</svg>', ''])


def main():
    floors = read_floors()
    if sys.argv[1:] == ['--check']:
        passed, failed = check(floors)
        print(f'{passed} passed, {failed} failed')
        return 1 if failed else 0
    if sys.argv[1:]:
        print(__doc__)
        return 2
    PICTURE.write_text(picture(floors))
    return 0


sys.exit(main())
