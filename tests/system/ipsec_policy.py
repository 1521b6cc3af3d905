"""The policy of tests that protect one flow between two ends with pre-shared keys: AES, SHA-1, main mode."""

PROPOSAL = """
ipsec proposal tran1
 esp encryption-algorithm aes
 esp authentication-algorithm sha1
"""

POLICY = """
acl number %(acl)d
 rule permit %(rule)s
ike peer %(name)s
 pre-shared-key abcde
 remote-address %(remote)s
ipsec policy %(name)s 10 isakmp
 security acl %(acl)d
 proposal tran1
 ike-peer %(name)s
"""


def policy(name, acl, rule, remote):
    """Its commands, from the proposal on; the policy group and the peer have its name."""
    return PROPOSAL + POLICY % {"name": name, "acl": acl, "rule": rule, "remote": remote}
