// Net-SNMP's headers define macros with everyday names, so they come last and only here.
#include "cli/snmp/agent.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/snmp/mib.h"
#include "cli/snmp/notifications.h"
#include "cli/snmp/writer.h"
#include "device/config/config.h"

// The order matters.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
// clang-format on

namespace sw::cli::snmp {
namespace {

static_assert(sizeof(oid) == sizeof(unsigned long));

constexpr std::chrono::steady_clock::duration kFresh = std::chrono::milliseconds(200),
                                              kOldest = std::chrono::seconds(5);
constexpr int kShare = 20;  // a view stays for so many times what it took
constexpr auto kPatience = std::chrono::seconds(1);
constexpr std::size_t kMostNotifications = 1000;  // that wait for a master

class AgentThread;
AgentThread* g_agent = nullptr;  // what Net-SNMP's handler finds its way back by

int Handle(netsnmp_mib_handler*, netsnmp_handler_registration*, netsnmp_agent_request_info* info,
           netsnmp_request_info* requests);

u_char TypeOf(Syntax syntax) {
  switch (syntax) {
    case Syntax::kInteger:
      return ASN_INTEGER;
    case Syntax::kUnsigned:
      return ASN_UNSIGNED;
    case Syntax::kTimeTicks:
      return ASN_TIMETICKS;
    case Syntax::kOctets:
      return ASN_OCTET_STR;
  }
  return ASN_NULL;
}

// What lives on the device's thread and outlasts the agent while work for it is posted.
class Witness {
 public:
  explicit Witness(device::Device& device) : device_(device) {}
  View BuildNow() { return BuildView(device_, numbers_); }
  std::optional<Notification> OnEvent(const dvpn::Event& event) {
    return NotificationOf(event, settings(), device_.sysname(), numbers_);
  }
  const device::SnmpConfig& settings() const { return device_.config().snmp; }

 private:
  device::Device& device_;
  MapNumbers numbers_;
};

class AgentThread final : public Agent {
 public:
  AgentThread(device::EventLoop& loop, device::Device& device, std::string socket)
      : loop_(loop), device_(device), witness_(std::make_shared<Witness>(device)), socket_(std::move(socket)) {
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    root_ = RootOid(witness_->settings().mib_root);
    g_agent = this;
    device_.WatchChanges([this, alive = std::weak_ptr(witness_)](Time, const dvpn::Event& event) {
      const std::shared_ptr<Witness> witness = alive.lock();
      if (witness == nullptr || !enabled_) return;  // the agent is gone, or silent
      if (std::optional<Notification> one = witness->OnEvent(event)) Push(std::move(*one));
    });
    device_.WatchCard([this, alive = std::weak_ptr(witness_)](const device::CardChange& change) {
      if (!alive.expired() && enabled_) Push(CardNotification(change));
    });
    thread_ = std::thread([this] { Run(); });
  }
  ~AgentThread() override {
    stop_ = true;
    Wake();
    thread_.join();
    ::close(wake_);
    g_agent = nullptr;
  }

  void Enable(bool enabled) override { enabled_ = enabled; }

  const Oid& root() const { return root_; }

  // On the agent's thread: the view of now, or of a moment ago.
  const View& Fresh() {
    if (!enabled_) view_.clear();
    const auto begin = std::chrono::steady_clock::now();
    if (!enabled_ || begin - taken_ < fresh_) return view_;
    auto answer = std::make_shared<Answer<View>>();
    loop_.Post([answer, witness = witness_] { answer->Give(witness->BuildNow()); });
    view_ = answer->Wait().value_or(View());
    taken_ = std::chrono::steady_clock::now();
    // With many maps a view costs the device's thread some time: a walk is to take no more than a part of it.
    fresh_ = std::clamp<std::chrono::steady_clock::duration>((taken_ - begin) * kShare, kFresh, kOldest);
    return view_;
  }
  Refusal Store(std::vector<Assignment> assignments) {
    if (!enabled_) return Refusal::kNotWritable;
    auto answer = std::make_shared<Answer<Refusal>>();
    loop_.Post([answer, assignments = std::move(assignments), &device = device_] {
      answer->Give(Write(device, assignments, "agentx"));
    });
    taken_ = {};
    return answer->Wait().value_or(Refusal::kCommitFailed);
  }

