// IPsec and IKE: global settings, proposals, policies, templates, peers, dead peer detection, PKI domains.
#include <array>
#include <cstddef>
#include <span>

#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin =
    "guide pages 146-179; Router 3000 command reference pages 5-12 to 6-23; lengths of names are recollection";

constexpr Column kIkeGlobal[] = {
    Int("id", 1, 1),
    Text("local_name", 1, 32, {.preset_words = "the sysname"}),
    Int("keepalive_interval", 20, 28800, {.preset_words = "off", .unit = "seconds"}),
    Int("keepalive_timeout", 20, 28800, {.preset_words = "off", .unit = "seconds"}),
    Int("nat_keepalive_interval", 5, 300, {.preset = 20, .unit = "seconds"}),
    Flag("next_payload_unchecked"),
    Flag("without_default_proposal", {.origin = kOurs}),
};
constexpr Column kIkeProposal[] = {
    Int("number", 1, 100),
    Word("encryption", "3des-cbc|aes-cbc", {.preset_words = "des-cbc"}),
    Int("key_length", 128, 256, {.preset = 128, .unit = "bits"}),
    Word("authentication_method", "rsa-signature", {.preset_words = "pre-share"}),
    Word("hash", "md5|sha2-256", {.preset_words = "sha"}),
    Int("dh_group", 1, 14, {.preset = 1}),
    Int("sa_duration", 60, 604800, {.preset = 86400, .unit = "seconds"}),
};
constexpr Column kIkePeer[] = {
    Text("name", 1, 15),
    Word("exchange_mode", "aggressive", {.preset_words = "main"}),
    Word("id_type", "name", {.preset_words = "ip"}),
    Concealable("pre_shared_key", 128, 300),
    Word("pre_shared_key_form", kForms),
    Address("remote_address"),
    Address("remote_high"),
    Text("remote_name", 1, 32),
    Address("local_address", {.preset_words = "that of the interface", .unit = "IP address"}),
    Flag("nat_traversal"),
    Word("local_subnet", "multi-subnet", {.preset_words = "single-subnet"}),
    Word("peer_subnet", "multi-subnet", {.preset_words = "single-subnet"}),
    Text("dpd", 1, 15, {.refers_to = "ike_dpd"}),
    Text("certificate_domain", 1, 15, {.refers_to = "pki_domain"}),
};
constexpr Column kIkeDpd[] = {Text("name", 1, 15), Int("interval_time", 1, 300, {.preset = 10, .unit = "seconds"}),
                              Int("time_out", 1, 60, {.preset = 5, .unit = "seconds"})};
constexpr Column kPkiDomain[] = {
    Text("name", 1, 15),
    Text("local_certificate", 1, 200, {.unit = "file, PEM"}),
    Text("ca_certificate", 1, 200, {.unit = "file, PEM"}),
    Text("private_key", 1, 200, {.unit = "file, PEM"}),
    Text("crl", 1, 200, {.unit = "file, PEM"}),
};

constexpr Column kIpsecGlobal[] = {
    Int("id", 1, 1),
    Int("duration_seconds", 30, 604800, {.preset = 3600, .unit = "seconds"}),
    Int("duration_kilobytes", 256, 4194303, {.preset = 1843200, .unit = "kilobytes"}),
};
constexpr Column kIpsecProposal[] = {
    Text("name", 1, 15),
    Word("transform", "ah|ah-esp", {.preset_words = "esp"}),
    Word("encapsulation", "transport", {.preset_words = "tunnel"}),
    Word("ah_hash", "sha1|sha2-256", {.preset_words = "md5"}),
    Word("esp_hash", "md5|sha1|sha2-256|none", {.preset_words = "md5, none beside AH"}),
    Word("esp_cipher", "3des|aes|aes-gcm|none", {.preset_words = "des"}),
    Int("esp_key_length", 128, 256, {.preset = 128, .unit = "bits"}),
    Word("kind", "card"),
    Word("card_slot", "1/0"),
};

