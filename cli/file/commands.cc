// Files of flash:. Names of the commands: later devices of the maker; options, questions and answers are recollection.
#include <fmt/format.h>

#include <algorithm>

#include "cli/clock/displays.h"
#include "cli/configuration/startup.h"
#include "cli/replay/script.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/file/flash.h"

namespace sw::cli {
namespace {

using device::Flash;
using device::FlashEntry;
using device::FlashPath;
using device::ToString;

struct Place {
  Flash* flash;
  FlashPath path;
};
Result<Place> PlaceOf(Operator& session, std::string_view typed) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  Result<FlashPath> path = Flash::Resolve(session.seat().directory(), typed);
  if (!path.ok()) return path.status();
  return Place{*flash, std::move(*path)};
}

// Asks first, unless `file prompt quiet` says not to.
Status Confirm(Operator& session, std::string question, std::function<Status()> then) {
  const Result<std::optional<configdb::Row>> row = session.store().Find("file_global", {std::int64_t{1}});
  if (row.ok() && *row && (*row)->Text("file_prompt") == "quiet") return then();
  return session.Ask(std::move(question), "y",
                     [then = std::move(then)](std::string_view answer) { return Yes(answer) ? then() : Status(); });
}

Status PrintDirectory(Operator& session, const Match&) {
  session.Print(ToString(session.seat().directory()) + "\n");
  return {};
}

Status ChangeDirectory(Operator& session, const Match& match) {
  const Result<Place> place = PlaceOf(session, match.Text("directory"));
  if (!place.ok()) return place.status();
  const Result<FlashEntry> entry = place->flash->Find(place->path);
  if (!entry.ok()) return entry.status();
  if (!entry->directory) return {Code::kBadValue, ToString(place->path) + " is not a directory"};
  session.seat().directory() = place->path;
  return {};
}

std::string EntryText(Operator& session, std::size_t number, const FlashEntry& entry) {
  const std::string name = entry.deleted ? fmt::format("[{}]", entry.name) : entry.name;
  const std::int64_t shift = session.device().local_time() - session.device().wall_clock();
  return fmt::format("{:4}   {}rw-  {:>10}  {}   {}\n", number, entry.directory ? 'd' : '-',
                     entry.directory ? "-" : std::to_string(entry.size), DateTimeText(entry.modified + shift), name);
}

Status Directory(Operator& session, const Match& match) {
  const Result<Place> place = PlaceOf(session, match.Text("path"));
  if (!place.ok()) return place.status();
  const Result<FlashEntry> what = place->flash->Find(place->path);
  if (!what.ok()) return what.status();
  FlashPath directory = place->path;
  if (!what->directory) directory.pop_back();
  std::string out = fmt::format("Directory of {}\n\n", ToString(directory));
  if (what->directory) {
    const Result<std::vector<FlashEntry>> entries = place->flash->List(directory, match.Has("/all"));
    if (!entries.ok()) return entries.status();
    for (std::size_t i = 0; i < entries->size(); ++i) out += EntryText(session, i, (*entries)[i]);
    if (entries->empty()) out += "The directory is empty\n";
  } else {
    FlashEntry named = *what;
    named.name = place->path.back();
    out += EntryText(session, 0, named);
  }
  const Result<device::FlashSpace> space = place->flash->Space();
  if (!space.ok()) return space.status();
  session.Print(out + fmt::format("\n{} KB total ({} KB free)\n", space->total / 1024, space->free / 1024));
  return {};
}

Status More(Operator& session, const Match& match) {
  const Result<Place> place = PlaceOf(session, match.Text("file"));
  if (!place.ok()) return place.status();
  Result<std::string> text = place->flash->Read(place->path);
  if (!text.ok()) return text.status();
  // Whatever the file holds, the terminal is shown text.
  std::ranges::replace_if(
      *text, [](unsigned char c) { return (c < 0x20 && c != '\n') || c >= 0x7f; }, '.');
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  session.Print(*text);
  return {};
}

// A command with a source and a target.
struct Transfer {
  std::string_view verb, done;
  Status (Flash::*run)(const FlashPath& from, const FlashPath& to);
};
constexpr Transfer kCopy = {"Copy", "Copied", &Flash::Copy}, kMove = {"Move", "Moved", &Flash::Move},
                   kRename = {"Rename", "Renamed", &Flash::Move};

Status Run(Operator& session, const Match& match, const Transfer& transfer) {
  const Result<Place> from = PlaceOf(session, match.Text("source"));
  if (!from.ok()) return from.status();
  Result<Place> to = PlaceOf(session, match.Text("target"));
  if (!to.ok()) return to.status();
  const Result<FlashEntry> source = from->flash->Find(from->path);
  if (!source.ok()) return source.status();
  if (const Result<FlashEntry> there = to->flash->Find(to->path); there.ok() && there->directory && !from->path.empty())
    to->path.push_back(from->path.back());  // into the directory
  return Confirm(
      session, fmt::format("{} {} to {}?[Y/N]:", transfer.verb, ToString(from->path), ToString(to->path)),
      [&session, transfer, from = *from, to = *to]() -> Status {
        const bool replaces = transfer.run == &Flash::Copy && to.flash->Find(to.path).ok();
        auto run = [&session, transfer, from, to]() -> Status {
          SW_TRY((from.flash->*transfer.run)(from.path, to.path));
          session.Print(fmt::format("%{} file {} to {}.\n", transfer.done, ToString(from.path), ToString(to.path)));
          return {};
        };
        if (!replaces) return run();
        return Confirm(session, fmt::format("The file {} exists. Overwrite it?[Y/N]:", ToString(to.path)), run);
      });
}
Status Copy(Operator& session, const Match& match) {
  return Run(session, match, kCopy);
}
Status Move(Operator& session, const Match& match) {
  return Run(session, match, kMove);
}
Status Rename(Operator& session, const Match& match) {
  return Run(session, match, kRename);
}

// A command with one path: what it asks, does and says.
struct Action {
  std::string_view question, done;  // {} is the path; no question: it is done at once
  Status (Flash::*run)(const FlashPath& path);
};

Status Run(Operator& session, std::string_view typed, const Action& action) {
  const Result<Place> place = PlaceOf(session, typed);
  if (!place.ok()) return place.status();
  const std::string name = ToString(place->path);
  auto run = [&session, action, place = *place, name]() -> Status {
    SW_TRY((place.flash->*action.run)(place.path));
    session.Print(fmt::format(fmt::runtime(action.done), name));
    return {};
  };
  if (action.question.empty()) return run();
  return Confirm(session, fmt::format(fmt::runtime(action.question), name), run);
}

Status Delete(Operator& session, const Match& match) {
  constexpr Action kToBin = {"Delete {}?[Y/N]:", "%Deleted file {}.\n", &Flash::Delete};
  constexpr Action kForGood = {"The contents cannot be restored! Delete {}?[Y/N]:", "%Deleted file {}.\n",
                               &Flash::Erase};
  return Run(session, match.Text("file"), match.Has("/unreserved") ? kForGood : kToBin);
}

Status Undelete(Operator& session, const Match& match) {
  return Run(session, match.Text("file"), {"Undelete {}?[Y/N]:", "%Undeleted file {}.\n", &Flash::Undelete});
}

Status MakeDirectory(Operator& session, const Match& match) {
  return Run(session, match.Text("directory"), {"", "%Created dir {}.\n", &Flash::MakeDirectory});
}

Status RemoveDirectory(Operator& session, const Match& match) {
  const Result<Place> place = PlaceOf(session, match.Text("directory"));
  if (!place.ok()) return place.status();
  if (place->path == session.seat().directory()) return {Code::kInUse, "The current directory cannot be removed"};
  return Run(session, match.Text("directory"),
             {"Rmdir {}?[Y/N]:", "%Removed directory {}.\n", &Flash::RemoveDirectory});
}

Status EmptyBin(Operator& session, const Match&) {
  const Result<Place> place = PlaceOf(session, "/");
  if (!place.ok()) return place.status();
  const Result<std::vector<FlashPath>> bin = place->flash->Bin();
  if (!bin.ok()) return bin.status();
  if (bin->empty()) return {Code::kNotFound, "The recycle bin is empty"};
  return Confirm(session, fmt::format("Erase {} deleted file(s) for good?[Y/N]:", bin->size()),
                 [&session, flash = place->flash, bin = *bin]() -> Status {
                   for (const FlashPath& path : bin) {
                     SW_TRY(flash->EraseDeleted(path));
                     session.Print(fmt::format("%Cleared file {}.\n", ToString(path)));
                   }
                   return {};
                 });
}

Status Format(Operator& session, const Match&) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  return session.Ask("All data on flash: will be lost, proceed with format? [Y/N]:", "y",
                     [&session, flash = *flash](std::string_view answer) -> Status {
                       if (!Yes(answer)) return {};
                       SW_TRY(flash->Format());
                       session.seat().directory().clear();
                       session.Print("%Format flash: completed.\n");
                       return {};
                     });
}

