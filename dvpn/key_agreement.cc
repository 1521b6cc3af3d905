#include "dvpn/key_agreement.h"

namespace sw::dvpn {

KeyRequest KeyRequest::Make(hal::DhGroup group, Random& random) {
  if (group == hal::DhGroup::kHybrid)
    if (auto key = hal::HybridKey::Generate(random); key.ok()) return KeyRequest(Key(std::move(*key)));
  return KeyRequest(Key(hal::DhKey::Generate(group, random)));
}

ByteView KeyRequest::public_value() const {
  return std::visit([](const auto& key) { return key.public_value(); }, key_);
}

std::optional<SecretBytes> KeyRequest::Agree(ByteView answer) const {
  return std::visit([&](const auto& key) { return key.Agree(answer); }, key_);
}

std::optional<KeyAnswer> AnswerKey(hal::DhGroup group, ByteView asked, Random& random) {
  if (group == hal::DhGroup::kHybrid) {
    auto hybrid = hal::AnswerHybrid(asked, random);
    if (!hybrid) return std::nullopt;
    return KeyAnswer{std::move(hybrid->value), std::move(hybrid->secret)};
  }
  const hal::DhKey own = hal::DhKey::Generate(group, random);
  auto secret = own.Agree(asked);
  if (!secret) return std::nullopt;
  const ByteView value = own.public_value();
  return KeyAnswer{Bytes(value.begin(), value.end()), std::move(*secret)};
}

}  // namespace sw::dvpn
