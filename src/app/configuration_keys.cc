#include "app/configuration.h"

namespace insula::app {

const std::vector<KeyInfo>& configuration_keys() {
  using Kind = KeyInfo::Kind;
  static const std::vector<KeyInfo> keys{
      {Kind::text, "insula.data", "data", "Folder of everything the server keeps: `system.db` and one folder per tenant. Relative to the working folder."},
      {Kind::text, "insula.server.host", "127.0.0.1", "Address to listen on. `0.0.0.0` listens on every interface: put a TLS proxy in front."},
      {Kind::integer, "insula.server.port", "8080", "Port to listen on; 0 takes a free one and prints it."},
      {Kind::integer, "insula.server.threads", "2", "Threads that read requests and write answers."},
      {Kind::bytes, "insula.server.body-bytes-max", "67108864", "Largest request body that is held in memory; a larger one is answered with 413."},
      {Kind::bytes, "insula.server.upload-bytes-max", "4294967296", "Largest multipart upload; its files go to disk as they arrive."},
      {Kind::integer, "insula.server.connections-max", "10000", "Open connections; more are answered with 503."},
      {Kind::duration, "insula.server.stop-grace", "PT4S", "How long a stopping server waits for requests in progress."},
      {Kind::text, "insula.admin.email", "", "E-mail address of the first administrator, made when there is none. Empty: asked for on a terminal, else `admin@insula.local`."},
      {Kind::secret, "insula.admin.password", "", "Password of the first administrator. Empty: asked for on a terminal, else generated and printed once."},
      {Kind::boolean, "insula.setup", "false", "Start without a first administrator when none is configured: whoever calls `POST /api/v1/setup` first becomes it. Reachable only by those who may."},
      {Kind::boolean, "insula.tenants.enabled", "true", "`false`: the default tenant is the only one, and the API of tenants answers 404."},
      {Kind::boolean, "insula.tenants.default-tenant", "true", "Serve addresses without a tenant for the default tenant. `false`: they answer 404, and no default tenant is made."},
      {Kind::text, "insula.tenants.fallback", "", "Tenant that serves addresses without a tenant in place of the default tenant. It must exist."},
      {Kind::duration, "insula.session.max-age", "PT24H", "How long a browser stays signed in."},
      {Kind::duration, "insula.session.reset-link-max-age", "PT1H", "How long a link for a new password can be used."},
      {Kind::text, "insula.tenants.default", "main", "Tenant that serves addresses without a tenant; created at the first start."},
      {Kind::integer, "insula.tenants.requests-max", "2000", "Requests of one tenant that are answered at once, streams included; more are answered with 429. 0: no limit."},
      {Kind::boolean, "insula.tenants.require-existing-namespace", "false", "In every tenant: flows may only be made in namespaces that somebody has made. A tenant may ask for it with `requireExistingNamespace`."},
      {Kind::duration, "insula.audit.retention", "", "Entries of the audit logs that are older are deleted, once a day; the chain goes on from there. Empty: they are kept."},
      {Kind::integer, "insula.engine.threads", "4", "Threads that run tenants' turns. They wait for the disk, so more than cores."},
      {Kind::integer, "insula.engine.readers", "2", "Threads that answer reads and searches."},
      {Kind::duration, "insula.engine.idle-unload", "PT30S", "A tenant with nothing to do leaves memory after this."},
      {Kind::integer, "insula.engine.loaded-tenants-max", "2000", "While more tenants are in memory, one with nothing to do leaves it after a second. Each takes about half a megabyte."},
      {Kind::integer, "insula.worker.threads", "8", "Tasks that run at once on this server."},
      {Kind::text, "insula.worker.lost-jobs", "resubmit", "What happens to a task that was running when the server died.", {"resubmit", "fail"}},
      {Kind::text, "insula.log.level", "info", "Least severe lines of the server's own log.", {"debug", "info", "warn", "error"}},
      {Kind::text, "insula.time-zone", "UTC", "IANA name of the zone that dates are shown in where nothing else is said."},
      {Kind::text, "kestra.url", "", "Public address of the server, base of links in answers. Empty: `http://localhost:<port>`."},
      {Kind::secret, "kestra.encryption.secret-key", "", "Base64 of 32 random bytes; needed by inputs and outputs of type SECRET."},
      {Kind::map, "kestra.variables.globals", "{}", "Map that expressions read as `globals`."},
      {Kind::text, "kestra.variables.env-vars-prefix", "ENV_", "Environment variables with this prefix are read as `envs.<name in lower case>`."},
      {Kind::boolean, "kestra.variables.recursive-rendering", "false", "Render the result of an expression again while it holds expressions (as before 0.14)."},
      {Kind::text, "kestra.environment.name", "", "Name of this environment (dev, prod), shown in the UI and read as `kestra.environment`."},
      {Kind::text, "kestra.environment.color", "", "Colour of its badge."},
      {Kind::text, "kestra.system-flows.namespace", "system", "Namespace of system flows."},
      {Kind::text, "kestra.plugins.schedule.recover-missed-schedules", "ALL", "Dates that passed while the server was down: all are run, only the last one, or none.", {"ALL", "LAST", "NONE"}},
      {Kind::text, "kestra.server.basic-auth.username", "", "Another name of `insula.admin.email`."},
      {Kind::secret, "kestra.server.basic-auth.password", "", "Another name of `insula.admin.password`."},
      {Kind::text, "kestra.server.basic-auth.realm", "", "Realm of the Basic scheme in 401 answers."},
      {Kind::integer, "kestra.security.basic-auth.password-min-length", "8", "Characters that a password has at least. Rules hold for new passwords."},
      {Kind::integer, "kestra.security.basic-auth.password-min-upper-case", "1", "Upper-case letters (A–Z) that it has at least."},
      {Kind::integer, "kestra.security.basic-auth.password-min-lower-case", "1", "Lower-case letters (a–z) that it has at least."},
      {Kind::integer, "kestra.security.basic-auth.password-min-digits", "1", "Digits that it has at least."},
      {Kind::boolean, "kestra.security.basic-auth.password-require-special", "false", "Whether it needs a special character."},
      {Kind::text, "kestra.security.basic-auth.password-allowed-special-characters", "!@#$%^&*", "The characters that count as special. Empty: anything but letters and digits."},
      {Kind::text, "kestra.security.basic-auth.password-regexp", "", "Regular expression (RE2) that the whole password must match, in place of the rules above."},
      {Kind::duration, "kestra.security.basic-auth.password-reset.cooldown", "PT5M", "Time between two letters with a link for a new password to one user."},
      {Kind::integer, "kestra.security.basic-auth.password-reset.rate-limit.max-requests", "10", "Such letters that one address may ask for within the window."},
      {Kind::duration, "kestra.security.basic-auth.password-reset.rate-limit.window", "PT1H", "That window."},
      {Kind::integer, "kestra.security.login.failed-attempts.threshold", "10", "Wrong passwords of one user within the monitoring window that lock the account; 0 never locks."},
      {Kind::duration, "kestra.security.login.failed-attempts.monitoring-window", "PT5M", "That window, from the first of them."},
      {Kind::duration, "kestra.security.login.failed-attempts.lock-duration", "PT30M", "How long an account stays locked. A new password unlocks it."},
      {Kind::text, "kestra.security.super-admin.username", "", "E-mail address of a super admin that is made, or made one again, at every start."},
      {Kind::secret, "kestra.security.super-admin.password", "", "Their password; another one than before ends their sessions."},
      {Kind::text_list, "kestra.security.super-admin.tenant-admin-access", "", "Tenants in which they get the role Admin. A super admin has no rights in a tenant otherwise."},
      {Kind::map, "kestra.security.default-role", "{}", "Role that everybody gets who gets access to a tenant: `name`, `description`, `permissions`, `tenant-id` (empty: the default tenant). Kept in step at every start."},
      {Kind::boolean, "kestra.ee.tenants.enabled", "true", "Another name of `insula.tenants.enabled`."},
      {Kind::boolean, "kestra.ee.tenants.default-tenant", "true", "Another name of `insula.tenants.default-tenant`."},
      {Kind::boolean, "kestra.ee.require-existing-namespace", "false", "Another name of `insula.tenants.require-existing-namespace`."},
      {Kind::text, "kestra.ee.tenants.fallback-tenant", "", "Another name of `insula.tenants.fallback`."},
      {Kind::duration, "micronaut.security.token.cookie.cookie-max-age", "PT24H", "Another name of `insula.session.max-age`."},
      {Kind::integer, "micronaut.server.port", "0", "Another name of `insula.server.port`."},
      {Kind::text, "micronaut.server.host", "", "Another name of `insula.server.host`."},
  };
  return keys;
}

std::string configuration_reference() {
  std::string page =
      "# Configuration\n\nOne YAML file (`insula server standalone --config insula.yml`), then environment variables over it, then options of the command line. "
      "A key's variable is its name in upper case with `.` and `-` as `_`: `insula.server.port` is `INSULA_SERVER_PORT`. "
      "`${NAME:default}` inside a value is replaced by an environment variable. An unknown key is an error that names the nearest known one.\n\n"
      "| key | default | meaning |\n|---|---|---|\n";
  for (const KeyInfo& key : configuration_keys()) {
    std::string meaning = key.doc;
    if (!key.values.empty()) meaning += fmt::format(" One of `{}`.", join(key.values, "`, `"));
    page += fmt::format("| `{}` | {} | {} |\n", key.name, key.default_value.empty() ? "" : "`" + key.default_value + "`", meaning);
  }
  return page;
}

}  // namespace insula::app
