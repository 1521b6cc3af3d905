// Constants of the protocol engines that no source gives: all of them our choice, listed in man/sw8800-dvpn.7.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "hal/base/clock.h"

namespace sw::dvpn {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Registration: waits between sends of one message (the last one repeats), and the limit of one attempt.
inline constexpr std::array kRegisterResend = {milliseconds(500), milliseconds(1000), milliseconds(2000),
                                               milliseconds(4000)};
inline constexpr seconds kAttemptLimit{20};
inline constexpr milliseconds kDoubt{50};  // an answer that does not verify ends the attempt if no good one follows
inline constexpr int kWrongProofs = 2;     // so many end it at once: each may be a guess of the pre-shared key
inline constexpr std::size_t kSendsBeforeOldVersion = 2;  // of step 1; then the version before this one is tried beside
inline constexpr seconds kServerReturn{600};  // so long a client whose server went away asks for it at short intervals
inline constexpr milliseconds kReturnResend{1200};  // these: each client at a moment of its own within

// Unfinished maps of a server: the oldest goes first, of an address or a network (24 bits) that has its share, else of
// all. Clients behind one NAT share an address.
inline constexpr std::size_t kMaxHalfOpen = 8192, kMaxHalfOpenPerAddress = 64, kMaxHalfOpenPerNetwork = 1024;
inline constexpr seconds kHalfWaits{5};  // one part of a message of the registration waits so long for the other
inline constexpr milliseconds kRefusedMap{900};  // a refused client may ask so long for its answer again
inline constexpr std::size_t kMaxHeldAddresses = 65536;
inline constexpr seconds kRefusalQuiet{600};  // a refusal of one client for one reason is logged once in this time
inline constexpr std::size_t kMaxRefusals = 256;
inline constexpr std::size_t kMaxMaps = 65536;

// Setup and rekey: a few quick resends, then one per setup interval; so many sends before giving up.
inline constexpr std::array kSetupResend = {milliseconds(500), milliseconds(1000), milliseconds(2000)};
inline constexpr int kSetupSends = 6;
inline constexpr int kProofSends = 6;       // keepalives that ask for proof before the switch-over
inline constexpr seconds kPassiveWait{60};  // a passive end waits so long for the setup to come or to be proven
inline constexpr int kKeepaliveMisses = 3;  // unanswered keepalives that make a session dead
// Death on demand, of a client's server: sent to and silent for so long, then asked so often.
inline constexpr milliseconds kDemandSilence{2000}, kDemandLook{250}, kDemandRepeat{200};
inline constexpr int kDemandAsks = 6;
inline constexpr seconds kLinger{10};  // an old inbound SA stays so long after its successor took over
inline constexpr int kReleaseSends = 3;
inline constexpr seconds kReleaseInterval{1};

// Path MTU: what every path is taken to carry, the sizes tried when the wanted one does not arrive (IP packets; those
// of RFC 1191 section 7 and of common links), the time for an answer, the tries, and how long a result is believed.
inline constexpr std::size_t kUdpOverhead = 28;  // IPv4 and UDP headers
inline constexpr std::size_t kPathBase = 1280, kPathLargest = 1500;
inline constexpr std::array<std::size_t, 10> kPathSizes = {1492, 1480, 1460, 1420, 1400, 1350, 1300, 1280, 1006, 576};
inline constexpr milliseconds kPathAnswer{1000};
inline constexpr int kPathTries = 3;
inline constexpr seconds kPathBelieved{600};
inline constexpr int kIcmpPerSecond = 100;  // "fragmentation needed" that one tunnel sends

inline constexpr milliseconds kAskInterval{1000};  // between questions to an endpoint from which data began to come
inline constexpr std::size_t kMaxClaims = 4;       // such endpoints of one session at a time
inline constexpr std::size_t kMaxHistory = 65536;  // rows of the session history

inline constexpr milliseconds kRedirectInterval{1000};  // between redirects for one pair
inline constexpr std::size_t kMaxRedirectPairs = 65536;
inline constexpr seconds kPairQuiet{5};     // so long nothing is relayed: what comes then is relayed anew
inline constexpr seconds kPairMemory{600};  // what was relayed is remembered
inline constexpr std::size_t kMaxPeerSessions = 16384;  // client-client sessions of one client
inline constexpr std::size_t kMaxRedirectCache = 4096;  // destinations learned from redirects
inline constexpr std::size_t kMaxRemembered =
    65536;  // setup channels remembered after their session: as many as a server has maps

}  // namespace sw::dvpn
