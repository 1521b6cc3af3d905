// The words of DVPN: roles, states, types. Names and numbers are those of A3COM-HUAWEI-DVPN-MIB; reserved
// numbers are kept. What `display` prints for each is here and nowhere else.
#pragma once

#include <cstdint>
#include <string_view>

namespace sw::dvpn {

enum class Role : std::uint8_t { kClient = 1, kServer = 2 };  // TunnelInterfaceType

enum class MapState : std::uint8_t {
  kClientInit = 1,
  kClientBegin = 2,
  kClientAlgReq = 3,
  kClientKexReq = 4,
  kClientAuthenReq = 5,
  kClientConfigReq = 6,  // reserved by the MIB
  kClientReq = 7,
  kClientSuccess = 8,
  kServerBegin = 9,
  kServerAlgorithm = 10,
  kServerKexInit = 11,
  kServerAuthenInit = 12,
  kServerConfigInit = 13,  // reserved by the MIB
  kServerInit = 14,
  kServerFinished = 15,
};

enum class SessionState : std::uint8_t {
  kSetupInit = 1,
  kSetupReq = 2,
  kSetupSuccess = 3,
  kRekeyReq = 4,
  kRekeyRep = 5,
};

enum class CommunicateType : std::uint8_t {
  kClientToServer = 1,
  kServerToClient = 2,
  kServerToServer = 3,
  kClientToClient = 4,
};

enum class RegisterType : std::uint8_t {
  kUndistributed = 1,  // others reach this client through the server only
  kForward = 2,        // this client sends everything through the server
  kUndistributedAndForward = 3,
  kNormal = 4,
};

// What a client takes at least. kProtected: something that protects each of registration, session and data, and no
// password that the server gets to see. kStrong: no suite that is weak besides. Ours.
enum class SecurityMinimum : std::uint8_t { kNone, kProtected, kStrong };

// By what a server has proved itself to a client. The numbers are ours.
enum class ServerProofKind : std::uint8_t { kNone, kPreSharedKey, kPake, kCertificate };

// How a client wants its server to prove itself: ClAuthenServerType; kCertificate is ours.
enum class ServerMethod : std::uint8_t { kNone = 1, kPreShare = 2, kCertificate = 3 };

enum class AuthMethod : std::uint8_t { kNone = 1, kPap = 2, kChap = 3 };  // PoAuthenClientType

// Spelling: the MIB's enumeration without its prefix, in capitals (our choice; no sample output is known).
std::string_view Name(MapState);         // "ALGREQ", "FINISHED"
std::string_view Name(SessionState);     // "SETUPSUCCESS"
std::string_view Name(CommunicateType);  // "C->S"
std::string_view Name(RegisterType);     // "normal", "undistributed", "forward", "undistributed forward"
std::string_view Name(AuthMethod);       // "none", "pap", "chap"
std::string_view Name(SecurityMinimum);  // "none", "protected", "strong"
std::string_view Name(ServerProofKind);  // "none", "pre-shared key", "pre-shared key by CPace", "certificate"
std::string_view Name(ServerMethod);     // "none", "pre-share", "certificate"

}  // namespace sw::dvpn
