#include "cli/check.h"
#include "cli/option.h"
#include "cli/set.h"
#include "model/change_rule.h"
#include "model/field.h"
#include "model/identity.h"
#include "model/target.h"
#include "sink/name_form.h"

/*
 * The option table. A row begins with the option's name, its letter, the name of its value and its
 * help; then it says where the value goes, and how (set.h).
 */

#define SETS(field, how) .set = (how), .offset = offsetof(struct haul_config, field)
#define SWITCH(field) .arg = HAUL_OPTION_ARG_SWITCH, SETS(field, haul_option_set_bool)
#define INT(field, least, most, plural)                                                            \
    SETS(field, haul_option_set_int), .min = (least), .max = (most), .what = (plural)
#define SIZE(field) SETS(field, haul_option_set_size)
#define TEXT(field, checked) SETS(field, haul_option_set_text), .check = (checked)
#define LIST(field, checked) SETS(field, haul_option_add_text), .check = (checked), .many = true
#define WORD(field, list) SETS(field, haul_option_set_word), .words = (list)

/* A word that may be left out, and then is `choice`; the same with --no-NAME; a flag. */
#define OPTIONAL_WORD(field, list, choice)                                                         \
    .arg = HAUL_OPTION_ARG_OPTIONAL, WORD(field, list), .min = (choice)
#define SWITCH_OR_WORD(field, list, choice)                                                        \
    .arg = HAUL_OPTION_ARG_SWITCH, WORD(field, list), .min = (choice)
#define CHOICE(field, choice)                                                                      \
    .arg = HAUL_OPTION_ARG_NONE, SETS(field, haul_option_set_choice), .min = (choice)

#define SOURCE(kind, checked)                                                                      \
    .set = haul_option_add_source, .min = (kind), .check = (checked), .many = true

/* Of the result, and for every verb. */
#define RESULT(field, how)                                                                         \
    .set = (how), .offset = offsetof(struct haul_options_result, field), .only_typed = true,       \
    .for_report = true, .for_audit = true

enum { DAY_MS = 24 * 3600 * 1000 };

static const char *const method_words[] = {"get", "head", "auto", NULL};
static const char *const list_keys_words[] = {"safe", "all", "none", NULL};
static const char *const if_empty_words[] = {"auto", "fail", "warn", "ignore", NULL};
static const char *const sync_words[] = {"none", "batch", "each", NULL};
static const char *const hash_words[] = {"none", "md5", "sha1", "sha256", "sha512", NULL};
static const char *const resume_words[] = {"no", "yes", "force", NULL};
static const char *const skip_existing_words[] = {"no", "whole", "name", NULL};
static const char *const retry_failed_words[] = {"none", "all", "transient", NULL};
static const char *const tls_words[] = {"any", "1.2", "1.3", NULL};
static const char *const budget_empty_words[] = {"warn", "fail", "ok", NULL};
static const char *const lock_words[] = {"fail", "wait", NULL};
static const char *const order_words[] = {"auto", "input", "done", NULL};
static const char *const sandbox_words[] = {"auto", "off", "require", NULL};
static const char *const robots_words[] = {"ignore", "obey", NULL};
static const char *const progress_words[] = {"auto", "none", "plain", NULL};

