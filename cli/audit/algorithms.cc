// Algorithms. Severities are our judgement under each profile; what is known of the documents stands beside them.
#include <iterator>

#include "cli/audit/algorithm_uses.h"

namespace sw::cli {
namespace {

template <Algorithm algorithm>
void Find(const AuditInput& input, std::vector<Hit>& out) {
  for (AlgorithmUse& use : AlgorithmUses(input))
    if (use.algorithm == algorithm) out.push_back(std::move(use.hit));
}

constexpr Severity kNone = Severity::kNone, kNote = Severity::kNote, kWarning = Severity::kWarning,
                   kError = Severity::kError;

constexpr Citation kDes[] = {{&kRfc8221Draft, "", "MUST NOT", Seen::kDraftRead},
                             {&kRfc8247Draft, "", "MUST NOT", Seen::kDraftRead},
                             {&kRfc8221, "5", ""},
                             {&kSp800_131, "2", ""}};
constexpr Citation k3Des[] = {{&kRfc8221Draft, "", "SHOULD NOT", Seen::kDraftRead},
                              {&kRfc8247Draft, "", "MAY in its table, SHOULD NOT in its prose", Seen::kDraftRead},
                              {&kRfc8221, "5", ""},
                              {&kSp800_131, "2", ""}};
constexpr Citation kNull[] = {{&kRfc8221Draft, "", "MUST be implemented, for authentication alone", Seen::kDraftRead},
                              {&kRfc8221, "5", ""}};
constexpr Citation kMd5[] = {{&kRfc8247Draft, "", "MUST NOT", Seen::kDraftRead}, {&kRfc8221, "6", ""}};
constexpr Citation kSha1[] = {
    {&kRfc8247Draft, "", "MUST-", Seen::kDraftRead},
    {&kTr02102, "", "HMAC-SHA-1 announced as ending in 2020-01, says its history", Seen::kRead},
    {&kRfc8221, "6", ""},
    {&kSp800_131, "", ""}};
constexpr Citation kNoAuthentication[] = {
    {&kRfc8247Draft, "3.1", "MUST be used with an integrity algorithm", Seen::kDraftRead}, {&kRfc8221, "4", ""}};
constexpr Citation kModp768[] = {
    {&kRfc8247Draft, "3.4", "MUST NOT", Seen::kDraftRead}, {&kRfc8247, "2.4", ""}, {&kSp800_131, "5", ""}};
constexpr Citation kModp1024[] = {
    {&kRfc8247Draft, "3.4", "SHOULD NOT", Seen::kDraftRead}, {&kRfc8247, "2.4", ""}, {&kSp800_131, "5", ""}};
constexpr Citation kModp2048[] = {
    {&kRfc8247Draft, "3.4", "MUST", Seen::kDraftRead},
    {&kTr02102, "", "3000 bit key lengths for RSA, DH, and DSA from 2023, says its history", Seen::kRead},
    {&kSp800_56, "appendix D", ""}};
constexpr Citation kX25519[] = {{&kRfc8031, "", ""}, {&kSp800_56, "", ""}};

// In the order of Algorithm.         rfc       nist      bsi
constexpr Rule kRules[] = {
    {"cipher-des",
     "algorithms",
     {kError, kError, kError},
     {327, 326},
     "DES encrypts",
     "Keys of 56 bits are found by trying all of them, with hardware that anybody can rent.",
     kDes,
     Find<Algorithm::kDes>},
    {"cipher-3des",
     "algorithms",
     {kWarning, kError, kError},
     {327, 326},
     "3DES encrypts",
     "Blocks of 64 bits repeat after some gigabytes under one key, which tells about what is inside.",
     k3Des,
     Find<Algorithm::k3Des>},
    {"cipher-null",
     "algorithms",
     {kWarning, kWarning, kWarning},
     {319, 0},
     "Nothing encrypts",
     "Packets are authenticated at best; whoever sees them reads them.",
     kNull,
     Find<Algorithm::kNull>},
    {"hash-md5",
     "algorithms",
     {kError, kError, kError},
     {328, 0},
     "MD5 authenticates",
     "MD5 is broken as a hash. HMAC-MD5 has no practical forgery known, and is on its way out everywhere.",
     kMd5,
     Find<Algorithm::kMd5>},
    {"hash-sha1",
     "algorithms",
     {kNote, kNote, kWarning},
     {328, 0},
     "SHA-1 authenticates",
     "SHA-1 is broken as a hash. HMAC-SHA-1 still holds, and is being retired.",
     kSha1,
     Find<Algorithm::kSha1>},
    {"no-authentication",
     "algorithms",
     {kError, kError, kError},
     {353, 0},
     "Encryption without authentication",
     "Packets can be changed on their way without notice, and what they hold can be found out by that.",
     kNoAuthentication,
     Find<Algorithm::kNoAuthentication>},
    {"group-modp768",
     "algorithms",
     {kError, kError, kError},
     {326, 0},
     "A group of 768 bits",
     "Its discrete logarithm has been computed in public; all keys agreed on in it can be had.",
     kModp768,
     Find<Algorithm::kModp768>},
    {"group-modp1024",
     "algorithms",
     {kWarning, kError, kError},
     {326, 0},
     "A group of 1024 bits",
     "One large computation, within reach of a state, opens everything that was ever agreed on in it.",
     kModp1024,
     Find<Algorithm::kModp1024>},
    {"group-modp1536",
     "algorithms",
     {kWarning, kError, kError},
     {326, 0},
     "A group of 1536 bits",
     "It is expected to fall to an attacker with the means of a state.",
     kModp1024,
     Find<Algorithm::kModp1536>},
    {"group-modp2048",
     "algorithms",
     {kNone, kNone, kWarning},
     {326, 0},
     "A group of 2048 bits",
     "BSI asks for 3000 bits since 2023; the other profiles are content with it.",
     kModp2048,
     Find<Algorithm::kModp2048>},
    {"group-x25519",
     "algorithms",
     {kNone, kNote, kNone},
     {0, 0},
     "X25519",
     "It is sound. It is no curve of NIST's list, which matters where that list is binding.",
     kX25519,
     Find<Algorithm::kX25519>},
};

}  // namespace

static_assert(std::size(kRules) == static_cast<std::size_t>(Algorithm::kX25519) + 1);

std::span<const Rule> AlgorithmRules() {
  return kRules;
}

const Rule& RuleOf(Algorithm algorithm) {
  return kRules[static_cast<std::size_t>(algorithm)];
}

}  // namespace sw::cli
