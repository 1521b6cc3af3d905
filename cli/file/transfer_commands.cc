// `tftp`: files of flash: to and from a TFTP server. Syntax and wording: recollection of the siblings.
#include <fmt/format.h>

#include <chrono>

#include "cli/configuration/startup.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/file/flash.h"
#include "device/file/tftp.h"

namespace sw::cli {
namespace {

using device::Flash;
using device::FlashPath;
using device::ToString;

struct Order {
  Ipv4 host;
  bool put = false;
  std::string remote;
  FlashPath local;
};

class TransferTask final : public Task {
 public:
  TransferTask(Operator& session, Flash& flash, Order order)
      : session_(session), flash_(flash), order_(std::move(order)), began_(session.device().scheduler().now()) {}

  Status Begin() {
    device::TftpOrder order{order_.host, order_.put, order_.remote, {}, Flash::kMaxFile};
    if (order_.put) {
      Result<std::string> text = flash_.Read(order_.local);
      if (!text.ok()) return text.status();
      bytes_ = text->size();
      order.content = std::move(*text);
    }
    Result<std::unique_ptr<device::Tftp>> tftp =
        session_.device().StartTftp(std::move(order), [this](Result<std::string> got) { Done(std::move(got)); });
    if (!tftp.ok()) return tftp.status();
    tftp_ = std::move(*tftp);
    session_.Print(fmt::format("  File will be transferred in binary mode.\n  {} {} TFTP server, please wait...\n",
                               order_.put ? "Copying file to" : "Downloading file from", order_.host.ToString()));
    return {};
  }
  void Cancel() override { tftp_->Cancel(); }

 private:
  void Done(Result<std::string> got) {
    Status done = got.status();
    if (done.ok() && !order_.put) {
      bytes_ = got->size();
      done = flash_.Write(order_.local, *got);
    }
    if (done.ok()) {
      const auto seconds =
          std::chrono::duration_cast<std::chrono::seconds>(session_.device().scheduler().now() - began_);
      session_.Print(fmt::format("  TFTP: {} bytes {} in {} second(s).\n  File {} successfully.\n", bytes_,
                                 order_.put ? "sent" : "received", seconds.count(),
                                 order_.put ? "uploaded" : "downloaded"));
    }
    session_.Finish(done);
  }

  Operator& session_;
  Flash& flash_;
  const Order order_;
  const Time began_;
  std::size_t bytes_ = 0;
  std::unique_ptr<device::Tftp> tftp_;
};

Status StartTransfer(Operator& session, Flash& flash, const Order& order) {
  auto task = std::make_unique<TransferTask>(session, flash, order);
  TransferTask& started = *task;
  session.Start(std::move(task));
  if (Status status = started.Begin(); !status.ok()) {
    session.Start(nullptr);
    return status;
  }
  return {};
}

std::string LastPart(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\:");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Status Tftp(Operator& session, const Match& match) {
  Order order;
  order.host = *Ipv4::Parse(match.Text("host"));
  if (order.host.empty() || order.host.multicast()) return {Code::kBadValue, "No host has this address"};
  order.put = match.Has("put");
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  const std::string source = match.Text("source"), target = match.Text("target");
  order.remote = order.put ? target : source;
  const std::string local = order.put ? source : target.empty() ? LastPart(source) : target;
  Result<FlashPath> path = Flash::Resolve(session.seat().directory(), local);
  if (!path.ok()) return path.status();
  order.local = std::move(*path);
  if (order.put && order.remote.empty()) order.remote = order.local.empty() ? "" : order.local.back();
  const Result<device::FlashEntry> there = (*flash)->Find(order.local);
  if (there.ok() && there->directory) return IsDirectory(ToString(order.local));
  if (order.put || !there.ok()) return StartTransfer(session, **flash, order);
  return session.Ask(fmt::format("The file {} exists. Overwrite it?[Y/N]:", ToString(order.local)), "y",
                     [&session, flash = *flash, order](std::string_view answer) {
                       return Yes(answer) ? StartTransfer(session, *flash, order) : Status();
                     });
}

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .level = kManage,
     .form = "tftp <host:ip> { get | put } <source:string:1-160> [ <target:string:1-160> ]",
     .help =
         "Copy a file to or from a TFTP server|The server|From it|To it|File|Its name at the other end, the same by "
         "default",
     .run = Tftp},
};

}  // namespace

std::span<const Command> TransferCommands() {
  return kCommands;
}

}  // namespace sw::cli
