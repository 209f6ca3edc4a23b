#!/usr/bin/env python3
"""Option reference in docs/reference.md, from the table in src/option/definition.c.

docs/options.py          writes the reference into docs/reference.md
docs/options.py --check  exit status 1 if docs/reference.md is not up to date
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = '<!-- options: made by docs/options.py -->\n'
END = '<!-- end of options -->\n'

OBJECTS = [
    ('SERVER', 'CREATE SERVER'),
    ('USER_MAPPING', 'CREATE USER MAPPING'),
    ('TABLE', 'CREATE FOREIGN TABLE'),
    ('COLUMN', 'columns of a foreign table'),
    ('IMPORT', 'IMPORT FOREIGN SCHEMA'),
]
RULES = {
    'ANYBODY': '',
    'SUPERUSER': 'Superusers only.',
    'SUPERUSER_FALSE': 'Only superusers may set false.',
    'SUPERUSER_UNVERIFIED': 'Only superusers may set `require` and `disable`.',
    'SUPERUSER_PLAIN': 'Only superusers may set a plain `http://` URL.',
}
ENTRY = re.compile(
    r'\{"(?P<name>\w+)",\s*NEON_OPTION_(?P<object>\w+),\s*'
    r'NEON_OPTION_(?P<kind>\w+),\s*NEON_OPTION_(?P<rule>\w+),\s*'
    r'offsetof\(\w+, \w+\),\s*(?P<initial>"[^"]*"|\w+),\s*'
    r'"(?P<text>(?:[^"\\]|\\.)*)"')


def reference():
    source = (ROOT / 'src' / 'option' / 'definition.c').read_text()
    defaults = dict(re.findall(r'#define (\w+) (".*")', source))
    entries = [m.groupdict() for m in ENTRY.finditer(source)]
    count = len(re.findall(r'^\t\{"', source, re.M))
    if len(entries) != count:
        sys.exit(f'{len(entries)} of {count} options understood')
    lines = []
    for key, title in OBJECTS:
        lines += [f'**{title}**', '', '| option | default | meaning |',
                  '|---|---|---|']
        for e in entries:
            if e['object'] != key:
                continue
            initial = defaults.get(e['initial'], e['initial'])
            initial = '' if initial == 'NULL' else f"`{initial.strip(chr(34))}`"
            text = ' '.join(filter(None, [e['text'].rstrip('.?') +
                                          ('?' if e['text'].endswith('?') else '.'),
                                          RULES[e['rule']]]))
            lines.append(f"| `{e['name']}` | {initial} | {text} |")
        lines.append('')
    return '\n'.join(lines)


def main():
    page = ROOT / 'docs' / 'reference.md'
    text = page.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    new = before + BEGIN + reference() + END + after
    if '--check' in sys.argv:
        sys.exit(0 if new == text else 'docs/reference.md: run docs/options.py')
    page.write_text(new)


main()
