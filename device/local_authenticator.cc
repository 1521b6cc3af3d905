#include "device/local_authenticator.h"

#include <algorithm>

#include "hal/primitives.h"

namespace sw::device {
namespace {

bool Matches(const dvpn::Credentials& credentials, const SecretBytes& password) {
  if (credentials.method == dvpn::AuthMethod::kPap) return credentials.password == password;
  Bytes input{credentials.chap_id};  // RFC 1994 section 4.1
  input.insert(input.end(), password.view().begin(), password.view().end());
  input.insert(input.end(), credentials.chap_challenge.begin(), credentials.chap_challenge.end());
  const hal::Md5Digest expected = hal::Md5(input);
  Wipe(input);
  return hal::EqualConstantTime(expected, credentials.chap_response);
}

}  // namespace

void LocalAuthenticator::Authenticate(dvpn::Credentials credentials, std::function<void(dvpn::Verdict)> done) {
  done(Check(credentials));
}

dvpn::Verdict LocalAuthenticator::Check(const dvpn::Credentials& credentials) const {
  const std::string& name = credentials.user_name;
  std::vector<std::string> candidates;
  if (const std::size_t at = name.find('@'); at != std::string::npos) {
    const std::string domain = name.substr(at + 1);
    if (domain != "system" && std::find(config_.aaa.domains.begin(), config_.aaa.domains.end(), domain) == config_.aaa.domains.end())
      return {false, "domain " + domain + " does not exist"};
    candidates = {name};
    if (domain == "system") candidates.push_back(name.substr(0, at));
  } else {
    if (!credentials.isp_domain.empty()) candidates.push_back(name + "@" + credentials.isp_domain);
    candidates.push_back(name);
  }
  for (const std::string& candidate : candidates) {
    auto found = config_.aaa.users.find(candidate);
    if (found == config_.aaa.users.end()) continue;
    const LocalUser& user = found->second;
    if (!user.dvpn) return {false, "user " + candidate + " has no service-type dvpn"};
    if (!user.active) return {false, "user " + candidate + " is blocked"};
    if (!user.password.set()) return {false, "user " + candidate + " has no password"};
    const std::optional<SecretBytes> password = user.password.Reveal();
    if (!password) return {false, "the cipher password of user " + candidate + " cannot be opened here"};
    if (!Matches(credentials, *password)) return {false, "wrong password of user " + candidate};
    return {true, {}};
  }
  return {false, "user " + name + " does not exist"};
}

}  // namespace sw::device
