// L2TP groups, as far as they are kept: no engine here speaks PPP.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "guide pages 119-120; ranges but that of the Virtual-Template are recollection";

constexpr Column kGlobal[] = {
    Int("id", 1, 1),
    Flag("enabled"),
};

constexpr Column kGroup[] = {
    Int("number", 1, 1000),
    Int("allow_template", 0, 1023, {.unit = "number of the Virtual-Template"}),
    Text("allow_remote", 1, 30),
    Text("allow_domain", 1, 30),
    Address("start_ip"),
    Address("start_ip_2"),
    Address("start_ip_3"),
    Text("start_domain", 1, 30),
    Text("start_user", 1, 80),
    Text("tunnel_name", 1, 30, {.preset_words = "that of the device"}),
    Word("tunnel_authentication", "disable", {.preset_words = "enable"}),
    Concealable("tunnel_password", 16, 160),
    Word("tunnel_password_form", kForms),
    Int("tunnel_hello", 60, 1000, {.preset = 60, .unit = "seconds"}),
    Flag("tunnel_avp_hidden"),
    Flag("mandatory_chap"),
    Flag("mandatory_lcp"),
};

constexpr Table kTables[] = {
    {.name = "l2tp_global",
     .keys = 1,
     .columns = kGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "l2tp_group", .keys = 1, .columns = kGroup, .order_by = "number", .origin = kOrigin},
};

}  // namespace

std::span<const Table> L2tpTables() {
  return kTables;
}

}  // namespace sw::configdb
