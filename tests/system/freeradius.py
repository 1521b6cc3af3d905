"""The FreeRADIUS of Debian in a namespace, with folders, ports and users of its own."""

import os
import shutil

from harness import skip, wait_for

CONFIG = """
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = {dir}
logdir = {dir}
run_dir = {dir}
pidfile = {dir}/pid
max_request_time = 5
cleanup_delay = 2
max_requests = 1024
hostname_lookups = no
log {{
  destination = stdout
  auth = yes
  auth_goodpass = no
  auth_badpass = no
}}
security {{
  allow_core_dumps = no
  max_attributes = 200
  reject_delay = 0
  status_server = no
}}
proxy_requests = no
client any {{
  ipaddr = 0.0.0.0/0
  secret = {secret}
}}
modules {{
  pap {{
  }}
  chap {{
  }}
  files {{
    filename = {dir}/users
  }}
  detail {{
    filename = {dir}/detail
    permissions = 0600
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = {address}
    port = {auth}
  }}
  listen {{
    type = acct
    ipaddr = {address}
    port = {acct}
  }}
  authorize {{
    chap
    files
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
  }}
  accounting {{
    detail
  }}
{proof}}}
"""
# What servers send by themselves from 3.2.5 on, after CVE-2024-3596.
PROOF = """  post-auth {
    update reply {
      Message-Authenticator := 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        Message-Authenticator := 0x00
      }
    }
  }
"""


class FreeRadius:
    def __init__(self, world, namespace, name, address, secret, users, auth=1812, acct=1813, proves=True):
        if shutil.which("freeradius") is None:
            skip("the package freeradius is not installed")
        self.world, self.namespace, self.name = world, namespace, name
        self.dir = os.path.join(world.dir, name)
        os.mkdir(self.dir)
        self.write("radiusd.conf", CONFIG.format(dir=self.dir, secret=secret, address=address, auth=auth, acct=acct,
                                                     proof=PROOF if proves else ""))
        self.write("users", users)
        self.write("dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n")
        self.start()

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def start(self):
        log = self.name + ".log"
        before = len(self.world.read(log)) if os.path.exists(os.path.join(self.world.dir, log)) else 0
        self.process = self.world.start(self.namespace, ["freeradius", "-f", "-d", self.dir, "-n", "radiusd", "-l",
                                                         "stdout"], log)
        wait_for(self.name + " to listen", lambda: "Ready to process" in self.world.read(log)[before:], 6)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.world.read(self.name + ".log")

    def accounting(self):
        """Every accounting record as a dictionary, in the order received."""
        path = os.path.join(self.dir, "detail")
        if not os.path.exists(path):
            return []
        records = []
        with open(path) as f:
            for block in f.read().split("\n\n"):
                pairs = [line.strip().split(" = ", 1) for line in block.splitlines() if " = " in line]
                if pairs:
                    records.append({name: value.strip('"') for name, value in pairs})
        return records
