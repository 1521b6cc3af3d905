#include "dvpn/types.h"

namespace sw::dvpn {

std::string_view Name(MapState s) {
  switch (s) {
    case MapState::kClientInit:
      return "INIT";
    case MapState::kClientBegin:
      return "BEGIN";
    case MapState::kClientAlgReq:
      return "ALGREQ";
    case MapState::kClientKexReq:
      return "KEXREQ";
    case MapState::kClientAuthenReq:
      return "AUTHENREQ";
    case MapState::kClientConfigReq:
      return "CONFIGREQ";
    case MapState::kClientReq:
      return "REQ";
    case MapState::kClientSuccess:
      return "SUCCESS";
    case MapState::kServerBegin:
      return "BEGIN";
    case MapState::kServerAlgorithm:
      return "ALGORITHM";
    case MapState::kServerKexInit:
      return "KEXINIT";
    case MapState::kServerAuthenInit:
      return "AUTHENINIT";
    case MapState::kServerConfigInit:
      return "CONFIGINIT";
    case MapState::kServerInit:
      return "INIT";
    case MapState::kServerFinished:
      return "FINISHED";
  }
  return "?";
}

std::string_view Name(SessionState s) {
  switch (s) {
    case SessionState::kSetupInit:
      return "SETUPINIT";
    case SessionState::kSetupReq:
      return "SETUPREQ";
    case SessionState::kSetupSuccess:
      return "SETUPSUCCESS";
    case SessionState::kRekeyReq:
      return "REKEYREQ";
    case SessionState::kRekeyRep:
      return "REKEYREP";
  }
  return "?";
}

std::string_view Name(CommunicateType t) {
  switch (t) {
    case CommunicateType::kClientToServer:
      return "C->S";
    case CommunicateType::kServerToClient:
      return "S->C";
    case CommunicateType::kServerToServer:
      return "S->S";
    case CommunicateType::kClientToClient:
      return "C->C";
  }
  return "?";
}

std::string_view Name(RegisterType t) {
  switch (t) {
    case RegisterType::kUndistributed:
      return "undistributed";
    case RegisterType::kForward:
      return "forward";
    case RegisterType::kUndistributedAndForward:
      return "undistributed forward";
    case RegisterType::kNormal:
      return "normal";
  }
  return "?";
}

std::string_view Name(SecurityMinimum minimum) {
  switch (minimum) {
    case SecurityMinimum::kNone:
      return "none";
    case SecurityMinimum::kProtected:
      return "protected";
    case SecurityMinimum::kStrong:
      return "strong";
  }
  return {};
}

std::string_view Name(ServerProofKind kind) {
  switch (kind) {
    case ServerProofKind::kNone:
      return "none";
    case ServerProofKind::kPreSharedKey:
      return "pre-shared key";
    case ServerProofKind::kPake:
      return "pre-shared key by CPace";
    case ServerProofKind::kCertificate:
      return "certificate";
  }
  return {};
}

std::string_view Name(ServerMethod method) {
  switch (method) {
    case ServerMethod::kNone:
      return "none";
    case ServerMethod::kPreShare:
      return "pre-share";
    case ServerMethod::kCertificate:
      return "certificate";
  }
  return {};
}

std::string_view Name(AuthMethod m) {
  switch (m) {
    case AuthMethod::kNone:
      return "none";
    case AuthMethod::kPap:
      return "pap";
    case AuthMethod::kChap:
      return "chap";
  }
  return "?";
}

}  // namespace sw::dvpn
