// Bodies of control messages as bytes; the counterpart of wire_read.cc.
#include "dvpn/wire.h"

namespace sw::dvpn::wire {
namespace {

void Put(Writer& out, Endpoint e) {
  out.U32(e.address.value);
  out.U16(e.port);
}
void Put8(Writer& out, std::string_view text) {
  out.U8(static_cast<std::uint8_t>(text.size()));
  out.Put(AsBytes(text));
}
void Put16(Writer& out, ByteView bytes) {
  out.U16(static_cast<std::uint16_t>(bytes.size()));
  out.Put(bytes);
}

void Put(Writer& out, const SuiteList& suites) {
  out.U8(suites.count);
  out.Put(suites.numbers);
}
void Put(Writer& out, const Terms& terms) {
  out.U8(terms.session_suite);
  out.U8(terms.data_suite);
  out.U16(terms.keepalive);
  out.U16(terms.setup_interval);
  out.U32(terms.idle);
  out.U32(terms.sa_duration);
}
}  // namespace

Bytes Encode(const AlgReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put(w, m.suites);
  return out;
}
Bytes Encode(const AlgRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U8(m.suite);
  w.Put(m.cookie);
  return out;
}
Bytes Encode(const KexReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put(w, m.suites);
  w.U8(m.suite);
  w.Put(m.cookie);
  w.U8(static_cast<std::uint8_t>(m.authenticate_server));
  Put8(w, AsText(m.share));
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const KexRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put8(w, AsText(m.share));
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const KexProof& m) {
  Bytes out;
  Writer w(out);
  Put8(w, AsText(m.mac));
  w.U8(static_cast<std::uint8_t>(m.method));
  w.U8(m.chap_id);
  Put8(w, AsText(m.challenge));
  if (m.signature.empty()) return out;
  Put16(w, m.signature);
  Put16(w, m.certificate);
  return out;
}
Bytes Encode(const KexPart& m, Type type) {
  Bytes out;
  Writer w(out);
  type == Type::kKexReqPart ? w.Put(m.claim) : w.Put(m.nonce);
  w.U8(static_cast<std::uint8_t>((m.piece.count - 2) << 4 | m.piece.number));
  w.Put(m.piece.whole);
  w.Put(m.piece.bytes);
  return out;
}
Bytes Encode(const AuthReq& m) {
  Bytes out;
  out.reserve(3 + m.user_name.size() + m.proof.size());  // one buffer, so that one wipe gets every copy
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.method));
  Put8(w, m.user_name);
  Put8(w, AsText(m.proof.view()));
  return out;
}
Bytes Encode(const AuthRsp& m) {
  return {static_cast<std::uint8_t>(m.answer)};
}
Bytes Encode(const RegReq& m) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.type));
  w.U32(m.private_address.value);
  Put(w, m.local);
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const RegRsp& m) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.answer));
  if (m.answer != Answer::kAccepted) return out;
  w.U16(m.dvpn_id);
  w.U32(m.control_id);
  Put(w, m.terms);
  w.U32(m.server_private.value);
  Put(w, m.observed);
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const Refuse& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U8(static_cast<std::uint8_t>(m.answer));
  return out;
}
Bytes Encode(const Abort& m) {
  return {static_cast<std::uint8_t>(m.answer)};
}
Bytes Encode(const SetupReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U32(m.spi);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const SetupRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.initiator_nonce);
  w.Put(m.nonce);
  w.U32(m.spi);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const Keepalive& m) {
  Bytes out;
  Writer(out).U32(m.number);
  return out;
}
Bytes Encode(const Redirect& m) {
  Bytes out;
  out.reserve(128);
  Writer w(out);
  w.U8(m.active ? 1 : 2);
  w.U32(m.peer_private.value);
  w.U32(m.destination.value);
  Put(w, m.peer_public);
  Put(w, m.peer_local);
  Put(w, m.terms);
  w.Put(m.secret.view());
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const Unreached& m) {
  Bytes out;
  Writer w(out);
  w.U32(m.destination.value);
  w.U32(m.peer_private.value);
  w.U8(m.registered ? 2 : 1);
  return out;
}
Bytes Encode(const Release& m) {
  return {static_cast<std::uint8_t>(m.stopping ? 2 : 1)};
}
Bytes Encode(const Part& m) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.type));
  w.U8(m.number);
  w.U32(m.message);
  w.Put(m.bytes);
  return out;
}
Bytes Encode(const PathSize& m) {
  Bytes out;
  Writer(out).U16(m.bytes);
  return out;
}
Bytes Encode(const Terms& m) {
  Bytes out;
  Writer w(out);
  Put(w, m);
  return out;
}

}  // namespace sw::dvpn::wire
