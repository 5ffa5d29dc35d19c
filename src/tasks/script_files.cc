#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tasks/script.h"

namespace insula::tasks {
namespace {

Error wrong(std::string message) { return {ErrorKind::invalid, "task-property-invalid", std::move(message), {}, {}}; }

// `name` below the folder with its parent folders made; a name that would leave it is refused, and so is a parent that is a symlink.
Result<std::filesystem::path> place_in(const std::filesystem::path& folder, std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  if (!storage::check_path(name)) return fail(wrong(fmt::format("The file name '{}' is not allowed: it must be a relative path inside the working directory, without '..'.", name.substr(0, 200))));
  std::filesystem::path at = folder;
  const std::vector<std::string> parts = split(name, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    at /= parts[i];
    std::error_code error;
    std::filesystem::create_directory(at, error);
    if (!std::filesystem::is_directory(std::filesystem::symlink_status(at, error))) return fail(wrong(fmt::format("The folder of the file '{}' cannot be made.", name)));
  }
  return at / parts.back();
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  const auto refused = [&] { return fail(ErrorKind::unavailable, "file-copy-failed", fmt::format("The file '{}' cannot be written: {}.", path.filename().string(), std::strerror(errno))); };
  if (file < 0) return refused();
  while (!content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const std::unexpected<Error> error = refused();
      ::close(file);
      return error;
    }
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  ::close(file);
  return {};
}

Result<void> write_input(JobContext& context, const std::filesystem::path& folder, std::string_view name, const Json& value) {
  const Result<std::filesystem::path> path = place_in(folder, name);
  if (!path) return fail(path.error());
  const std::string text = value.is_null() ? std::string() : to_text(value);
  const std::string_view uri = trim(text);
  if (uri.starts_with("nsfile:///")) return fail(wrong(fmt::format("The input file '{}' is a namespace file ('{}'): namespace files are not available yet.", name, uri)));
  if (!storage::is_uri(uri)) return write_file(*path, text);
  // In the folder of a session the file may be there from a task before.
  ::unlink(path->c_str());
  return context.files().copy_to(uri, *path);
}

Result<void> write_inputs(JobContext& context, const std::filesystem::path& folder, std::string_view property) {
  const Result<Json> files = context.json(property);
  if (!files) return fail(files.error());
  if (files->is_null()) return {};
  const JsonArray list = files->is_array() ? files->as_array() : JsonArray{*files};
  for (const Json& each : list) {
    if (each.is_object()) {
      for (const auto& [name, value] : each.as_object()) {
        if (const Result<void> written = write_input(context, folder, name, value); !written) return written;
      }
      continue;
    }
    const Result<std::string> path = storage::path_of(to_text(each));
    if (!path) return fail(wrong(fmt::format("The property `{}` must be a map of names to contents, or a list of such maps or of file URIs.", property)));
    if (const Result<void> written = write_input(context, folder, path->substr(path->rfind('/') + 1), each); !written) return written;
  }
  return {};
}

Result<std::vector<Glob>> globs_of(const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  for (const std::string& pattern : patterns) {
    Result<Glob> glob = Glob::compile(pattern);
    if (!glob) return fail(glob.error());
    globs.push_back(std::move(*glob));
  }
  return globs;
}

Result<std::vector<Glob>> output_globs(JobContext& context, std::string_view property) {
  const Result<std::vector<std::string>> patterns = context.text_list(property);
  if (!patterns) return fail(patterns.error());
  return globs_of(*patterns);
}

// Plain files below `root` by relative path, never through a symlink.
Result<std::vector<std::string>> files_below(const std::filesystem::path& root, const std::function<bool(const std::string&)>& wanted, std::size_t count_max) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(root, std::filesystem::directory_options::skip_permission_denied, error); !error && at != std::filesystem::end(at); at.increment(error)) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(at->symlink_status(ignored))) continue;
    std::string name = at->path().string().substr(root.string().size() + 1);
    if (!wanted(name)) continue;
    if (names.size() == count_max) return fail(wrong(fmt::format("More than {} output files.", count_max)));
    names.push_back(std::move(name));
  }
  if (error) return fail(ErrorKind::unavailable, "file-copy-failed", fmt::format("The output files cannot be read: {}.", error.message()));
  std::ranges::sort(names);
  return names;
}

Result<void> store_files(JobContext& context, const std::filesystem::path& root, const std::vector<std::string>& names, bool keep, JsonObject& uris) {
  for (const std::string& name : names) {
    std::filesystem::path local = root / name;
    // In a session the tasks after this one may still need the file, so a copy is stored.
    if (keep) {
      const std::filesystem::path copy = context.scratch() / hex_encode(random_bytes(8));
      std::error_code error;
      std::filesystem::copy_file(local, copy, error);
      if (error) return fail(ErrorKind::unavailable, "file-copy-failed", fmt::format("The output file '{}' cannot be stored: {}.", name, error.message()));
      local = copy;
    }
    Result<std::string> uri = context.files().put_file(name, local);
    if (!uri) return fail(uri.error());
    uris[name] = std::move(*uri);
  }
  return {};
}

}  // namespace

