"""SARIF of audits against a JSON schema, and that schema against the object model that Debian carries.

The schema of OASIS has the licence of a standard and is not in this tree. tests/sarif/sarif-2.1.0.json is written from the
standard's text; the names of its properties and what is required are compared with python3-sarif-python-om, which was
generated from the schema of OASIS. What no schema sees (columns that hold something else than the snippet, a level beside a
kind that has none, an index that leads elsewhere) tests/unit/cli/audit/sarif_shape.h finds."""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, check, main, skip  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append("/usr/lib/python3/dist-packages")  # an interpreter of one's own finds the packages as well
try:
    import attr
    import jsonschema
    import sarif_om
except ImportError as missing:
    skip("python3-jsonschema and python3-sarif-python-om are needed: %s" % missing)

# A file with every kind of place: words, defaults, bytes that are no UTF-8, a line that is refused, fixes.
SCRIPT = b"""#
ipsec proposal \xc3\xa9t\xe9
ike peer other
 remote-address 192.0.2.2
 exchange-mode aggressive
 pre-shared-key simple hush-hush
acl number 3000
 rule permit ip
ipsec proposal p
 esp encryption-algorithm des
ipsec policy a 10 isakmp
 security acl 3000
 ike-peer other
 proposal p
snmp-agent community write private
interface Tunnel0
 nonsense
"""


def read(path):
    with open(path) as f:
        return json.load(f)


def audit(path, *arguments):
    done = subprocess.run([os.path.join(BIN, "sw8800"), "--check", path, "--audit", "--report", "sarif"] + list(arguments),
                          stdout=subprocess.PIPE)
    check(done.returncode in (0, 1), "the audit of %s ended with %d" % (path, done.returncode))
    return json.loads(done.stdout.decode("utf-8"))


def schema_is_that_of_the_object_model(schema):
    for name, definition in schema["definitions"].items():
        if name == "propertyBag":
            continue  # open, and a class of its own
        fields = attr.fields(getattr(sarif_om, name[0].upper() + name[1:]))
        names = {f.metadata["schema_property_name"] for f in fields}
        needed = {f.metadata["schema_property_name"] for f in fields if f.default is attr.NOTHING}
        check(set(definition["properties"]) == names, "%s: %s" % (name, set(definition["properties"]) ^ names))
        check(set(definition.get("required", [])) == needed, "%s requires %s" % (name, needed))
        check(definition["additionalProperties"] is False, name)


def spoiled(log):
    """Logs that are wrong, each with what is wrong."""
    first = lambda wrong: wrong["runs"][0]["results"][0]  # noqa: E731
    region = lambda wrong: first(wrong)["locations"][0]["physicalLocation"]["region"]  # noqa: E731
    rule = lambda wrong: wrong["runs"][0]["tool"]["driver"]["rules"][0]  # noqa: E731
    for what, spoil in (
            ("a version that is not", lambda wrong: wrong.update(version="2.0.0")),
            ("no runs", lambda wrong: wrong.pop("runs")),
            ("no tool", lambda wrong: wrong["runs"][0].pop("tool")),
            ("a name that is none", lambda wrong: first(wrong).update(severity="high")),
            ("a level that is none", lambda wrong: first(wrong).update(level="critical")),
            ("a kind that is none", lambda wrong: first(wrong).update(kind="failed")),
            ("no message", lambda wrong: first(wrong).pop("message")),
            ("a message without text", lambda wrong: first(wrong).update(message={"markdown": "x"})),
            ("a column from 0", lambda wrong: region(wrong).update(startColumn=0)),
            ("a column that is text", lambda wrong: region(wrong).update(endColumn="7")),
            ("a line from 0", lambda wrong: region(wrong).update(startLine=0)),
            ("an index below -1", lambda wrong: first(wrong).update(ruleIndex=-2)),
            ("a count of columns that is none", lambda wrong: wrong["runs"][0].update(columnKind="bytes")),
            ("a rule without a name", lambda wrong: rule(wrong).pop("id")),
            ("a tag twice", lambda wrong: rule(wrong)["properties"].update(tags=["a", "a"])),
            ("a fix that changes nothing", lambda wrong: first(wrong).update(fixes=[{"artifactChanges": []}])),
            ("a fingerprint that is no text", lambda wrong: first(wrong).update(partialFingerprints={"a": 1})),
            ("a state that is none", lambda wrong: first(wrong).update(baselineState="old")),
            ("an invocation that tells no end", lambda wrong: wrong["runs"][0]["invocations"][0].clear())):
        wrong = copy.deepcopy(log)
        spoil(wrong)
        yield what, wrong


def addresses_are_uris(log):
    """What `format` asks for; jsonschema looks at it with further packages alone."""
    def visit(value, name=""):
        if isinstance(value, dict):
            for key, each in value.items():
                visit(each, key)
        elif isinstance(value, list):
            for each in value:
                visit(each)
        elif name in ("helpUri", "informationUri", "$schema"):
            check(re.match(r"^https://[!-~]+$", value), "%s: %s" % (name, value))
        elif name == "uri":
            check(re.match(r"^(?:[!$&-;=?-Z_a-z~]|%[0-9A-F]{2})+$", value), "uri: " + value)
    visit(log)


def test():
    schema = read(os.path.join(HERE, "../sarif/sarif-2.1.0.json"))
    schema_is_that_of_the_object_model(schema)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)

    def why_not(log):
        return "; ".join("%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:200]) for e in validator.iter_errors(log))

    files = os.path.join(HERE, "../files")
    results = 0
    with tempfile.TemporaryDirectory() as folder:
        own = os.path.join(folder, "a file %41.cfg")
        with open(own, "wb") as f:
            f.write(SCRIPT)
        baseline = os.path.join(folder, "baseline.json")
        with open(baseline, "wb") as f:
            subprocess.run([os.path.join(BIN, "sw8800"), "--check", own, "--audit", "--report", "json"], stdout=f)
        logs = [audit(own, "--profile", profile) for profile in ("rfc", "nist", "bsi")]
        logs.append(audit(own, "--audit-baseline", baseline))
        logs += [audit(os.path.join(files, name)) for name in sorted(os.listdir(files))]
        for log in logs:
            check(why_not(log) == "", why_not(log))
            addresses_are_uris(log)
            results += len(log["runs"][0]["results"])
        check(len(logs[0]["runs"][0]["results"]) > 10, "too few results")
        check(any("fixes" in r for r in logs[0]["runs"][0]["results"]), "no fix")
        check("hush" not in json.dumps(logs) and "private" not in json.dumps(logs[0]), "a secret is told")
        for what, wrong in spoiled(logs[0]):
            check(why_not(wrong) != "", "the schema lets pass: " + what)
    print("%d logs with %d results are as the schema says" % (len(logs), results))


main(test)
