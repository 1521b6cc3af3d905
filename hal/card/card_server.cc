#include "hal/card/card_server.h"

namespace sw::hal::card {

CardServer::CardServer(CardLimits limits, std::unique_ptr<CryptoDevice> engine)
    : function_(limits.rings + 1), card_(limits, std::move(engine), *this, function_) {
  function_.Attach(card_);
}

Result<std::unique_ptr<CardServer>> CardServer::Listen(const std::string& path, CardLimits limits,
                                                       std::unique_ptr<CryptoDevice> engine, FaultPlan plan) {
  std::unique_ptr<CardServer> out(new CardServer(limits, std::move(engine)));
  auto server = vfio::FunctionServer::Listen(path, out->function_);
  if (!server.ok()) return server.status();
  out->server_ = std::move(*server);
  out->card_.Arm(std::move(plan));
  return out;
}

}  // namespace sw::hal::card
