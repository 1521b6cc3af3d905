// IPsec and IKE: global settings, proposals, policies, templates, peers, dead peer detection, PKI domains.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kIkeGlobal[] = {
    Int("id", 1, 1),
    Text("local_name", 1, 32),
    Int("keepalive_interval", 20, 28800),
    Int("keepalive_timeout", 20, 28800),
    Int("nat_keepalive_interval", 5, 300),
    Flag("next_payload_unchecked"),
};
constexpr Column kIkeProposal[] = {
    Int("number", 1, 100),          Word("encryption", "3des-cbc|aes-cbc"),
    Int("key_length", 192, 256),    Word("authentication_method", "rsa-signature"),
    Word("hash", "md5|sha2-256"),   Int("dh_group", 2, 14),
    Int("sa_duration", 60, 604800),
};
constexpr Column kIkePeer[] = {
    Text("name", 1, 15),
    Word("exchange_mode", "aggressive"),
    Word("id_type", "name"),
    Secret("pre_shared_key", kMaxCipherText),
    Word("pre_shared_key_form", kForms),
    Address("remote_address"),
    Address("remote_high"),
    Text("remote_name", 1, 32),
    Address("local_address"),
    Flag("nat_traversal"),
    Word("local_subnet", "multi-subnet"),
    Word("peer_subnet", "multi-subnet"),
    Refers("ike_dpd", Text("dpd", 1, 15)),
    Refers("pki_domain", Text("certificate_domain", 1, 15)),
};
constexpr Column kIkeDpd[] = {Text("name", 1, 15), Int("interval_time", 1, 300), Int("time_out", 1, 60)};
constexpr Column kPkiDomain[] = {
    Text("name", 1, 15), Text("local_certificate", 1, 200), Text("ca_certificate", 1, 200), Text("private_key", 1, 200),
    Text("crl", 1, 200),
};

constexpr Column kIpsecGlobal[] = {
    Int("id", 1, 1),
    Int("duration_seconds", 30, 604800),
    Int("duration_kilobytes", 256, 4194303),
};
constexpr Column kIpsecProposal[] = {
    Text("name", 1, 15),
    Word("transform", "ah|ah-esp"),
    Word("encapsulation", "transport"),
    Word("ah_hash", "sha1|sha2-256"),
    Word("esp_hash", "md5|sha1|sha2-256|none"),
    Word("esp_cipher", "3des|aes|aes-gcm|none"),
    Int("esp_key_length", 192, 256),
    Word("kind", "card"),
    Word("card_slot", "1/0"),
};

constexpr std::int64_t kLowestSpi = 256, kHighestSpi = 4294967295;
constexpr Column kIpsecPolicy[] = {
    Text("name", 1, 15),
    Int("number", 1, 10000),
    Required(Word("mode", "manual|isakmp")),
    Refers("ipsec_policy_template", Text("template", 1, 15)),
    Refers("acl", Int("acl", 3000, 3999)),
    Refers("ipsec_proposal", Text("proposal1", 1, 15)),
    Refers("ipsec_proposal", Text("proposal2", 1, 15)),
    Refers("ipsec_proposal", Text("proposal3", 1, 15)),
    Refers("ipsec_proposal", Text("proposal4", 1, 15)),
    Refers("ipsec_proposal", Text("proposal5", 1, 15)),
    Refers("ipsec_proposal", Text("proposal6", 1, 15)),
    Refers("ike_peer", Text("ike_peer", 1, 15)),
    Int("pfs", 1, 14),
    Int("duration_seconds", 30, 604800),
    Int("duration_kilobytes", 256, 4194303),
    Address("tunnel_local"),
    Address("tunnel_remote"),
    Int("in_ah_spi", kLowestSpi, kHighestSpi),
    Int("in_esp_spi", kLowestSpi, kHighestSpi),
    Int("out_ah_spi", kLowestSpi, kHighestSpi),
    Int("out_esp_spi", kLowestSpi, kHighestSpi),
    Secret("in_ah_string", 256),
    Secret("in_esp_string", 256),
    Secret("out_ah_string", 256),
    Secret("out_esp_string", 256),
    Secret("in_ah_auth", 64),
    Secret("in_esp_auth", 64),
    Secret("out_ah_auth", 64),
    Secret("out_esp_auth", 64),
    Secret("in_esp_cipher", 72),
    Secret("out_esp_cipher", 72),
};
constexpr Column kIpsecPolicyTemplate[] = {
    Text("name", 1, 15),
    Int("number", 1, 10000),
    Refers("acl", Int("acl", 3000, 3999)),
    Refers("ipsec_proposal", Text("proposal1", 1, 15)),
    Refers("ipsec_proposal", Text("proposal2", 1, 15)),
    Refers("ipsec_proposal", Text("proposal3", 1, 15)),
    Refers("ipsec_proposal", Text("proposal4", 1, 15)),
    Refers("ipsec_proposal", Text("proposal5", 1, 15)),
    Refers("ipsec_proposal", Text("proposal6", 1, 15)),
    Refers("ike_peer", Text("ike_peer", 1, 15)),
    Int("pfs", 1, 14),
    Int("duration_seconds", 30, 604800),
    Int("duration_kilobytes", 256, 4194303),
};

constexpr Table kTables[] = {
    {.name = "ike_global", .keys = 1, .columns = kIkeGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "ike_proposal", .keys = 1, .columns = kIkeProposal, .order_by = "number"},
    {.name = "ike_dpd", .keys = 1, .columns = kIkeDpd, .order_by = "name"},
    {.name = "pki_domain", .keys = 1, .columns = kPkiDomain, .order_by = "name"},
    {.name = "ike_peer", .keys = 1, .columns = kIkePeer, .order_by = "name"},
    {.name = "ipsec_global", .keys = 1, .columns = kIpsecGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "ipsec_proposal", .keys = 1, .columns = kIpsecProposal, .order_by = "name"},
    {.name = "ipsec_policy_template", .keys = 2, .columns = kIpsecPolicyTemplate, .order_by = "name, number"},
    {.name = "ipsec_policy", .keys = 2, .columns = kIpsecPolicy, .order_by = "name, number"},
};

}  // namespace

std::span<const Table> IpsecTables() {
  return kTables;
}

}  // namespace sw::configdb
