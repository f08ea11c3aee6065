#include "cli/hint.h"

#include <string.h>

#include "cli/option.h"

/* ---- slips ---- */

/* Longer than any option; what is longer still is not worth guessing at. */
enum { NAME_MAX_LEN = 40, PREFIX_MIN = 3, LETTERS_PER_SLIP = 3 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t count_slips(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[3][NAME_MAX_LEN + 1], i, j, best;

    for (j = 0; j <= b_len; j++)
        row[0][j] = j;
    for (i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3], *before = row[(i - 1) % 3], *swapped = row[(i + 1) % 3];

        now[0] = i;
        for (j = 1; j <= b_len; j++) {
            best = smaller(before[j], now[j - 1]) + 1;
            best = smaller(best, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, swapped[j - 2] + 1);
            now[j] = best;
        }
    }
    return row[a_len % 3][b_len];
}

struct search {
    struct haul_span typed;
    const char *best;
    size_t slips; /* of the best so far; only fewer will do */
};

static void consider(struct search *search, const char *name)
{
    size_t slips, name_len = strlen(name);

    if (name_len > NAME_MAX_LEN)
        return;
    slips = count_slips(search->typed.at, search->typed.len, name, name_len);
    if (search->typed.len >= PREFIX_MIN && !strncmp(name, search->typed.at, search->typed.len))
        slips = 0;
    if (slips < search->slips) {
        search->slips = slips;
        search->best = name;
    }
}

const char *haul_hint_nearest(struct haul_span typed)
{
    struct search search = {.typed = typed, .slips = typed.len / LETTERS_PER_SLIP + 1};
    const struct haul_option *row;

    if (!typed.len || typed.len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++) {
        consider(&search, row->name);
        for (size_t j = 0; j < HAUL_OPTION_ALIASES_MAX && row->alias[j]; j++)
            consider(&search, row->alias[j]);
    }
    return search.best;
}

/* ---- options of other programs ---- */

/* Options for which the same is to be said stand in one row, with blanks between. */
static const struct foreign {
    const char *typed;
    const char *hint;
} table[] = {
    {"--timeout -T",
     "--max-time limits one attempt, --connect-timeout the way to a server, --speed-time a stall"},
    {"-t --tries --max-tries", "--retry N is the number of further attempts after the first"},
    {"--dns-timeout", "--connect-timeout counts the name's resolution, too"},
    {"--read-timeout", "--speed-time says how long a transfer may stall"},
    {"--wait", "--delay is the time between two starts at one host"},
    {"-w", "--format says what a row looks like; between two starts at one host lies --delay"},
    {"--waitretry --retry-wait", "--retry-delay is the time between two attempts"},
    {"-Z --parallel --parallel-max --parallel-immediate -P --max-procs",
     "haul always fetches in parallel; --jobs N says how many at a time"},
    {"--workers --concurrency", "--jobs N is the number of workers"},
    {"--max-connection-per-server", "--per-host N is how many at a time for one host"},
    {"--spider", "--head asks for the headers only"},
    {"--input-file", "a list is read with --input FILE"},
    {"--max-redirect", "--max-redirs N"},
    {"--no-check-certificate", "--insecure"},
    {"--check-certificate", "certificates are checked unless --insecure is given"},
    {"--ca-certificate", "--cacert FILE"},
    {"--certificate", "--cert FILE"},
    {"--private-key", "--key FILE"},
    {"--cert-type --key-type --certificate-type --private-key-type",
     "certificates and keys are PEM"},
    {"--min-tls-version --secure-protocol", "--tls-min VERSION"},
    {"--tlsv1 --tlsv1.0 --tlsv1.1 -1", "--tls-min knows 1.2 and 1.3"},
    {"--bind-address", "--interface NAME takes an address, too"},
    {"--http-user --http-passwd --http-password --password",
     "--user NAME:PASSWORD, or --user-file FILE"},
    {"--netrc -n", "--user-file FILE, also for single hosts in a configuration file"},
    {"--http-proxy --https-proxy --all-proxy", "--proxy URL"},
    {"--noproxy", "no_proxy counts with --proxy-from-env"},
    {"--conf-path", "--config FILE"},
    {"--disable", "no configuration file is read unless --config or HAUL_CONFIG names one"},
    {"--no-conf", "--no-config; but none is read unless --config or HAUL_CONFIG names one"},
    {"--write-out", "--format jsonl has all that is known about each URL"},
    {"--fail -f", "an answer that --accept does not name has failed, always"},
    {"--show-error -S", "errors are shown, always"},
    {"--no-verbose", "--quiet"},
    {"--no-progress-meter", "--progress=none"},
    {"--progress-bar", "--progress=plain"},
    {"--url", "a URL is an argument of its own"},
    {"--max-overall-download-limit", "--limit-rate SIZE"},
    {"--max-download-limit",
     "--limit-rate SIZE is for the whole run, and in a configuration file also for single hosts"},
    {"--lowest-speed-limit", "--speed-limit SIZE"},
    {"--quota", "--max-filesize limits one body, --halt and --max-duration the batch"},
    {"--data --form --request -X -F --post-data --method --upload-file",
     "haul only asks: GET, or HEAD with --head"},
    {"--cookie --load-cookies -b", "haul keeps no cookies; --header \"Cookie: ...\" sends one"},
    {"--cookie-jar", "haul keeps no cookies"},
    {"--recursive --mirror --level -r",
     "haul follows no links in pages: every URL comes from a list"},
    {"--http3", "this haul speaks HTTP/1.1 and HTTP/2"},
    {"--remote-name --remote-name-all",
     "haul writes one report, with -o FILE; it does not name files after URLs"},
    {"-O --output-document", "the report goes to a file with -o FILE"},
    {"--split", "a URL is fetched in one piece; --jobs N is the number of workers"},
};

const char *haul_hint_foreign(struct haul_span typed)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct haul_span name = {table[i].typed, 0};

        for (; *name.at; name.at += name.len + (name.at[name.len] == ' ')) {
            name.len = strcspn(name.at, " ");
            if (name.len == typed.len && !memcmp(name.at, typed.at, typed.len))
                return table[i].hint;
        }
    }
    return NULL;
}