 private:
  // One answer from another thread; who gives up waiting leaves it to whoever still holds it.
  template <typename T>
  class Answer {
   public:
    void Give(T value) {
      const std::lock_guard lock(mutex_);
      value_ = std::move(value);
      ready_.notify_all();
    }
    std::optional<T> Wait() {
      std::unique_lock lock(mutex_);
      ready_.wait_for(lock, kPatience, [this] { return value_.has_value(); });
      return std::move(value_);
    }

   private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::optional<T> value_;
  };

  void Push(Notification notification) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= kMostNotifications) waiting_.pop_front();
      waiting_.push_back(std::move(notification));
    }
    Wake();
  }
  void Wake() {
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
  }

  void Run() {
    netsnmp_enable_subagent();
    snmp_disable_log();
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
    netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, socket_.c_str());
    netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 2);
    init_agent("sw8800");
    netsnmp_handler_registration* registration =
        netsnmp_create_handler_registration("dvpn", Handle, root_.data(), root_.size(), HANDLER_CAN_RWRITE);
    netsnmp_register_handler(registration);
    init_snmp("sw8800");
    while (!stop_) {
      Wait();
      SendWaiting();
    }
    snmp_shutdown("sw8800");
    shutdown_agent();
  }

  void Wait() {
    int most = wake_ + 1, block = 0;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(wake_, &readable);
    timeval timeout{1, 0};
    snmp_select_info(&most, &readable, &timeout, &block);
    if (block != 0) timeout = {1, 0};
    const int ready = ::select(most, &readable, nullptr, nullptr, &timeout);
    if (ready > 0 && FD_ISSET(wake_, &readable)) {
      std::uint64_t count = 0;
      (void)!::read(wake_, &count, sizeof count);
      FD_CLR(wake_, &readable);
    }
    if (ready > 0) snmp_read(&readable);
    if (ready == 0) snmp_timeout();
    run_alarms();
    netsnmp_check_outstanding_agent_requests();
  }

  void SendWaiting() {
    for (;;) {
      Notification one;
      {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return;
        one = std::move(waiting_.front());
        waiting_.pop_front();
      }
      Send(one);
    }
  }

  Oid Whole(const Oid& relative) const {
    Oid out = root_;
    out.insert(out.end(), relative.begin(), relative.end());
    return out;
  }
  void Send(const Notification& notification) const {
    static const Oid kSnmpTrapOid = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    netsnmp_variable_list* variables = nullptr;
    const auto whole = [&](const Oid& oid) { return notification.whole ? oid : Whole(oid); };
    const Oid trap = whole(notification.oid);
    snmp_varlist_add_variable(&variables, kSnmpTrapOid.data(), kSnmpTrapOid.size(), ASN_OBJECT_ID, trap.data(),
                              trap.size() * sizeof(oid));
    for (const auto& [relative, value] : notification.variables) {
      const Oid name = whole(relative);
      const long number = static_cast<long>(value.number);
      if (value.syntax == Syntax::kOctets) {
        snmp_varlist_add_variable(&variables, name.data(), name.size(), ASN_OCTET_STR, value.octets.data(),
                                  value.octets.size());
      } else {
        snmp_varlist_add_variable(&variables, name.data(), name.size(), TypeOf(value.syntax), &number, sizeof number);
      }
    }
    send_v2trap(variables);
    snmp_free_varbind(variables);
  }

  device::EventLoop& loop_;
  device::Device& device_;
  std::shared_ptr<Witness> witness_;  // also held by work that was posted and not done yet
  const std::string socket_;
  Oid root_;
  int wake_ = -1;
  std::atomic<bool> stop_{false}, enabled_{true};
  std::mutex mutex_;
  std::deque<Notification> waiting_;
  View view_;
  std::chrono::steady_clock::time_point taken_{};
  std::chrono::steady_clock::duration fresh_ = kFresh;
  std::thread thread_;
};

Oid Relative(const netsnmp_variable_list& variable) {
  const std::size_t skip = g_agent->root().size();
  if (variable.name_length <= skip) return {};
  return Oid(variable.name + skip, variable.name + variable.name_length);
}

