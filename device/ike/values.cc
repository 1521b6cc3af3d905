#include "device/ike/values.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

using configdb::Row;

IkeHash HashOf(const Row& row) {
  const std::string word = row.TextOr("hash", "");
  if (word == "md5") return IkeHash::kMd5;
  if (word == "sha2-256") return IkeHash::kSha256;
  return IkeHash::kSha1;
}

IkeProposalConfig IkeProposalOf(const Row& row) {
  IkeProposalConfig out;
  out.number = IntOf(row, "number", 0);
  const std::string cipher = row.TextOr("encryption", "des-cbc");
  if (cipher == "3des-cbc") out.cipher = IkeCipher::k3Des;
  if (cipher == "aes-cbc") out.cipher = IkeCipher::kAes;
  out.key_bits = IntOf(row, "key_length", out.key_bits);
  out.rsa_signature = row.TextOr("authentication_method", "pre-share") == "rsa-signature";
  out.hash = HashOf(row);
  out.dh_group = IntOf(row, "dh_group", out.dh_group);
  out.duration_seconds = static_cast<std::uint32_t>(row.IntOr("sa_duration", out.duration_seconds));
  return out;
}

IkePeerConfig PeerOf(const Row& row) {
  IkePeerConfig out;
  out.name = row.TextOr("name", "");
  out.aggressive = row.TextOr("exchange_mode", "main") == "aggressive";
  out.id_name = row.TextOr("id_type", "ip") == "name";
  out.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
  out.remote_address = AddressOf(row, "remote_address");
  out.remote_high = AddressOf(row, "remote_high");
  out.remote_name = row.TextOr("remote_name", "");
  out.local_address = AddressOf(row, "local_address");
  out.nat_traversal = row.IntOr("nat_traversal", 0) != 0;
  out.local_multi_subnet = row.Text("local_subnet").has_value();
  out.peer_multi_subnet = row.Text("peer_subnet").has_value();
  out.dpd = row.TextOr("dpd", "");
  out.certificate_domain = row.TextOr("certificate_domain", "");
  return out;
}

}  // namespace

Ipv4 IkeConfig::RemoteOf(const std::string& peer) const {
  const auto found = peers.find(peer);
  return found == peers.end() || !found->second.remote_high.empty() ? Ipv4() : found->second.remote_address;
}

std::vector<IkeProposalConfig> IkeConfig::Offered() const {
  std::vector<IkeProposalConfig> out;
  for (const auto& [number, proposal] : proposals) out.push_back(proposal);
  if (global.default_proposal) out.emplace_back();
  return out;
}

void TakeIkeGlobal(const configdb::Key&, Rows rows, IkeConfig& config, IkeDelta& delta) {
  delta.global = true;
  config.global = {};
  if (rows.empty()) return;
  const Row& row = rows.front();
  config.global.local_name = row.TextOr("local_name", "");
  config.global.keepalive_interval = IntOf(row, "keepalive_interval", 0);
  config.global.keepalive_timeout = IntOf(row, "keepalive_timeout", 0);
  config.global.nat_keepalive_interval = IntOf(row, "nat_keepalive_interval", config.global.nat_keepalive_interval);
  config.global.check_next_payload = row.IntOr("next_payload_unchecked", 0) == 0;
  config.global.default_proposal = row.IntOr("without_default_proposal", 0) == 0;
}

void TakeIkeProposal(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta) {
  delta.global = true;
  TakeInto(config.proposals, NumberOf(key.front()), rows, IkeProposalOf);
}

void TakeIkePeer(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta) {
  delta.peers.insert(NameOf(key));
  TakeInto(config.peers, NameOf(key), rows, PeerOf);
}

void TakeIkeDpd(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta) {
  delta.dpds.insert(NameOf(key));
  TakeInto(config.dpds, NameOf(key), rows, [](const Row& row) {
    IkeDpdConfig dpd{.name = row.TextOr("name", "")};
    dpd.interval_seconds = IntOf(row, "interval_time", dpd.interval_seconds);
    dpd.timeout_seconds = IntOf(row, "time_out", dpd.timeout_seconds);
    return dpd;
  });
}

void TakePkiDomain(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta) {
  delta.pki_domains.insert(NameOf(key));
  TakeInto(config.pki_domains, NameOf(key), rows, [](const Row& row) {
    return PkiDomainConfig{row.TextOr("name", ""), row.TextOr("local_certificate", ""),
                           row.TextOr("ca_certificate", ""), row.TextOr("private_key", ""), row.TextOr("crl", "")};
  });
}

Status ValidateIke(const IkeConfig& config, const IkeDelta& delta) {
  for (const std::string& name : delta.peers) {
    const auto peer = config.peers.find(name);
    if (peer != config.peers.end() && !peer->second.remote_high.empty() &&
        peer->second.remote_high < peer->second.remote_address)
      return {Code::kBadValue, "ike peer " + name + ": the range of remote addresses is empty"};
  }
  return {};
}

}  // namespace sw::device