Result<ScriptFolders> prepare_files(JobContext& context) {
  ScriptFolders folders{.work = context.folder(), .output = {}};
  context.define("workingDir", Json(folders.work.string()));
  const Result<bool> has_output = context.boolean("outputDirectory", false);
  if (!has_output) return fail(has_output.error());
  if (*has_output) {
    folders.output = context.scratch() / "output";
    std::error_code error;
    std::filesystem::create_directory(folders.output, error);
    if (error) return fail(ErrorKind::unavailable, "task-folder-failed", fmt::format("The output directory cannot be made: {}.", error.message()));
    context.define("outputDir", Json(folders.output.string()));
  }
  const Result<std::vector<Glob>> globs = output_globs(context, "outputFiles");
  if (!globs) return fail(globs.error());
  JsonObject paths;
  for (const Glob& glob : *globs) {
    if (glob.literal().empty()) continue;
    const Result<std::filesystem::path> path = place_in(folders.work, glob.literal());
    if (!path) return fail(path.error());
    paths[glob.literal()] = path->string();
  }
  context.define("outputFiles", std::move(paths));
  if (const Result<void> written = write_inputs(context, folders.work, "inputFiles"); !written) return fail(written.error());
  return folders;
}

Result<void> write_files(JobContext& context, std::string_view property) { return write_inputs(context, context.folder(), property); }

Result<std::filesystem::path> place_of_file(JobContext& context, std::string_view name) { return place_in(context.folder(), name); }

Result<std::vector<std::string>> matching_files(JobContext& context, const std::vector<std::string>& patterns, std::size_t count_max) {
  const Result<std::vector<Glob>> globs = globs_of(patterns);
  if (!globs) return fail(globs.error());
  const auto wanted = [&](const std::string& name) { return !name.starts_with(kScriptNamePrefix) && std::ranges::any_of(*globs, [&](const Glob& glob) { return glob.matches(name); }); };
  return files_below(context.folder(), wanted, count_max);
}

Result<JsonObject> store_matching(JobContext& context, std::string_view property) {
  JsonObject uris;
  const Result<std::vector<std::string>> patterns = context.text_list(property);
  if (!patterns) return fail(patterns.error());
  if (patterns->empty()) return uris;
  const Result<std::vector<std::string>> names = matching_files(context, *patterns, context.limits().output_files_max);
  if (!names) return fail(names.error());
  if (const Result<void> stored = store_files(context, context.folder(), *names, true, uris); !stored) return fail(stored.error());
  return uris;
}

Result<JsonObject> collect_files(JobContext& context, const ScriptFolders& folders) {
  JsonObject uris;
  const Result<std::vector<Glob>> globs = output_globs(context, "outputFiles");
  if (!globs) return fail(globs.error());
  const std::size_t count_max = context.limits().output_files_max;
  const bool is_session = folders.work.parent_path() != context.scratch().parent_path();
  if (!globs->empty()) {
    const auto wanted = [&](const std::string& name) { return !name.starts_with(kScriptNamePrefix) && std::ranges::any_of(*globs, [&](const Glob& glob) { return glob.matches(name); }); };
    const Result<std::vector<std::string>> names = files_below(folders.work, wanted, count_max);
    if (!names) return fail(names.error());
    if (const Result<void> stored = store_files(context, folders.work, *names, is_session, uris); !stored) return fail(stored.error());
  }
  if (!folders.output.empty()) {
    const Result<std::vector<std::string>> names = files_below(folders.output, [](const std::string&) { return true; }, count_max);
    if (!names) return fail(names.error());
    if (const Result<void> stored = store_files(context, folders.output, *names, false, uris); !stored) return fail(stored.error());
  }
  return uris;
}

Result<std::string> with_local_files(JobContext& context, std::string_view text) {
  constexpr std::string_view scheme = "kestra:///";
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = std::min(text.find(scheme, at), text.size());
    result += text.substr(at, begin - at);
    at = begin;
    if (begin == text.size()) break;
    const auto belongs = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80 || std::string_view("-._~+#=/%:@").contains(c); };
    std::size_t end = begin + scheme.size();
    while (end < text.size() && belongs(text[end])) ++end;
    const std::string_view uri = text.substr(begin, end - begin);
    at = end;
    if (uri.size() == scheme.size()) {
      result += uri;
      continue;
    }
    // The extension stays: many programs go by it.
    const std::size_t dot = uri.find_last_of("./");
    const std::string extension = dot != std::string_view::npos && uri[dot] == '.' && uri.size() - dot <= 16 ? storage::safe_name(uri.substr(dot)) : "";
    const std::filesystem::path local = context.scratch() / (hex_encode(random_bytes(8)) + extension);
    if (const Result<void> copied = context.files().copy_to(uri, local); !copied) return fail(copied.error());
    result += local.string();
  }
  return result;
}

}  // namespace insula::tasks
