// The registration as two total tables, state x input -> action, and what each action leads to. The engines walk them
// (dvpn/registration.cc, dvpn/server_maps.cc); the tables of sw8800-dvpn(7) and the model that spin checks are made
// from them. The eight steps are those of guide page 207; the states are the MIB's, where rows of ours are finer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dvpn/types.h"
#include "dvpn/wire.h"

namespace sw::dvpn::table {

// What an action came to. kNext: it worked. kOther: it worked, the shorter or the refusing way. kError: it failed.
// A row kStay: the state stays; as where an error leads: there can be none.
enum class Outcome : std::uint8_t { kNext, kOther, kError };

template <typename Row, typename Input, typename Action, std::size_t kRows, std::size_t kInputs>
struct Table {
  std::array<std::array<Action, kInputs>, kRows> cells;
  constexpr Action At(Row r, Input i) const { return cells[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)]; }
  // No cell was forgotten: the value 0 of an action is none.
  constexpr bool total() const {
    for (const auto& row : cells)
      for (const Action a : row)
        if (static_cast<int>(a) == 0) return false;
    return true;
  }
};

// ---------------------------------------------------------------------------------------------------- the client

enum class ClientRow : std::uint8_t { kStay, kInit, kAlgReq, kKexReq, kAuthenReq, kReq, kSuccess };
inline constexpr std::size_t kClientRows = 7;
struct RowName {
  std::string_view name;
  MapState state;
};
inline constexpr std::array<RowName, kClientRows> kClientRowNames{{{"", MapState::kClientInit},
                                                                   {"INIT", MapState::kClientInit},
                                                                   {"ALGREQ", MapState::kClientAlgReq},
                                                                   {"KEXREQ", MapState::kClientKexReq},
                                                                   {"AUTHENREQ", MapState::kClientAuthenReq},
                                                                   {"REQ", MapState::kClientReq},
                                                                   {"SUCCESS", MapState::kClientSuccess}}};

enum class ClientInput : std::uint8_t {
  kAlgRsp,
  kKexRsp,
  kAuthRsp,
  kRegRsp,
  kRefuse,
  kBad,
  kRelease,
  kReleaseAck,
  kDoubt,
  kResend,
  kLimit,
  kBegin,
  kLeave
};  // clang-format off
inline constexpr std::size_t kClientInputs = 13;
inline constexpr std::array<std::string_view, kClientInputs> kClientInputNames{
    "ALG-RSP", "KEX-RSP", "AUTH-RSP", "REG-RSP", "REFUSE", "bad answer", "RELEASE", "RELEASE-ACK",
    "time of doubt", "time to resend", "time limit", "begin", "leave"};

enum class ClientAction : std::uint8_t {
  kNone, kDrop, kOffer, kAskKey, kProve, kInform, kFinish, kDoubt, kRepeat, kFail, kGiveUp, kPart, kRest
};
struct ClientOutcome {
  std::string_view word, meaning;
  ClientRow next, other, error;
};
inline constexpr std::size_t kClientActions = 13;
inline constexpr std::array<ClientOutcome, kClientActions> kClientOutcomes{{
    {"", "", ClientRow::kStay, ClientRow::kStay, ClientRow::kStay},
    {"-", "drop and count", ClientRow::kStay, ClientRow::kStay, ClientRow::kStay},
    {"offer", "a fresh attempt: send ALG-REQ", ClientRow::kAlgReq, ClientRow::kStay, ClientRow::kStay},
    {"key", "take the suite, send KEX-REQ", ClientRow::kKexReq, ClientRow::kStay, ClientRow::kInit},
    {"prove", "check the server, send AUTH-REQ, or REG-REQ where nobody is asked", ClientRow::kAuthenReq, ClientRow::kReq, ClientRow::kInit},
    {"inform", "authenticated: send REG-REQ", ClientRow::kReq, ClientRow::kStay, ClientRow::kInit},
    {"finish", "check the policy: a map is built", ClientRow::kSuccess, ClientRow::kStay, ClientRow::kInit},
    {"doubt", "remember it, and wait whether a good one comes", ClientRow::kStay, ClientRow::kStay, ClientRow::kStay},
    {"again", "send the last message again", ClientRow::kStay, ClientRow::kStay, ClientRow::kStay},
    {"fail", "the server refused: say why, wait by the timers", ClientRow::kInit, ClientRow::kInit, ClientRow::kInit},
    {"give up", "tell the server, say why, wait by the timers", ClientRow::kInit, ClientRow::kInit, ClientRow::kInit},
    {"part", "acknowledge; the map and what it brought go", ClientRow::kInit, ClientRow::kInit, ClientRow::kStay},
    {"rest", "forget the attempt or the map", ClientRow::kInit, ClientRow::kInit, ClientRow::kStay},
}};

