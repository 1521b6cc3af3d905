"""What is told of the programs' options beside --help: the ini file of the packages, and completions in a real shell."""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, check, main  # noqa: E402

INI = os.path.join(os.path.dirname(__file__), "../../packaging/sw8800d.ini")
NOT_IN_A_FILE = {"help", "version", "config", "check-card", "take-over", "detach"}


def output(program, *arguments):
    return subprocess.run([os.path.join(BIN, program)] + list(arguments), text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def options(program):
    return set(re.findall(r"--([a-z-]+)", "\n".join(re.findall(r"^  (?:-\w \[ )?--[a-z-]+", output(program, "--help"), re.M))))


def ini_names_every_option():
    with open(INI) as f:
        text = f.read()
    named = set(re.findall(r"^#([a-z-]+) = ", text, re.M))
    told = options("sw8800d") - NOT_IN_A_FILE
    check(named == told, "the ini file and --help differ: %s" % (named ^ told))
    for name, default in re.findall(r"--([a-z-]+) \S+ \(=([^)]+)\)", output("sw8800d", "--help")):
        check("#%s = %s\n" % (name, default) in text, "the ini file has another default of " + name)
    check(all(line == "" or line.startswith("#") for line in text.splitlines()), "a line of the ini file is not a comment")


def completed(program, *words):
    script = 'source <(%s --completion bash)\nCOMP_WORDS=(%s)\nCOMP_CWORD=%d\n_%s\necho "${COMPREPLY[@]}"' % (
        os.path.join(BIN, program), " ".join((program,) + words), len(words), program.replace("-", "_"))
    return subprocess.run(["bash", "-c", script], text=True, check=True, stdout=subprocess.PIPE).stdout.split()


def completions():
    for program in ("sw8800", "sw8800d", "sw8800-card"):
        check(set(completed(program, "--")) == {"--" + o for o in options(program)}, "options of " + program)
    check(completed("sw8800", "--la") == ["--lab"], "one option")
    check(completed("sw8800", "--lab", INI[:-2]) == [INI], "a file")
    check(completed("sw8800", "--node", "x") == [], "a name is not completed by options")


def files_that_are_none():
    """A directory or a pipe behind --config is an error at once, not a start with the defaults."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, "pipe")
        os.mkfifo(pipe)
        for path, why in ((folder, "is a directory"), (pipe, "is no regular file"), (pipe + "2", "No such file")):
            done = subprocess.run([os.path.join(BIN, "sw8800d"), "--config", path], text=True, timeout=5,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(done.returncode == 2 and why in done.stdout, "--config %s: %d, %s" % (path, done.returncode, done.stdout))


def test():
    files_that_are_none()
    ini_names_every_option()
    completions()


main(test)
