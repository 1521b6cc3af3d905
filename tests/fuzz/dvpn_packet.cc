// Every datagram a tunnel may get, at every stage of a domain's life, and the time that follows.
//
// Input: how many datagrams of a fixed story pass first (1 octet), who gets the rest (1 octet), then datagrams, each
// with its length in front (2 octets). The story is the same every time, so a kept datagram is a genuine one at its
// stage.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "dvpn/inner_packet.h"
#include "dvpn/wire.h"
#include "tests/fuzz/dvpn_story.h"

using namespace sw;
using namespace sw::testing;

namespace {

void DecodeEverything(ByteView bytes) {
  for (int type = 0; type < 33; ++type) (void)dvpn::wire::DecodeBody(static_cast<dvpn::wire::Type>(type), bytes);
  (void)dvpn::wire::DecodeKexProof(bytes);
  (void)dvpn::wire::DecodeClaim(bytes);
  if (const auto header = dvpn::ParseInner(bytes)) (void)dvpn::Describe(*header, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(ByteView(data, size));
  const std::size_t passed = in.U8() % 64;
  const std::uint8_t target = in.U8();
  DvpnStory story(passed);
  Domain& d = story.d;
  FakeHost& one = *story.one;
  FakeHost& two = *story.two;

  const Endpoint froms[] = {one.address, d.server->address, two.address, {Ipv4(9, 9, 9, 9), 9}};
  const Endpoint from = froms[target & 3];
  FakeHost& to = (target & 3) == 0 || (target & 3) == 3 ? *d.server : one;
  while (in.ok() && in.left() > 2) {
    const ByteView datagram = in.Take(std::min<std::size_t>(in.U16(), in.left()));
    DecodeEverything(datagram);
    DecodeEverything(datagram.subspan(std::min(datagram.size(), dvpn::wire::kHeaderBytes)));
    d.net.Inject(from, to.address, Bytes(datagram.begin(), datagram.end()));
    d.Run(1ms);
  }
  d.net.tap = nullptr;
  d.Run(180s);
  // Nothing in the input could be authentic and new, so by now the domain has recovered and works.
  if (!one.Proven(Domain::Private(1)) || d.server->tunnel->maps().size() != 2) std::abort();
  return 0;
}
