// Documents that say whether an algorithm or a practice is still in order, and how much of each was read. A keyword of
// a document (MUST NOT, SHOULD) is printed only where its text was read; of the others the number alone is given, and
// what the audit says is its own judgement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sw::cli {

enum class Seen : std::uint8_t {
  kRead,       // the text itself
  kDraftRead,  // a draft of it: the citation names the draft
  kQuoted,     // in another document
  kNotRead,    // from memory
};
std::string_view SeenText(Seen seen);

struct Document {
  std::string_view name, url;
};

struct Citation {
  const Document* document;
  std::string_view section;  // empty: the document as a whole
  std::string_view keyword;  // as the text has it; empty unless it was read
  Seen seen = Seen::kNotRead;
};
// "draft-ietf-ipsecme-rfc4307bis-10 section 3.4: MUST NOT [draft read]", "RFC 8221 section 5 [not read: our judgement]"
std::string CitationText(const Citation& citation);

inline constexpr Document kRfc8221{"RFC 8221", "https://www.rfc-editor.org/rfc/rfc8221"};
inline constexpr Document kRfc8221Draft{"draft-mglt-ipsecme-rfc7321bis-00 (slides; became RFC 8221)",
                                        "https://www.ietf.org/proceedings/96/slides/slides-96-ipsecme-8.pdf"};
inline constexpr Document kRfc8247{"RFC 8247 (IKEv2, a yardstick only)", "https://www.rfc-editor.org/rfc/rfc8247"};
inline constexpr Document kRfc8247Draft{"draft-ietf-ipsecme-rfc4307bis-10 (IKEv2, a yardstick only; became RFC 8247)",
                                        "https://datatracker.ietf.org/doc/draft-ietf-ipsecme-rfc4307bis/10/"};
inline constexpr Document kRfc9395{"RFC 9395", "https://www.rfc-editor.org/rfc/rfc9395"};
inline constexpr Document kRfc2409{"RFC 2409", "https://www.rfc-editor.org/rfc/rfc2409"};
inline constexpr Document kRfc7296{"RFC 7296", "https://www.rfc-editor.org/rfc/rfc7296"};
inline constexpr Document kRfc8031{"RFC 8031", "https://www.rfc-editor.org/rfc/rfc8031"};
inline constexpr Document kRfc1334{"RFC 1334", "https://www.rfc-editor.org/rfc/rfc1334"};
inline constexpr Document kRfc1994{"RFC 1994", "https://www.rfc-editor.org/rfc/rfc1994"};
inline constexpr Document kRfc2865{"RFC 2865", "https://www.rfc-editor.org/rfc/rfc2865"};
inline constexpr Document kSp800_131{"NIST SP 800-131A r2", "https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"};
inline constexpr Document kSp800_77{"NIST SP 800-77 r1", "https://csrc.nist.gov/pubs/sp/800/77/r1/final"};
inline constexpr Document kSp800_56{"NIST SP 800-56A r3", "https://csrc.nist.gov/pubs/sp/800/56/a/r3/final"};
inline constexpr Document kTr02102{"BSI TR-02102-3 (IKEv2, a yardstick only)", "https://www.bsi.bund.de/dok/TR-02102"};
inline constexpr Document kSpsk{"draft-harkins-ipsecme-spsk-auth-05",
                                "https://datatracker.ietf.org/doc/html/draft-harkins-ipsecme-spsk-auth-05"};
inline constexpr Document kCpace{"draft-irtf-cfrg-cpace-21",
                                 "https://datatracker.ietf.org/doc/draft-irtf-cfrg-cpace/21/"};
inline constexpr Document kBlastRadius{
    "CVE-2024-3596", "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/2024/3xxx/CVE-2024-3596.json"};
inline constexpr Document kRadext{"draft-ietf-radext-deprecating-radius-10",
                                  "https://www.ietf.org/archive/id/draft-ietf-radext-deprecating-radius-10.xml"};
inline constexpr Document kAggressiveCve{"CVE-2002-1623", "https://www.cve.org/CVERecord?id=CVE-2002-1623"};

}  // namespace sw::cli