void Put(netsnmp_variable_list& variable, const Value& value) {
  const long number = static_cast<long>(value.number);
  if (value.syntax == Syntax::kOctets) {
    snmp_set_var_typed_value(&variable, ASN_OCTET_STR, value.octets.data(), value.octets.size());
  } else {
    snmp_set_var_typed_value(&variable, TypeOf(value.syntax), &number, sizeof number);
  }
}

void Get(netsnmp_agent_request_info* info, netsnmp_request_info* request) {
  const View& view = g_agent->Fresh();
  const auto found = view.find(Relative(*request->requestvb));
  if (found == view.end()) {
    netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
  } else {
    Put(*request->requestvb, found->second);
  }
}

void GetNext(netsnmp_request_info* request) {
  const View& view = g_agent->Fresh();
  const Oid& root = g_agent->root();
  const netsnmp_variable_list& asked = *request->requestvb;
  const bool before = snmp_oid_compare(asked.name, asked.name_length, root.data(), root.size()) < 0;
  const auto next = before ? view.begin() : view.upper_bound(Relative(asked));
  if (next == view.end()) return;  // the master goes on behind this subtree
  Oid name = root;
  name.insert(name.end(), next->first.begin(), next->first.end());
  snmp_set_var_objid(request->requestvb, name.data(), name.size());
  Put(*request->requestvb, next->second);
}

int ErrorOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return SNMP_ERR_NOERROR;
    case Refusal::kNotWritable:
      return SNMP_ERR_NOTWRITABLE;
    case Refusal::kWrongType:
      return SNMP_ERR_WRONGTYPE;
    case Refusal::kWrongValue:
      return SNMP_ERR_WRONGVALUE;
    case Refusal::kInconsistentValue:
      return SNMP_ERR_INCONSISTENTVALUE;
    case Refusal::kNoCreation:
      return SNMP_ERR_NOCREATION;
    case Refusal::kCommitFailed:
      return SNMP_ERR_COMMITFAILED;
  }
  return SNMP_ERR_GENERR;
}

std::optional<Value> ValueOf(const netsnmp_variable_list& variable) {
  switch (variable.type) {
    case ASN_INTEGER:
      return Value{Syntax::kInteger, *variable.val.integer, {}};
    case ASN_UNSIGNED:
      return Value{Syntax::kUnsigned, *variable.val.integer, {}};
    case ASN_OCTET_STR:
      return Value{Syntax::kOctets, 0,
                   std::string(reinterpret_cast<const char*>(variable.val.string), variable.val_len)};
    default:
      return std::nullopt;
  }
}

// The whole request is one change, made in the first phase: what refuses it then is told, and nothing is left to undo.
void Set(netsnmp_agent_request_info* info, netsnmp_request_info* requests) {
  std::vector<Assignment> assignments;
  for (netsnmp_request_info* request = requests; request != nullptr; request = request->next) {
    std::optional<Value> value = ValueOf(*request->requestvb);
    if (!value) {
      netsnmp_set_request_error(info, request, SNMP_ERR_WRONGTYPE);
      return;
    }
    assignments.push_back({Relative(*request->requestvb), std::move(*value)});
  }
  const Refusal refusal = g_agent->Store(std::move(assignments));
  if (refusal != Refusal::kNone) netsnmp_set_request_error(info, requests, ErrorOf(refusal));
}

int Handle(netsnmp_mib_handler*, netsnmp_handler_registration*, netsnmp_agent_request_info* info,
           netsnmp_request_info* requests) {
  if (info->mode == MODE_SET_RESERVE1) Set(info, requests);
  for (netsnmp_request_info* request = requests; request != nullptr; request = request->next) {
    if (request->processed != 0) continue;
    if (info->mode == MODE_GET) Get(info, request);
    if (info->mode == MODE_GETNEXT) GetNext(request);
  }
  return SNMP_ERR_NOERROR;
}

}  // namespace

std::unique_ptr<Agent> Agent::Start(device::EventLoop& loop, device::Device& device, const std::string& master_socket) {
  return std::make_unique<AgentThread>(loop, device, master_socket);
}

}  // namespace sw::cli::snmp