static const struct haul_option table[] = {
    {"input", 'i', "FILE",
     "read URLs from FILE, one on a line (- is standard input); may be repeated", .title = "Input",
     SOURCE(HAUL_SOURCE_FILE, haul_check_name), .for_report = true},
    {"sitemap", 0, "URL|FILE",
     "read URLs from this sitemap, and from those that it names; may be repeated",
     SOURCE(HAUL_SOURCE_SITEMAP, haul_check_sitemap), .secret = HAUL_OPTION_SECRET_LOGIN},
    {"sitemap-from-robots", 0, "URL",
     "read the sitemaps that the robots.txt of this site names; may be repeated",
     SOURCE(HAUL_SOURCE_ROBOTS, haul_check_url), .secret = HAUL_OPTION_SECRET_LOGIN},
    {"sitemap-depth", 0, "N", "sitemaps inside each other, the first counted, 1 to 16",
     INT(sitemap_depth, 1, HAUL_SITEMAP_DEPTH_LIMIT, "sitemaps inside each other"), .shown = "3"},
    {"sitemap-max-count", 0, "N", "sitemaps read for one --sitemap, 1 to 1000000",
     INT(sitemap_max_count, 1, 1000000, "sitemaps"), .shown = "50001"},
    {"sitemap-max-size", 0, "SIZE",
     "give up on a sitemap larger than SIZE once unpacked; 0 is no limit", SIZE(sitemap_max_size),
     .shown = "50M"},
    {"sitemap-any-host", 0, NULL, "let a sitemap name URLs of other hosts than its own",
     SWITCH(sitemap_any_host)},
    {"dry-run", 0, NULL, "tell what would be fetched and from which hosts, and fetch nothing",
     SWITCH(dry_run)},
    {"url-column", 0, "COLUMN",
     "lists are CSV, TSV or JSON Lines; URLs are in that column (name, or number from 1) or field",
     TEXT(url_column, haul_check_name), .for_report = true},
    {"delimiter", 0, "CHAR",
     "what separates the cells of tables, such as ';' or tab; otherwise the first line tells",
     SETS(delimiter, haul_option_set_delimiter), .for_report = true},
    {"no-header", 0, NULL, "the tables have no header line: their first row is a URL's, too",
     CHOICE(table_head, HAUL_TABLE_HEAD_NO), .for_report = true},
    {"list-keys", 0, "WHICH",
     "which keys of a list are followed: safe (no further than the options allow), all, or none",
     WORD(list_keys, list_keys_words), .shown = "safe", .for_report = true},
    {"if-empty", 0, "WHAT",
     "whether an input without a URL is an error: auto (of sitemaps, if nothing was found at all), "
     "fail, warn (told only) or ignore",
     WORD(if_empty, if_empty_words), .shown = "auto", .for_report = true},
    {"unique", 0, NULL, "fetch a URL that comes again only once (about 40 bytes of memory a URL)",
     SWITCH(unique)},
    {"ignore-param", 0, "NAME|GLOB",
     "URLs that differ in this query parameter only are one, such as utm_*; may be repeated",
     LIST(ignore_params, haul_identity_check), .for_report = true, .for_audit = true},

    {"jobs", 'j', "N", "number of workers, 1 to 1024", .title = "Workers",
     INT(jobs, 1, 1024, "workers"), .shown = "8", .alias = {"threads", "max-concurrent-downloads"}},
    {"streams", 0, "N", "transfers at a time per worker, 1 to 256", INT(streams, 1, 256, "streams"),
     .shown = "1"},
    {"window", 0, "N", "URLs held in memory at a time, 1 to 1000000",
     INT(window, 1, 1000000, "URLs in the window"), .shown = "4096"},
    {"spill-max", 0, "SIZE",
     "keep at most SIZE of URLs on disk whose hosts must wait, to read on past them; 0 keeps none",
     SIZE(spill_max), .shown = "4G"},
    {"decode-memory", 0, "SIZE",
     "take at most SIZE of memory to decode bodies, all in all; 0 is no limit", SIZE(decode_memory),
     .shown = "1G"},
    {"grace", 0, "DURATION", "time for what is in flight to end after a first signal",
     SETS(grace_ms, haul_option_set_short_duration), .max = DAY_MS, .shown = "10s"},

    {"header", 'H', "FIELD", "send the header field \"Name: value\"; may be repeated",
     .title = "Requests", LIST(headers, haul_check_header), .secret = HAUL_OPTION_SECRET_FIELD,
     .host = HAUL_HOST_SAYS_HEADERS},
    {"user-agent", 'A', "NAME", "what haul calls itself", TEXT(user_agent, haul_check_line),
     .host = HAUL_HOST_SAYS_USER_AGENT, .shown = "haul/VERSION", .letter_alias = 'U'},
    {"user", 'u', "NAME:PASSWORD",
     "log in with HTTP Basic authentication; never sent on to another origin",
     TEXT(user, haul_check_user), .secret = HAUL_OPTION_SECRET, .host = HAUL_HOST_SAYS_USER},
    {"user-file", 0, "FILE",
     "the same, read from the first line of FILE, which others must not be able to read",
     SETS(user, haul_option_set_user_file), .host = HAUL_HOST_SAYS_USER},
    {"head", 'I', NULL, "ask for the headers only: --method head", .arg = HAUL_OPTION_ARG_SWITCH,
     SETS(method, haul_option_set_head)},
    {"method", 0, "METHOD",
     "how to learn the size: get, head, or auto (HEAD, a range of one byte, and GET where these do "
     "not tell)",
     WORD(method, method_words), .shown = "get"},
    {"compressed", 0, NULL, "accept compressed answers and decode them", SWITCH(compressed),
     .shown = "on"},
    {"netrc", 0, NULL, "log in as ~/.netrc says for the host; userinfo of a URL goes before it",
     .arg = HAUL_OPTION_ARG_SWITCH, SETS(netrc, haul_option_set_netrc),
     .alias = {"netrc-optional"}},
    {"netrc-file", 0, "FILE", "the same, as FILE says, which others must not be able to read",
     SETS(netrc, haul_option_set_netrc_file), .alias = {"netrc-path"}},
    {"cookie", 'b', "FILE",
     "send the cookies in FILE (Netscape's form) to the hosts that they are for; others must not "
     "be able to read it; may be repeated",
     SETS(cookie, haul_option_add_cookies), .many = true, .alias = {"load-cookies"}},
    {"cookies", 0, NULL,
     "send back the cookies that answers set, within one URL: to its redirects and retries",
     SWITCH(cookies), .shown = "on"},
    {"location", 'L', NULL, "follow redirects", SWITCH(follow), .shown = "on"},
    {"max-redirs", 0, "N", "redirects followed for one URL, 0 to 1000",
     INT(max_redirs, 0, 1000, "redirects"), .shown = "10"},
    {"allow-downgrade", 0, NULL, "follow redirects from https to http, too",
     SWITCH(allow_downgrade)},
    {"accept", 0, "STATUSES", "statuses that count as ok, such as 200-299,404 or 2xx",
     SETS(accept, haul_option_set_statuses), .shown = "200-299"},
    {"http1.1", 0, NULL, "speak HTTP/1.1 only", CHOICE(http_version, HAUL_HTTP_1_1)},
    {"http2", 0, NULL, "speak HTTP/2 where the server can", CHOICE(http_version, HAUL_HTTP_2)},
    {"http2-prior-knowledge", 0, NULL, "the same, and without TLS speak nothing but HTTP/2",
     CHOICE(http_version, HAUL_HTTP_2_PRIOR)},

    {"proxy", 'x', "URL", "go through this proxy; \"\" is none", .title = "Network",
     TEXT(proxy, haul_check_proxy), .none = "", .secret = HAUL_OPTION_SECRET},
    {"proxy-from-env", 0, NULL, "take proxies from http_proxy, https_proxy, all_proxy and no_proxy",
     SWITCH(proxy_from_env)},
    {"insecure", 'k', NULL, "do not verify TLS certificates", SWITCH(insecure)},
    {"cacert", 0, "FILE", "trust the certificates in FILE (PEM) and no others",
     SETS(ca_file, haul_option_set_readable)},
    {"cert", 'E', "FILE", "show the certificate in FILE (PEM) to servers that ask for one",
     SETS(cert, haul_option_set_cert), .none = "", .host = HAUL_HOST_SAYS_CERT},
    {"key", 0, "FILE", "its private key is in FILE (PEM) and not beside it",
     SETS(key, haul_option_set_readable), .none = "", .host = HAUL_HOST_SAYS_CERT},
    {"pass", 0, "PHRASE", "the passphrase of the private key", TEXT(key_pass, haul_check_line),
     .none = "", .secret = HAUL_OPTION_SECRET, .host = HAUL_HOST_SAYS_CERT},
    {"pass-file", 0, "FILE",
     "the same, read from the first line of FILE, which others must not be able to read",
     SETS(key_pass, haul_option_set_pass_file), .host = HAUL_HOST_SAYS_CERT},
    {"tls-min", 0, "VERSION",
     "the oldest TLS to speak: 1.2, 1.3, or any that the TLS library is set up for",
     WORD(tls_min, tls_words), .shown = "any"},
    {"tlsv1.2", 0, NULL, "speak TLS 1.2 or later: --tls-min 1.2", CHOICE(tls_min, HAUL_TLS_1_2)},
    {"tlsv1.3", 0, NULL, "speak TLS 1.3 or later: --tls-min 1.3", CHOICE(tls_min, HAUL_TLS_1_3)},
    {"interface", 0, "NAME",
     "connect from this interface (if!NAME), address, or address of a host (host!NAME)",
     TEXT(interface, haul_check_interface), .none = ""},
    {"resolve", 0, "HOST:PORT:ADDRESS", "use ADDRESS for that host and port; may be repeated",
     LIST(resolve, haul_check_resolve)},
    {"connect-to", 0, "HOST1:PORT1:HOST2:PORT2",
     "connect to HOST2 and PORT2 for HOST1 and PORT1; may be repeated",
     LIST(connect_to, haul_check_connect_to)},
    {"ipv4", '4', NULL, "use IPv4 only", CHOICE(ip_version, HAUL_IP_4)},
    {"ipv6", '6', NULL, "use IPv6 only", CHOICE(ip_version, HAUL_IP_6)},
    {"public-only", 0, NULL, "connect to addresses of the public Internet only",
     SWITCH(public_only)},
    {"allow-net", 0, "CIDR",
     "connect to addresses in CIDR only, such as 10.0.0.0/8,::1; may be repeated",
     SETS(allow_net, haul_option_add_nets), .many = true},
    {"deny-net", 0, "CIDR", "never connect to addresses in CIDR; may be repeated",
     SETS(deny_net, haul_option_add_nets), .many = true},

    {"connect-timeout", 0, "DURATION", "time to reach a server, TLS included", .title = "Limits",
     SETS(connect_timeout_ms, haul_option_set_short_duration), .min = 1, .max = DAY_MS,
     .host = HAUL_HOST_SAYS_CONNECT_TIMEOUT, .shown = "10s"},
    {"max-time", 'm', "DURATION", "time for one attempt, redirects included; 0 is no limit",
     SETS(max_time_ms, haul_option_set_duration), .max = 7 * DAY_MS,
     .host = HAUL_HOST_SAYS_MAX_TIME, .shown = "0"},
    {"limit-rate", 0, "SIZE", "receive no more than SIZE a second, in the whole run; 0 is no limit",
     SIZE(limit_rate), .host = HAUL_HOST_SAYS_LIMIT_RATE, .shown = "0"},
    {"speed-limit", 'Y', "SIZE",
     "give up on what is slower than SIZE a second for --speed-time; 0 never does",
     SIZE(speed_limit), .host = HAUL_HOST_SAYS_SPEED_LIMIT, .shown = "1"},
    {"speed-time", 'y', "DURATION", "how long a transfer may be slower than --speed-limit",
     SETS(speed_time_s, haul_option_set_seconds), .min = 1000, .max = DAY_MS,
     .host = HAUL_HOST_SAYS_SPEED_TIME, .shown = "30s"},
    {"max-filesize", 0, "SIZE", "give up on a body larger than SIZE once decoded; 0 is no limit",
     SIZE(max_filesize), .shown = "0"},

    {"per-host", 0, "N", "transfers at a time per origin, 0 to 1024; 0 is as many as there are",
     .title = "Politeness and retries", INT(per_host, 0, 1024, "transfers per origin"),
     .host = HAUL_HOST_SAYS_PER_HOST, .shown = "0", .alias = {"max-per-host", "parallel-max-host"}},
    {"rate", 0, "RATE", "start no more than RATE, such as 5/s, 100/m or 5/15s",
     SETS(interval_us, haul_option_set_rate)},
    {"rate-per-host", 0, "RATE", "the same for each origin", .set = haul_option_set_host_rate,
     .host = HAUL_HOST_SAYS_INTERVAL},
    {"delay", 0, "DURATION", "time between two starts at one origin", .set = haul_option_set_delay,
     .max = DAY_MS, .host = HAUL_HOST_SAYS_INTERVAL, .shown = "0"},
    {"host-fail-limit", 0, "N",
     "give an origin up after N failures in a row to reach it, or refusals; 0 never does",
     INT(host_fail_limit, 0, 1000000, "failures"), .shown = "10"},
    {"robots", 0, "HOW",
     "what a site's robots.txt means: ignore, or obey (it is asked for first, and Crawl-delay "
     "kept)",
     WORD(robots, robots_words), .shown = "ignore"},
    {"retry", 0, "N", "further attempts after one that failed but may succeed, 0 to 1000",
     INT(retry, 0, 1000, "retries"), .shown = "2"},
    {"retry-delay", 0, "DURATION", "time between two attempts; 0 begins with up to 1s and doubles",
     SETS(retry_delay_ms, haul_option_set_duration), .max = DAY_MS, .shown = "0"},
    {"retry-max-time", 0, "DURATION",
     "begin no attempt later than this after the first; 0 is no limit",
     SETS(retry_max_time_ms, haul_option_set_duration), .max = 7 * DAY_MS, .shown = "0"},
    {"retry-connrefused", 0, NULL, "retry if there was no connection", SWITCH(retry_connrefused)},
    {"retry-all-errors", 0, NULL, "retry whatever failed", SWITCH(retry_all_errors)},
    {"retry-on", 0, "STATUSES", "statuses to retry, such as 429,5xx,!501; * is 400-999",
     .set = haul_option_set_retry_on, .shown = "408,429,500,502-504,522,524,600-999"},

    {"halt", 0, "WHEN", "end the batch early: never, now,fail=N, soon,fail=N or soon,fail=N%",
     .title = "The whole batch", .set = haul_option_set_halt, .shown = "never"},
    {"max-duration", 0, "DURATION", "start nothing later than this; 0 is no limit",
     SETS(max_duration_ms, haul_option_set_duration), .max = 365 * (int64_t)DAY_MS, .shown = "0"},

    {"dir", 'd', "DIR", "save bodies below DIR", .title = "Saving", TEXT(dir, haul_check_name),
     .alias = {"output-dir"}, .letter_alias = 'P'},
    {"tar", 0, "FILE", "save bodies in the tar archive FILE instead (- is standard output)",
     TEXT(tar, haul_check_name)},
    {"warc", 0, "PREFIX", "archive requests and answers in PREFIX-00000.warc.gz and so on",
     TEXT(warc, haul_check_name)},
    {"warc-size", 0, "SIZE", "begin the next file of --warc after SIZE; 0 is no limit",
     SIZE(warc_size), .shown = "1G"},
    {"name", 0, "FORM",
     "how files are named: path, flat, or a text with {host}, {path}, {name}, {file}, {stem}, "
     "{ext}, {type-ext}, {n}, {line}, {sha256}, {date} and {col:NAME}",
     TEXT(name, haul_name_check), .shown = "path"},
    {"clobber", 0, NULL,
     "replace a file of the same name; otherwise NAME.1, NAME.2 and so on are taken",
     SWITCH(clobber), .shown = "on"},
    {"skip-existing", 0, "HOW",
     "do not fetch what is there and whole, as the journal or its size tells; or, with name, "
     "whatever has a file of its name",
     SWITCH_OR_WORD(skip_existing, skip_existing_words, HAUL_SKIP_EXISTING_WHOLE)},
    {"continue", 'C', NULL,
     "leave what was begun, and go on with it where the server can tell that it is the same",
     SWITCH(continues)},
    {"mtime", 0, NULL, "give files the time of Last-Modified", SWITCH(mtime), .shown = "on"},
    {"hash", 0, "HASH", "record a digest of every body: none, md5, sha1, sha256 or sha512",
     WORD(hash, hash_words), .shown = "none"},
    {"sums", 0, "FILE", "check what is saved against FILE, written by sha256sum",
     SETS(sums, haul_option_set_readable)},
    {"max-total", 0, "SIZE", "start nothing more when SIZE was received; 0 is no limit",
     SIZE(max_total), .shown = "0"},
    {"keep-free", 0, "SIZE", "leave SIZE of the file system free", SIZE(keep_free), .shown = "0"},

    {"journal", 0, "FILE", "write down what is done in FILE, as it is done", .title = "Journal",
     TEXT(journal, haul_check_name)},
    {"sync", 0, "WHEN",
     "make the journal safe against a crash of the machine: none, batch (every second) or each "
     "(every record, before it is shown)",
     WORD(sync, sync_words), .shown = "batch"},
    {"since", 0, "JOURNAL",
     "with --etags or --timestamping: ask only for what has changed since that run",
     TEXT(since, haul_check_name)},
    {"etags", 0, NULL, "ask by ETag; needs --since or --history", SWITCH(etags)},
    {"timestamping", 'N', NULL, "ask by Last-Modified; needs --since, --history or --dir",
     SWITCH(timestamping)},
    {"resume", 0, "HOW",
     "do not fetch again what the journal says is done; force goes on where it is damaged",
     OPTIONAL_WORD(resume, resume_words, HAUL_RESUME_YES)},
    {"retry-failed", 0, "WHICH",
     "with --resume: try again what has failed: all, or transient failures only",
     OPTIONAL_WORD(retry_failed, retry_failed_words, HAUL_RETRY_FAILED_ALL)},
    {"save-failed", 0, "FILE", "write what did not end well to FILE, as a list to be read again",
     TEXT(save_failed, haul_check_name), .for_report = true},

    {"history", 0, "FILE", "add this run to the database FILE, made on first use",
     .title = "History", TEXT(history, haul_check_name)},
    {"keep", 0, "N|DURATION",
     "remove from the history all but the newest N runs, or those begun longer ago than DURATION, "
     "such as 90d",
     .set = haul_option_set_keep},
    {"top", 0, "N", "haul diff: show the N largest changes, 0 to 1000000",
     INT(top, 0, 1000000, "changes"), .shown = "10", .for_audit = true},
    {"group-by", 0, "WHAT",
     "add up by host, type, path:N (the first N directories) or tag:NAME (what the list attached)",
     TEXT(group_by, haul_group_check), .for_report = true, .for_audit = true},
    {"change-min", 0, "SIZE|N%",
     "a size that differs by less is no change: bytes, a share of what it was, or both with a "
     "comma "
     "between",
     .set = haul_option_set_change_min, .for_audit = true},
    {"ignore-change", 0, "path:GLOB|type:GLOB",
     "another size or type of these pages is no change (host:GLOB, too); may be repeated",
     LIST(ignore_changes, haul_change_rule_check), .for_audit = true},
    {"lock", 0, "HOW", "what to do when another run has the history: fail, or wait for its end",
     WORD(lock, lock_words), .shown = "fail"},

    {"format", 0, "FORMAT",
     "form of the report: text, csv, tsv or jsonl; or of a summary: json, html, markdown, "
     "prometheus, junit or github",
     .title = "Report", WORD(format, haul_report_format_words), .shown = "text", .for_report = true,
     .for_audit = true},
    {"order", 0, "ORDER", "order of its rows: input, done (as they end) or auto",
     WORD(order, order_words), .shown = "auto", .for_report = true},
    {"fields", 0, "NAME,...",
     "the fields that csv, tsv and jsonl have, in this order; col:NAME is a column of the lists",
     TEXT(fields, haul_fields_choice_check), .none = "all", .for_report = true},
    {"output", 'o', "FILE", "write the report to FILE instead of standard output (-)",
     TEXT(output, haul_check_name), .none = "-", .for_report = true, .for_audit = true},
    {"report", 0, "FORMAT:FILE",
     "write one more report to FILE (- is standard output): text, csv, tsv, jsonl, json, html, "
     "markdown, prometheus, junit or github; may be repeated",
     LIST(reports, haul_check_report), .for_report = true},
    {"title", 0, "NAME",
     "what reports call the run; otherwise its host, or how many hosts there are",
     TEXT(title, haul_title_check), .none = "", .for_report = true, .for_audit = true},
    {"redact", 0, "PARAM",
     "hide the value of this query parameter, or what matches /REGEX/; may be repeated",
     LIST(redact, haul_check_redact), .for_report = true, .for_audit = true},
    {"progress", 0, "WHEN",
     "show progress: auto (on a terminal only), plain (as lines) or none; plain if WHEN is left "
     "out",
     OPTIONAL_WORD(progress, progress_words, HAUL_PROGRESS_PLAIN), .shown = "auto"},
    {"quiet", 'q', NULL, "only the report and errors", SWITCH(quiet), .for_report = true,
     .for_audit = true, .alias = {"silent"}, .letter_alias = 's'},
    {"quiet-unless", 0, "WHAT",
     "print nothing unless there is something to tell: change, fail, failing, budget or always, "
     "with commas between",
     .set = haul_option_set_quiet_unless},
    {"verbose", 'v', NULL, "say more on standard error", SWITCH(verbose)},
    {"chart", 0, NULL, "show how sizes are distributed, and the largest, as a chart",
     SWITCH(chart)},
    {"budget", 0, "EXPRESSION",
     "exit with 4 if this does not hold, such as total<50M, url<2M, path:/img/**<500k, growth<10%, "
     "failed=0 or p95<1M; may be repeated",
     SETS(budgets, haul_option_add_budget), .many = true},
    {"budget-empty", 0, "HOW",
     "what a budget is that matches no URL: fail (exceeded), warn (told) or ok (kept)",
     WORD(budget_empty, budget_empty_words), .shown = "warn"},
    {"exit-zero", 0, NULL, "exit with 0 whatever became of the URLs: instead of 1, 4 and 75",
     SWITCH(exit_zero)},

    {"config", 'K', "FILE", "read options from FILE; may be repeated", .title = "Other",
     RESULT(files, haul_option_add_text), .check = haul_check_name, .many = true},
    {"no-config", 0, NULL, "read no file that was named before, nor one that HAUL_CONFIG names",
     RESULT(no_config, haul_option_set_no_config), .arg = HAUL_OPTION_ARG_NONE},
    {"print-config", 0, NULL,
     "show what every option is set to, and by what, as a configuration file",
     RESULT(print_config, haul_option_set_bool), .arg = HAUL_OPTION_ARG_NONE},
    {"sandbox", 0, "WHEN",
     "let the kernel hold haul to the files that it needs: auto (where it can), off, or require "
     "(otherwise nothing is done)",
     WORD(sandbox, sandbox_words), .shown = "auto", .for_report = true, .for_audit = true},
    {"help", 'h', NULL, "show this text", RESULT(help, haul_option_set_bool),
     .arg = HAUL_OPTION_ARG_NONE},
    {"version", 'V', NULL, "show the versions of haul and its libraries",
     RESULT(version, haul_option_set_bool), .arg = HAUL_OPTION_ARG_NONE},
};

const struct haul_option *haul_options_row(size_t i)
{
    return i < sizeof table / sizeof *table ? &table[i] : NULL;
}