namespace client {
using enum ClientAction;
inline constexpr Table<ClientRow, ClientInput, ClientAction, kClientRows, kClientInputs> kTable{{{
    //              ALG-RSP  KEX-RSP  AUTH-RSP REG-RSP  REFUSE bad     RELEASE ACK    doubt    resend   limit    begin   leave
    /* (stay)    */ {kDrop,   kDrop,  kDrop,   kDrop,   kDrop, kDrop,  kDrop,  kDrop, kDrop,   kDrop,   kDrop,   kDrop,  kDrop},
    /* INIT      */ {kDrop,   kDrop,  kDrop,   kDrop,   kDrop, kDrop,  kDrop,  kDrop, kDrop,   kDrop,   kDrop,   kOffer, kRest},
    /* ALGREQ    */ {kAskKey, kDrop,  kDrop,   kDrop,   kFail, kDoubt, kDrop,  kDrop, kGiveUp, kRepeat, kGiveUp, kOffer, kRest},
    /* KEXREQ    */ {kDrop,   kProve, kDrop,   kDrop,   kFail, kDoubt, kDrop,  kDrop, kGiveUp, kRepeat, kGiveUp, kOffer, kRest},
    /* AUTHENREQ */ {kDrop,   kDrop,  kInform, kDrop,   kFail, kDoubt, kPart,  kDrop, kGiveUp, kRepeat, kGiveUp, kOffer, kRest},
    /* REQ       */ {kDrop,   kDrop,  kDrop,   kFinish, kFail, kDoubt, kPart,  kDrop, kGiveUp, kRepeat, kGiveUp, kOffer, kRest},
    /* SUCCESS   */ {kDrop,   kDrop,  kDrop,   kDrop,   kDrop, kDrop,  kPart,  kDrop, kDrop,   kDrop,   kDrop,   kDrop,  kRest},
}}};
}  // namespace client

// ---------------------------------------------------------------------------------------------------- the server

// None: the server keeps nothing of this client. Asking: the authenticator has the proof of step 5. Refused: the answer
// may be asked for again. Unproven: step 8 is sent, the client has not opened its session.
enum class ServerRow : std::uint8_t { kStay, kNone, kAuthenInit, kAsking, kInit, kRefused, kUnproven, kFinished };
inline constexpr std::size_t kServerRows = 8;
inline constexpr std::array<RowName, kServerRows> kServerRowNames{{{"", MapState::kServerBegin},
                                                                   {"none", MapState::kServerBegin},
                                                                   {"AUTHENINIT", MapState::kServerAuthenInit},
                                                                   {"AUTHENINIT, asking", MapState::kServerAuthenInit},
                                                                   {"INIT", MapState::kServerInit},
                                                                   {"BEGIN, refused", MapState::kServerBegin},
                                                                   {"FINISHED, unproven", MapState::kServerFinished},
                                                                   {"FINISHED", MapState::kServerFinished}}};

enum class ServerInput : std::uint8_t {
  kAlgReq, kKexReq, kAuthReq, kRegReq, kSame, kBad, kRefuse, kAbort, kRelease, kReleaseAck, kAccepted, kRejected, kProven, kAge, kRemove
};
inline constexpr std::size_t kServerInputs = 15;
inline constexpr std::array<std::string_view, kServerInputs> kServerInputNames{
    "ALG-REQ", "KEX-REQ", "AUTH-REQ", "REG-REQ", "the last request again", "bad request", "REFUSE", "ABORT", "RELEASE",
    "RELEASE-ACK", "user accepted", "user rejected", "session opened", "age", "remove"};

