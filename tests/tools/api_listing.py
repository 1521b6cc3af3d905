"""What the public headers of libsw8800-hal declare, a declaration a line: without comments, bodies and private parts.

usage: api_listing.py          prints it; the tree keeps it as packaging/hal-dev/api.txt, and a test compares
       api_listing.py --write  writes it there: after a change that is meant
"""

import os
import re
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
HEADERS = os.path.join(TOP, "packaging/hal-dev/headers.txt")
KEPT = os.path.join(TOP, "packaging/hal-dev/api.txt")
CLASS = re.compile(r"^(?:template <.*> )?(class|struct|union)\b(?! \w+ \w+\()")


def without_comments(text):
    """Comments and includes go; strings stay as they are."""
    pieces = re.findall(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*|/\*.*?\*/|[^"\'/]+|.', text, re.S)
    text = "".join(" " if p.startswith(("//", "/*")) else p for p in pieces)
    return re.sub(r"^#(?:include|pragma)[^\n]*$", "", text, flags=re.M)


def macros_of(text):
    """Their names, and the text without them."""
    joined = re.sub(r"\\\n", " ", text)
    names = re.findall(r"^#define (\w+(?:\([^)]*\))?)", joined, re.M)
    return names, re.sub(r"^#[^\n]*$", "", joined, flags=re.M)


def closing(text, at):
    """Behind the brace that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    raise ValueError("a brace is not closed")


def is_function(head):
    return re.search(r"\)(?: (?:const|noexcept|override|final|&&?|-> [^{]+))*(?: : .*)?\s*&{0,2}$", head) is not None \
        and not re.search(r"(?<![=!<>])=(?!=)[^()]*$", head)


def words(text):
    return " ".join(text.split())


def declarations(text, where, public, out):
    at = 0
    while at < len(text):
        access = re.match(r"\s*(public|protected|private):", text[at:])
        if access:
            public = access.group(1) != "private"
            at += access.end()
            continue
        end = re.compile(r"[;{]").search(text, at)
        if end is None:
            return
        head = words(text[at:end.start()])
        if end.group() == ";":
            at = end.end()
            if head and public:
                out.append(where + head)
            continue
        behind = closing(text, end.start())
        body = text[end.start() + 1:behind - 1]
        space = re.match(r"namespace ([\w:]*)$", head)
        if space:
            declarations(body, where, public, out)
            at = behind
        elif CLASS.match(head) and not is_function(head):
            if public:
                out.append(where + head)
                name = re.search(r"(?:class|struct|union)(?: (\w+))?", head).group(1) or "(unnamed)"
                declarations(body, "%s%s: " % (where, name), not re.search(r"\bclass\b", head.split(name)[0]), out)
            at = text.index(";", behind) + 1
        elif is_function(head):
            if public:
                out.append(where + re.sub(r"(?<!:) : .*$", "", head))
            at = behind
        else:  # a value with what it starts from, or an enumeration
            at = text.index(";", behind) + 1
            if public:
                out.append(where + words(head + " {" + body + "}" + text[behind:at - 1]))


def listing():
    out = []
    with open(HEADERS) as f:
        for header in f.read().split():
            with open(os.path.join(TOP, header)) as h:
                macros, text = macros_of(without_comments(h.read()))
            out.append(header)
            found = ["#define " + name for name in macros]
            declarations(text, "", True, found)
            out += ["  " + one for one in found]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        with open(KEPT, "w") as kept:
            kept.write(listing())
    else:
        print(listing(), end="")
