// ICMP echo over a raw socket of Linux (raw(7), icmp(7)): requests of our own and what comes back for them.
// Never blocks. One thread. Needs CAP_NET_RAW.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/ipv4.h"

namespace sw::hal {

class EchoSocket {
 public:
  static constexpr std::size_t kMaxSize = 65507;  // payload bytes: the largest IP packet less both headers

  struct Request {
    Ipv4 destination;
    std::optional<Ipv4> source = std::nullopt;
    std::uint16_t sequence = 0;
    std::size_t size = 0;
    int ttl = 64, tos = 0;
    bool dont_fragment = false;
    std::string pattern = {};  // FillEcho
    std::string link = {};     // to leave by (SO_BINDTODEVICE); empty: as routed
    bool direct = false;       // MSG_DONTROUTE
    bool debug = false;        // SO_DEBUG
    std::uint16_t port = 0;    // a UDP datagram to this port instead; 0: an echo request
  };

  // `id` tells our answers from those of other programs.
  static Result<std::unique_ptr<EchoSocket>> Open(std::uint16_t id);  // kDenied
  int fd() const { return fd_.get(); }
  // kNotFound: no route, or not our source address; kBadValue: too large, or too large to go unfragmented.
  Status Send(const Request& request);
  // An answer to a datagram has the datagram's sequence.
  using Take = std::function<void(const EchoResult& result, Ipv4 from, int ttl)>;
  void Receive(const Take& take);  // everything that waits, at most kBurst messages

 private:
  static constexpr int kBurst = 64;
  EchoSocket(Descriptor fd, std::uint16_t id) : fd_(std::move(fd)), id_(id) {}
  Status OpenDatagrams();
  Descriptor fd_;
  const std::uint16_t id_;
  Descriptor datagrams_;  // once one is sent; what comes to it is not read
  std::uint16_t datagram_port_ = 0, probed_port_ = 0, probed_sequence_ = 0;
};

}  // namespace sw::hal