Status FixDisk(Operator& session, const Match&) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  const Result<std::size_t> removed = (*flash)->Repair();
  if (!removed.ok()) return removed.status();
  session.Print(fmt::format("%Fixdisk flash: completed, {} unfinished file(s) removed.\n", *removed));
  return {};
}

Status Execute(Operator& session, const Match& match) {
  const Result<Place> place = PlaceOf(session, match.Text("file"));
  if (!place.ok()) return place.status();
  const Result<std::string> text = place->flash->Read(place->path);
  if (!text.ok()) return text.status();
  return RunScript(session, ToString(place->path), *text);
}

constexpr Views kUser = In(View::kUser);

constexpr Command kCommands[] = {
    {.views = kUser,
     .level = kManage,
     .form = "pwd",
     .help = "Display current working directory",
     .run = PrintDirectory},
    {.views = kUser,
     .level = kManage,
     .form = "cd <directory:string:1-160>",
     .help = "Change current directory|Directory",
     .run = ChangeDirectory},
    {.views = kUser,
     .level = kManage,
     .form = "dir [ /all ] [ <path:string:1-160> ]",
     .help = "List files on a file system|Deleted files, too|Directory or file",
     .run = Directory},
    {.views = kUser,
     .level = kManage,
     .form = "more <file:string:1-160>",
     .help = "Display the contents of a file|File",
     .run = More},
    {.views = kUser,
     .level = kManage,
     .form = "copy <source:string:1-160> <target:string:1-160>",
     .help = "Copy from one file to another|File|File or directory",
     .run = Copy},
    {.views = kUser,
     .level = kManage,
     .form = "move <source:string:1-160> <target:string:1-160>",
     .help = "Move the file|File|File or directory",
     .run = Move},
    {.views = kUser,
     .level = kManage,
     .form = "rename <source:string:1-160> <target:string:1-160>",
     .help = "Rename a file or directory|File or directory|New name",
     .run = Rename},
    {.views = kUser,
     .level = kManage,
     .form = "delete [ /unreserved ] <file:string:1-160>",
     .help = "Delete a file|For good, not into the recycle bin|File",
     .run = Delete},
    {.views = kUser,
     .level = kManage,
     .form = "undelete <file:string:1-160>",
     .help = "Recover a deleted file|File",
     .run = Undelete},
    {.views = kUser,
     .level = kManage,
     .form = "reset recycle-bin",
     .help = "Reset operation|Erase deleted files for good",
     .run = EmptyBin},
    {.views = kUser,
     .level = kManage,
     .form = "mkdir <directory:string:1-160>",
     .help = "Create a new directory|Directory",
     .run = MakeDirectory},
    {.views = kUser,
     .level = kManage,
     .form = "rmdir <directory:string:1-160>",
     .help = "Remove an existing directory|Directory",
     .run = RemoveDirectory},
    {.views = kUser, .level = kManage, .form = "format flash:", .help = "Format the device|All of it", .run = Format},
    {.views = kUser,
     .level = kManage,
     .form = "fixdisk flash:",
     .help = "Free what interrupted writing has left|All of it",
     .run = FixDisk},
    {.views = kUser,
     .level = kManage,
     .form = "execute <file:string:1-160>",
     .help = "Run the lines of a file|File",
     .run = Execute},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "file prompt { alert=file_prompt:NULL | quiet=file_prompt }",
     .help = "File system|Questions before files change|They are asked, the default|They are not",
     .undo = "file prompt",
     .stores = Stores::kColumns,
     .table = "file_global"},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "ftp server enable=ftp_server:1",
     .help = "FTP|FTP server|Serve files, which this device does not do",
     .undo = "ftp server [ enable ]",
     .stores = Stores::kColumns,
     .table = "file_global",
     .acts = false},
};

}  // namespace

std::span<const Command> FileCommands() {
  return kCommands;
}

}  // namespace sw::cli