constexpr std::int64_t kLowestSpi = 256, kHighestSpi = 4294967295;
// What policies and templates have in common.
constexpr Column kPolicyKey[] = {
    Text("name", 1, 15),
    Int("number", 1, 10000),
};
constexpr Column kPolicy[] = {
    Int("acl", 3000, 3999, {.unit = "number of an advanced ACL", .refers_to = "acl"}),
    Text("proposal1", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("proposal2", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("proposal3", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("proposal4", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("proposal5", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("proposal6", 1, 15, {.refers_to = "ipsec_proposal"}),
    Text("ike_peer", 1, 15, {.unit = "peer name", .refers_to = "ike_peer"}),
    Int("pfs", 1, 14, {.preset_words = "off"}),
    Int("duration_seconds", 30, 604800, {.preset_words = "the global one", .unit = "seconds"}),
    Int("duration_kilobytes", 256, 4194303, {.preset_words = "the global one", .unit = "kilobytes"}),
};
constexpr Column kPolicyMode[] = {
    Word("mode", "manual|isakmp", {.required = true}),
    Text("template", 1, 15, {.refers_to = "ipsec_policy_template"}),
};
constexpr Column kManualPolicy[] = {
    Address("tunnel_local"),
    Address("tunnel_remote"),
    Int("in_ah_spi", kLowestSpi, kHighestSpi),
    Int("in_esp_spi", kLowestSpi, kHighestSpi),
    Int("out_ah_spi", kLowestSpi, kHighestSpi),
    Int("out_esp_spi", kLowestSpi, kHighestSpi),
    Secret("in_ah_string", 1, 256),
    Secret("in_esp_string", 1, 256),
    Secret("out_ah_string", 1, 256),
    Secret("out_esp_string", 1, 256),
    Secret("in_ah_auth", 32, 64),
    Secret("in_esp_auth", 32, 64),
    Secret("out_ah_auth", 32, 64),
    Secret("out_esp_auth", 32, 64),
    Secret("in_esp_cipher", 16, 72),
    Secret("out_esp_cipher", 16, 72),
};
template <std::size_t... sizes>
constexpr auto Joined(const Column (&... parts)[sizes]) {
  std::array<Column, (sizes + ...)> out{};
  std::size_t at = 0;
  const auto append = [&](std::span<const Column> part) {
    for (const Column& column : part) out[at++] = column;
  };
  (append(parts), ...);
  return out;
}
constexpr auto kIpsecPolicy = Joined(kPolicyKey, kPolicyMode, kPolicy, kManualPolicy);
constexpr auto kIpsecPolicyTemplate = Joined(kPolicyKey, kPolicy);

constexpr Table kTables[] = {
    {.name = "ike_global",
     .keys = 1,
     .columns = kIkeGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "ike_proposal", .keys = 1, .columns = kIkeProposal, .order_by = "number", .origin = kOrigin},
    {.name = "ike_dpd", .keys = 1, .columns = kIkeDpd, .order_by = "name", .origin = kOrigin},
    {.name = "pki_domain", .keys = 1, .columns = kPkiDomain, .order_by = "name", .origin = kOrigin},
    {.name = "ike_peer", .keys = 1, .columns = kIkePeer, .order_by = "name", .origin = kOrigin},
    {.name = "ipsec_global",
     .keys = 1,
     .columns = kIpsecGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "ipsec_proposal", .keys = 1, .columns = kIpsecProposal, .order_by = "name", .origin = kOrigin},
    {.name = "ipsec_policy_template",
     .keys = 2,
     .columns = kIpsecPolicyTemplate,
     .order_by = "name, number",
     .origin = kOrigin},
    {.name = "ipsec_policy", .keys = 2, .columns = kIpsecPolicy, .order_by = "name, number", .origin = kOrigin},
};

}  // namespace

std::span<const Table> IpsecTables() {
  return kTables;
}

}  // namespace sw::configdb