enum class ServerAction : std::uint8_t {
  kNone, kDrop, kChoose, kAgree, kAsk, kWait, kAdmit, kPass, kReject, kRepeat, kRefuse, kProve, kEnd, kLeft, kApart
};
struct ServerOutcome {
  std::string_view word, meaning;
  ServerRow next, other, error;
};
inline constexpr std::size_t kServerActions = 15;
inline constexpr std::array<ServerOutcome, kServerActions> kServerOutcomes{{
    {"", "", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
    {"-", "drop and count", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
    {"choose", "send ALG-RSP with a cookie, or REFUSE; keep nothing", ServerRow::kNone, ServerRow::kNone, ServerRow::kStay},
    {"agree", "check the cookie, send KEX-RSP; or REFUSE", ServerRow::kAuthenInit, ServerRow::kInit, ServerRow::kNone},
    {"ask", "ask who the client is", ServerRow::kAsking, ServerRow::kRefused, ServerRow::kStay},
    {"wait", "drop: the answer is on its way", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
    {"admit", "check the address, send REG-RSP", ServerRow::kUnproven, ServerRow::kRefused, ServerRow::kStay},
    {"pass", "send AUTH-RSP: accepted", ServerRow::kInit, ServerRow::kStay, ServerRow::kStay},
    {"reject", "send AUTH-RSP: refused", ServerRow::kRefused, ServerRow::kStay, ServerRow::kStay},
    {"again", "send the last answer again", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
    {"refuse", "send REFUSE", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
    {"proven", "the map is good, others are relayed to it", ServerRow::kFinished, ServerRow::kStay, ServerRow::kStay},
    {"end", "remove the map and its session", ServerRow::kNone, ServerRow::kNone, ServerRow::kStay},
    {"left", "acknowledge; remove the map and its session", ServerRow::kNone, ServerRow::kNone, ServerRow::kStay},
    {"apart", "a registration of its own: as with none", ServerRow::kStay, ServerRow::kStay, ServerRow::kStay},
}};

namespace server {
using enum ServerAction;
inline constexpr Table<ServerRow, ServerInput, ServerAction, kServerRows, kServerInputs> kTable{{{
    //             ALG-REQ  KEX-REQ AUTH-REQ REG-REQ  same     bad      REFUSE ABORT  RELEASE ACK    accepted rejected proven  age    remove
    /* (stay)   */ {kDrop,   kDrop,  kDrop,   kDrop,   kDrop,   kDrop,   kDrop, kDrop, kDrop,  kDrop, kDrop,   kDrop,   kDrop,  kDrop, kDrop},
    /* none     */ {kChoose, kAgree, kRefuse, kRefuse, kDrop,   kRefuse, kDrop, kDrop, kDrop,  kDrop, kDrop,   kDrop,   kDrop,  kDrop, kDrop},
    /* AUTHEN.  */ {kApart,  kApart, kAsk,    kDrop,   kRepeat, kRefuse, kEnd,  kEnd,  kLeft,  kDrop, kDrop,   kDrop,   kDrop,  kEnd,  kEnd},
    /* asking   */ {kApart,  kApart, kDrop,   kDrop,   kWait,   kRefuse, kDrop, kEnd,  kLeft,  kDrop, kPass,   kReject, kDrop,  kEnd,  kEnd},
    /* INIT     */ {kApart,  kApart, kDrop,   kAdmit,  kRepeat, kRefuse, kEnd,  kEnd,  kLeft,  kDrop, kDrop,   kDrop,   kDrop,  kEnd,  kEnd},
    /* refused  */ {kApart,  kApart, kDrop,   kDrop,   kRepeat, kDrop,   kDrop, kEnd,  kLeft,  kDrop, kDrop,   kDrop,   kDrop,  kEnd,  kEnd},
    /* unproven */ {kApart,  kApart, kDrop,   kDrop,   kRepeat, kDrop,   kDrop, kEnd,  kLeft,  kDrop, kDrop,   kDrop,   kProve, kEnd,  kEnd},
    /* FINISHED */ {kApart,  kApart, kDrop,   kDrop,   kRepeat, kDrop,   kDrop, kEnd,  kLeft,  kDrop, kDrop,   kDrop,   kDrop,  kDrop, kEnd},
}}};
}  // namespace server
// clang-format on

constexpr const ClientOutcome& Of(ClientAction a) {
  return kClientOutcomes[static_cast<std::size_t>(a)];
}
constexpr const ServerOutcome& Of(ServerAction a) {
  return kServerOutcomes[static_cast<std::size_t>(a)];
}
template <typename Row, typename Entry>
constexpr Row After(Row now, const Entry& entry, Outcome outcome) {
  const Row row = outcome == Outcome::kNext ? entry.next : outcome == Outcome::kOther ? entry.other : entry.error;
  return row == Row::kStay ? now : row;
}

static_assert(client::kTable.total() && server::kTable.total());
static_assert([] {  // every error of a client ends in its initial state, from wherever it comes
  for (const ClientOutcome& o : kClientOutcomes)
    if (o.error != ClientRow::kInit && o.error != ClientRow::kStay) return false;
  return true;
}());
static_assert([] {  // what a server refuses leaves nothing, or an answer that may be asked for again
  for (const ServerOutcome& o : kServerOutcomes)
    if (o.error != ServerRow::kNone && o.error != ServerRow::kStay) return false;
  return true;
}());
static_assert([] {  // nothing that is not sealed ends what is registered
  for (const ClientInput i : {ClientInput::kAlgRsp, ClientInput::kKexRsp, ClientInput::kRefuse, ClientInput::kBad})
    if (client::kTable.At(ClientRow::kSuccess, i) != ClientAction::kDrop) return false;
  for (const ServerRow r : {ServerRow::kUnproven, ServerRow::kFinished})
    for (const ServerInput i : {ServerInput::kBad, ServerInput::kRefuse})
      if (server::kTable.At(r, i) != ServerAction::kDrop) return false;
  return true;
}());

}  // namespace sw::dvpn::table
