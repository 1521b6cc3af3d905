// A sw8800-card with a mistake: planted_card SOCKET NUMBER. Beyond the last of tests/fakes/planted_engine.h it is a
// card with a fault plan: planted_card SOCKET PLAN. With `list`: how many mistakes there are.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "hal/card/card_server.h"
#include "tests/fakes/planted_engine.h"

int main(int argc, char** argv) {
  using namespace sw::hal;
  if (argc == 2 && std::string(argv[1]) == "list") return std::printf("%zu\n", std::size(card::kPlants)) < 0 ? 1 : 0;
  if (argc != 3) return 2;
  const card::CardLimits limits;
  std::unique_ptr<CryptoDevice> engine = *SoftwareDevice::Create({limits.max_sas, 1});
  card::FaultPlan plan;
  char* end = nullptr;
  const unsigned long number = std::strtoul(argv[2], &end, 10);
  if (*end == '\0') {
    if (number >= std::size(card::kPlants)) return 2;
    engine = std::make_unique<card::PlantedEngine>(std::move(engine), card::kPlants[number]);
    std::printf("%s\n", std::string(card::kPlants[number].what).c_str());
  } else {
    const auto parsed = card::ParseFaultPlan(argv[2]);
    if (!parsed.ok()) return 2;
    plan = *parsed;
    std::printf("%s\n", argv[2]);
  }
  std::fflush(stdout);
  auto server = card::CardServer::Listen(argv[1], limits, std::move(engine), plan);
  if (!server.ok()) return 1;
  for (;;) (*server)->Serve(std::chrono::milliseconds(500));
}
