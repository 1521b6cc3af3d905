// An answer of a RADIUS server: as it comes, which must be refused, and signed with the key, so that the attributes are
// reached. Whatever they are, they are read or refused, and what is read is what stood there.
#include <cstdint>
#include <cstdlib>

#include "device/aaa/radius_packet.h"
#include "hal/primitives.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sw;
  using namespace sw::device::radius;
  const SecretBytes key(std::string_view("testkey"));
  const bool accounting = size > 0 && data[0] == static_cast<std::uint8_t>(PacketCode::kAccountingResponse);
  const Bytes request = Encode(accounting ? PacketCode::kAccountingRequest : PacketCode::kAccessRequest,
                               size > 1 ? data[1] : std::uint8_t{0}, {}, {}, {}, key);
  Bytes answer(data, data + size);
  if (Decode(answer, request, key)) std::abort();  // nobody guesses an MD5 with a key in it
  if (size < 20) return 0;
  const std::size_t length = Load16(answer.data() + 2);
  if (length < 20 || length > size) return 0;
  Bytes input(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(length));
  std::copy_n(request.begin() + 4, 16, input.begin() + 4);
  input.insert(input.end(), key.view().begin(), key.view().end());
  const hal::Md5Digest digest = hal::Md5(input);
  std::copy(digest.begin(), digest.end(), answer.begin() + 4);
  const auto opened = Decode(answer, request, key);
  if (!opened) return 0;
  std::size_t bytes = 20;
  for (const Attribute& attribute : opened->attributes) bytes += attribute.value.size() + 2;
  if (bytes != length) std::abort();
  (void)LevelOf(opened->attributes);
  (void)TextOf(opened->attributes, Type::kReplyMessage);
  return 0;
}
