#include "cli/foreign.h"

#include <string.h>

static const char no_body[] = "haul only asks: GET, or HEAD with --head";
static const char no_crawl[] = "haul follows no links in pages: every URL comes from a list";
static const char time_limits[] =
    "--max-time limits one attempt, --connect-timeout the way to a server, --speed-time a stall";
static const char retries[] = "--retry N is the number of further attempts after the first";
static const char no_bandwidth[] = "haul does not limit bandwidth; --rate limits how many start";
static const char parallel[] = "haul always fetches in parallel; --jobs N says how many at a time";

/* Options that mean the same thing under one name in several programs stand once. */
static const struct foreign {
    const char *typed;
    const char *hint;
} table[] = {
    {"--timeout", time_limits},
    {"-T", time_limits},
    {"-t", retries},
    {"--tries", retries},
    {"--max-tries", retries},
    {"--dns-timeout", "--connect-timeout counts the name's resolution, too"},
    {"--read-timeout", "--speed-time says how long a transfer may stall"},
    {"--wait", "--delay is the time between two starts at one host"},
    {"-w", "--format says what a row looks like; between two starts at one host lies --delay"},
    {"--waitretry", "--retry-delay is the time between two attempts"},
    {"--retry-wait", "--retry-delay is the time between two attempts"},
    {"-Z", parallel},
    {"--parallel", parallel},
    {"--parallel-max", parallel},
    {"--parallel-immediate", parallel},
    {"-P", parallel},
    {"--max-procs", parallel},
    {"--workers", "--jobs N is the number of workers"},
    {"--concurrency", "--jobs N is the number of workers"},
    {"--max-connection-per-server", "--per-host N is how many at a time for one host"},
    {"--spider", "--head asks for the headers only"},
    {"--input-file", "a list is read with --input FILE"},
    {"--max-redirect", "--max-redirs N"},
    {"--no-check-certificate", "--insecure"},
    {"--check-certificate", "certificates are checked unless --insecure is given"},
    {"--ca-certificate", "--cacert FILE"},
    {"--http-user", "--user NAME:PASSWORD, or --user-file FILE"},
    {"--http-passwd", "--user NAME:PASSWORD, or --user-file FILE"},
    {"--http-password", "--user NAME:PASSWORD, or --user-file FILE"},
    {"--password", "--user NAME:PASSWORD, or --user-file FILE"},
    {"--netrc", "--user-file FILE, also for single hosts in a configuration file"},
    {"-n", "--user-file FILE, also for single hosts in a configuration file"},
    {"--http-proxy", "--proxy URL"},
    {"--https-proxy", "--proxy URL"},
    {"--all-proxy", "--proxy URL"},
    {"--noproxy", "no_proxy counts with --proxy-from-env"},
    {"--conf-path", "--config FILE"},
    {"--disable", "no configuration file is read unless --config or HAUL_CONFIG names one"},
    {"--no-conf", "--no-config; but none is read unless --config or HAUL_CONFIG names one"},
    {"--write-out", "--format jsonl has all that is known about each URL"},
    {"--fail", "an answer that --accept does not name has failed, always"},
    {"-f", "an answer that --accept does not name has failed, always"},
    {"--show-error", "errors are shown, always"},
    {"-S", "errors are shown, always"},
    {"--no-verbose", "--quiet"},
    {"--no-progress-meter", "--progress=none"},
    {"--progress-bar", "--progress=plain"},
    {"--url", "a URL is an argument of its own"},
    {"--limit-rate", no_bandwidth},
    {"--max-download-limit", no_bandwidth},
    {"--max-overall-download-limit", no_bandwidth},
    {"--lowest-speed-limit", "--speed-limit SIZE"},
    {"--quota", "--max-filesize limits one body, --halt and --max-duration the batch"},
    {"--data", no_body},
    {"--form", no_body},
    {"--request", no_body},
    {"-X", no_body},
    {"-F", no_body},
    {"--post-data", no_body},
    {"--method", no_body},
    {"--upload-file", no_body},
    {"--cookie", "haul keeps no cookies; --header \"Cookie: ...\" sends one"},
    {"--cookie-jar", "haul keeps no cookies"},
    {"--load-cookies", "haul keeps no cookies; --header \"Cookie: ...\" sends one"},
    {"-b", "haul keeps no cookies; --header \"Cookie: ...\" sends one"},
    {"--recursive", no_crawl},
    {"--mirror", no_crawl},
    {"--level", no_crawl},
    {"-r", no_crawl},
    {"--http3", "this haul speaks HTTP/1.1 and HTTP/2"},
    {"--remote-name", "haul writes one report, with -o FILE; it does not name files after URLs"},
    {"--remote-name-all",
     "haul writes one report, with -o FILE; it does not name files after URLs"},
    {"-O", "the report goes to a file with -o FILE"},
    {"--output-document", "the report goes to a file with -o FILE"},
    {"--split", "a URL is fetched in one piece; --jobs N is the number of workers"},
};

const char *haul_foreign_hint(const char *typed, size_t len)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].typed) == len && !memcmp(table[i].typed, typed, len))
            return table[i].hint;
    return NULL;
}
