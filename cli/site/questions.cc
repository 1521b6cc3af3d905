#include "cli/site/questions.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sw::cli {
namespace {

using Check = std::function<std::string(const std::string&)>;  // why an answer is none; empty: it is one

std::string NoLink(const std::string& text) {
  const bool fits = !text.empty() && text.size() < 16 && text.find_first_of(" /=") == std::string::npos;
  return fits ? "" : "the name of a link of this machine, as eth0";
}

std::string NoAddress(const std::string& text) {
  const auto prefix = Prefix::Parse(text);
  return prefix && !prefix->address.empty() && prefix->length > 0 && prefix->length < 32
             ? ""
             : "an address with the length of its mask, as 192.0.2.1/24";
}

std::string NoNetwork(const std::string& text) {
  const auto prefix = Prefix::Parse(text);
  return text == "none" || (prefix && prefix->length > 0) ? "" : "a network, as 10.1.0.0/24, or none";
}

std::string NoUser(const std::string& text) {
  const bool fits =
      !text.empty() && text.size() <= 32 &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == std::string::npos;
  return fits ? "" : "a name of letters and digits";
}

std::string NoInvitation(const std::string& text) {
  return Invitation::FromText(text).ok() ? "" : "the invitation of a server";
}

struct Questions {
  const Ask& ask;
  const Say& say;

  // `preset` is what an empty line means; empty: nothing. A secret is named in no error.
  Result<std::string> operator()(const std::string& given, const std::string& question, const std::string& preset,
                                 const Check& why_not, bool secret = false) const {
    if (!given.empty()) {
      const std::string why = why_not(given);
      if (!why.empty()) return {Code::kBadValue, (secret ? "***" : given) + ": not " + why};
      return given;
    }
    for (;;) {
      std::optional<std::string> typed =
          ask(preset.empty() ? question + ": " : fmt::format("{} [{}]: ", question, preset));
      if (!typed) return {Code::kBadValue, "the answers end before the questions"};
      if (typed->empty()) *typed = preset;
      const std::string why = why_not(*typed);
      if (why.empty()) return *typed;
      say("Please type " + why + ".\n");
    }
  }
};

Status Write(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return {Code::kDevice, path + ": " + std::string(strerror(errno))};
  const ssize_t written = ::write(fd, text.data(), text.size());
  const bool closed = ::close(fd) == 0;
  if (written == static_cast<ssize_t>(text.size()) && closed) return {};
  const Status failed(Code::kDevice, path + ": " + std::string(strerror(errno)));
  ::unlink(path.c_str());
  return failed;
}

Result<Site> AskSite(const SiteAnswers& answers, const Questions& ask) {
  const auto link = ask(answers.link, "Link of this machine toward the public network", "eth0", NoLink);
  if (!link.ok()) return link.status();
  const auto address = ask(answers.address, "This end's address on it, with the length of its mask", "", NoAddress);
  if (!address.ok()) return address.status();
  const auto network = ask(answers.network, "Network behind this end", "none", NoNetwork);
  if (!network.ok()) return network.status();
  return Site{*link, *Prefix::Parse(*address), Prefix::Parse(*network)};
}

Status Files(const std::string& folder, const Site& site, const std::string& lines, const Say& say) {
  const std::string ini = folder + "/site.ini";
  SW_TRY(Write(ini, IniLines(site)));
  if (const Status written = Write(folder + "/site.cfg", lines); !written.ok()) {
    ::unlink(ini.c_str());  // both or none, so that the next try finds its way free
    return written;
  }
  say(
      fmt::format("{0}/site.cfg and {0}/site.ini are written. They hold secrets. Here:\n"
                  "  sw8800d --config {0}/site.ini &\n  sw8800 --replay {0}/site.cfg && sw8800 -c save\n",
                  folder));
  return {};
}

Status Server(const SiteAnswers& answers, Random& random, const Questions& ask) {
  const Result<Site> site = AskSite(answers, ask);
  if (!site.ok()) return site.status();
  const auto tunnel = ask(answers.tunnel, "This end's address in the tunnels' network", "10.255.0.1/24", NoAddress);
  if (!tunnel.ok()) return tunnel.status();
  const auto branch = ask(answers.branch, "Name of the first client", "branch-1", NoUser);
  if (!branch.ok()) return branch.status();
  const ServerSite server{*site, *Prefix::Parse(*tunnel), *branch};
  const Result<Invitation> first = Invite(server, random);
  if (!first.ok()) return first.status();
  SW_TRY(Files(answers.folder, *site, ServerLines(server, *first), ask.say));
  ask.say(fmt::format("At {}:\n  sw8800 --init client --invitation {}\n", *branch, first->ToText()));
  return {};
}

Status Client(const SiteAnswers& answers, const Questions& ask) {
  const auto text = ask(answers.invitation, "Invitation that the server's --init wrote", "", NoInvitation, true);
  if (!text.ok()) return text.status();
  const Invitation invitation = *Invitation::FromText(*text);
  const Result<Site> site = AskSite(answers, ask);
  if (!site.ok()) return site.status();
  SW_TRY(Files(answers.folder, *site, ClientLines(*site, invitation), ask.say));
  const std::string there = LinesForServer(*site, invitation);
  if (!there.empty()) ask.say("At the server, in system view:\n  " + there);
  return {};
}

}  // namespace

Status MakeSite(const SiteAnswers& answers, Random& random, const Ask& ask, const Say& say) {
  const Questions questions{ask, say};
  const auto role = questions(answers.role, "server or client", "", [](const std::string& text) -> std::string {
    return text == "server" || text == "client" ? "" : "server or client";
  });
  if (!role.ok()) return role.status();
  return *role == "server" ? Server(answers, random, questions) : Client(answers, questions);
}

}  // namespace sw::cli
