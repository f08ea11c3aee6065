#include "cli/foreign.h"

#include <string.h>

/* ---- options that haul has not ---- */

/* In the order of the manual's sections. A hint names options that there are: a test looks. */
static const struct haul_foreign table[] = {
    /* what is fetched */
    {"--input-file --arg-file -B --base --force-html", "a list is read with --input FILE"},
    {"--url --parameterized-uri -g --globoff",
     "a URL is an argument of its own, and is taken as it is; lists are read with --input FILE"},
    {"--next -: --variable --url-query",
     "what holds for one URL stands in its list (--input FILE)"},
    {"--recursive --mirror --level --page-requisites -p --span-hosts --domains --no-parent -np "
     "--parent --accept-regex --reject-regex --reject --exclude-directories",
     "haul follows no links in pages; --input FILE and --sitemap URL name what is fetched"},
    {"-r",
     "haul follows no links in pages (wget), and fetches whole bodies (curl): --input FILE names "
     "what is fetched"},
    {"--follow-sitemaps", "a sitemap is read with --sitemap or --sitemap-from-robots"},
    {"--metalink --follow-metalink -M --torrent-file --follow-torrent --seed-time --enable-dht",
     "haul speaks HTTP; mirrors stand behind a URL in the list of --input FILE"},
    {"--deferred-input", "haul never holds a list as a whole; --window N is what it holds"},
    {"--spider", "--head asks for the headers only"},
    {"--keep-order", "--order input"},
    {"--no-run-if-empty", "an empty list fetches nothing; --if-empty ignore says not even so"},

    /* how many at a time */
    {"-Z --parallel --parallel-max --parallel-immediate --max-procs",
     "haul always fetches in parallel; --jobs N says how many at a time"},
    {"--workers --concurrency --max-concurrency --max-threads --transfers --checkers",
     "--jobs N is the number of workers"},
    {"--max-connection-per-server", "--per-host N is how many at a time for one host"},
    {"--split --min-split-size --piece-length --chunk-size --uri-selector --stream-piece-selector",
     "a URL is fetched in one piece; --jobs N is the number of workers"},
    {"--force-sequential", "--jobs 1 fetches one after the other"},

    /* requests */
    {"--data --data-binary --data-raw --data-urlencode --json --form -F --request -X --post-data "
     "--post-file --body-data --body-file --upload-file --get -G",
     "haul only asks: GET, or HEAD with --head"},
    {"--referer -e", "--header \"Referer: URL\""},
    {"--range --start-pos", "haul fetches whole bodies; --continue goes on with what was begun, "
                            "and --method auto asks for "
                            "a length only"},
    {"--cookie-jar --save-cookies --keep-session-cookies --junk-session-cookies",
     "haul writes no cookies; --cookie FILE sends those of a file"},
    {"-c", "--continue goes on with what was begun (wget, aria2); haul writes no cookies (curl)"},
    {"--http-user --http-passwd --http-password --password --basic",
     "--user NAME:PASSWORD, or --user-file FILE"},
    {"-n", "--netrc logs in as ~/.netrc says"},
    {"--digest --ntlm --negotiate --anyauth --oauth2-bearer --aws-sigv4 --auth-no-challenge",
     "--user logs in with Basic; --header \"Authorization: ...\" sends any other"},
    {"--ask-password --use-askpass", "haul never asks; --user-file FILE has name and password"},
    {"--location-trusted",
     "--location follows redirects; what is secret never goes to another origin"},
    {"--post301 --post302 --post303", "--location follows redirects; haul posts nothing"},
    {"--max-redirect", "--max-redirs N"},
    {"--compression --http-accept-gzip --tr-encoding", "--compressed, which is the default"},
    {"--no-cache --http-no-cache", "--header \"Cache-Control: no-cache\""},
    {"--http3 --http3-only --http1.0 -0 --http0.9", "haul speaks --http1.1 and --http2"},
    {"--no-http-keep-alive --no-keepalive --keepalive-time --enable-http-keep-alive "
     "--enable-http-pipelining",
     "--header \"Connection: close\" keeps none; connections are kept otherwise"},
    {"--time-cond -z --conditional-get",
     "--timestamping asks by time, --etags by ETag; --since or --history say since when"},
    {"--etag-save --etag-compare", "--etags, with --history FILE or --since JOURNAL"},
    {"-D --dump-header --include --server-response --save-headers -J --remote-header-name "
     "--content-disposition --trust-server-names",
     "no header field becomes a file or its name; --format jsonl has what is known, and --name "
     "says "
     "how files are called"},

    /* the network */
    {"--no-check-certificate", "--insecure"},
    {"--check-certificate", "certificates are checked unless --insecure is given"},
    {"--ca-certificate --capath --ca-directory --crlfile --pinnedpubkey", "--cacert FILE"},
    {"--certificate", "--cert FILE"},
    {"--private-key", "--key FILE"},
    {"--cert-type --key-type --certificate-type --private-key-type",
     "certificates and keys are PEM: --cert FILE, --key FILE"},
    {"--min-tls-version --secure-protocol --sslv2 --sslv3 --ssl --ssl-reqd", "--tls-min VERSION"},
    {"--tlsv1 --tlsv1.0 --tlsv1.1 -1", "--tls-min knows 1.2 and 1.3"},
    {"--https-only --proto --proto-redir --hsts --proto-default",
     "only http and https are spoken, and from https to http only with --allow-downgrade"},
    {"--bind-address --local-port", "--interface NAME takes an address, too"},
    {"--inet4-only --disable-ipv6", "--ipv4"},
    {"--inet6-only", "--ipv6"},
    {"--prefer-family", "--ipv4 or --ipv6 use one of the two alone"},
    {"--dns-servers --doh-url --async-dns --dns-cache --dns-interface",
     "haul asks the system's resolver; --resolve HOST:PORT:ADDRESS goes before it"},
    {"--http-proxy --https-proxy --all-proxy --socks5 --socks5-hostname --socks4 --socks4a "
     "--preproxy --proxy1.0",
     "--proxy URL, with the scheme of the proxy"},
    {"--proxy-user --proxy-password --proxy-header", "--proxy http://NAME:PASSWORD@HOST:PORT"},
    {"--noproxy", "no_proxy counts with --proxy-from-env"},
    {"--unix-socket --abstract-unix-socket", "--connect-to HOST1:PORT1:HOST2:PORT2 is for TCP"},

    /* limits and retries */
    {"--timeout -T", "--max-time limits one attempt, --connect-timeout the way to a server, "
                     "--speed-time a stall"},
    {"-t --tries --max-tries", "--retry N is the number of further attempts after the first"},
    {"--dns-timeout", "--connect-timeout counts the name's resolution, too"},
    {"--read-timeout", "--speed-time says how long a transfer may stall"},
    {"--wait --random-wait", "--delay is the time between two starts at one host"},
    {"-w", "--format says what a row looks like; between two starts at one host lies --delay"},
    {"--waitretry --retry-wait", "--retry-delay is the time between two attempts"},
    {"--retry-on-http-error --retry-on-http-status", "--retry-on STATUSES"},
    {"--max-file-not-found --fail-early", "--halt now,fail=N"},
    {"--stop --time-limit", "--max-duration DURATION"},
    {"--max-overall-download-limit --bwlimit", "--limit-rate SIZE"},
    {"--max-download-limit",
     "--limit-rate SIZE is for the whole run, and in a configuration file also for single hosts"},
    {"--lowest-speed-limit", "--speed-limit SIZE"},
    {"--quota -Q", "--max-total SIZE for the batch, --max-filesize SIZE for one body"},

    /* saving */
    {"--directory-prefix", "--dir DIR"},
    {"--remote-name --remote-name-all",
     "--dir DIR saves each body; --name flat calls it like the last part of its URL"},
    {"-O --output-document", "--dir DIR saves each body, and --name says how it is called; the "
                             "report goes to --output FILE"},
    {"--out", "out=NAME below a URL in the list of --input FILE; --name is for all"},
    {"--no-directories -nd", "--name flat"},
    {"--force-directories --protocol-directories --no-host-directories -nH --cut-dirs "
     "--host-directories --default-page --restrict-file-names",
     "--name makes names of {host}, {path}, {file} and more"},
    {"--adjust-extension --html-extension", "--name with {type-ext} at its end"},
    {"-nc", "--skip-existing=name; --no-clobber saves beside what is there"},
    {"--allow-overwrite --auto-file-renaming", "--clobber, or --no-clobber"},
    {"--continue-at --always-resume", "--continue"},
    {"--checksum --check-integrity --hash-check-only --realtime-chunk-checksum",
     "--sums FILE for all, or checksum=TYPE=HEX below a URL in its list; --hash records digests"},
    {"-R --remote-time --use-server-timestamps --no-use-server-timestamps",
     "--mtime, which is the default; --no-mtime leaves it"},
    {"--create-dirs --create-file-mode --file-allocation --remove-on-error --no-buffer --unlink "
     "--backups --delete-after",
     "files below --dir appear whole, and what goes wrong leaves none; without it none is written"},
    {"--xattr --convert-links --backup-converted", "--journal FILE says what was saved from where"},

    /* what was done, and going on */
    {"--save-session --force-save --save-session-interval",
     "--save-failed FILE writes what is left as a list; --journal FILE and --resume go on"},
    {"--rejected-log", "--save-failed FILE"},
    {"--resume-failed", "--resume and --retry-failed"},
    {"--joblog --stats-site --log --output-file --append-output --download-result",
     "--output FILE is for the report, --journal FILE for what is done"},

    /* the report and the rest */
    {"--write-out", "--format jsonl has all that is known about each URL"},
    {"--fail --fail-with-body -f", "leave it out: what --accept does not name has failed, always"},
    {"--show-error -S", "leave it out: errors are shown, with --quiet too"},
    {"-nv", "--quiet"},
    {"--no-progress-meter", "--progress=none"},
    {"--progress-bar -# --eta --bar --show-progress --force-progress --summary-interval "
     "--show-console-readout",
     "--progress, or --progress=plain for lines"},
    {"--trace --trace-ascii --debug --stderr --console-log-level --styled-output --libcurl",
     "--verbose says more; --format jsonl has what is known about each URL"},
    {"--conf-path", "--config FILE"},
    {"--execute", "--config FILE, or the option itself"},
    {"--disable", "no configuration file is read unless --config or HAUL_CONFIG names one"},
    {"--no-conf", "--no-config; but none is read unless --config or HAUL_CONFIG names one"},
    {"--background --daemon --enable-rpc --on-download-complete --stop-with-process",
     "haul ends when --input is done; the shell runs it in the background, or systemd does"},
};
enum { ROWS = sizeof table / sizeof *table };

const struct haul_foreign *haul_foreign_row(size_t i)
{
    return i < ROWS ? &table[i] : NULL;
}

const char *haul_foreign_hint(struct haul_span typed)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct haul_span name = {table[i].typed, 0};

        for (; *name.at; name.at += name.len + (name.at[name.len] == ' ')) {
            name.len = strcspn(name.at, " ");
            if (name.len == typed.len && !memcmp(name.at, typed.at, typed.len))
                return table[i].hint;
        }
    }
    return NULL;
}

/* ---- options that haul has, and others for something else ---- */

static bool is_number(const char *value)
{
    return *value && strspn(value, "0123456789") == strlen(value);
}

/* "a=b", "@file" or JSON, and no path. */
static bool is_data(const char *value)
{
    return *value == '@' || *value == '{' || (!strchr(value, '/') && strchr(value, '='));
}

static const struct {
    char letter;
    bool (*is_theirs)(const char *value);
    const char *cause;
} meanings[] = {
    {'d', is_data,
     "that looks like curl's data for a request, and haul only asks; a directory of that name is "
     "written --dir DIR"},
    {'P', is_number,
     "that looks like a number of processes, which is --jobs N; a directory of that name is "
     "written "
     "--dir DIR"},
    {'x', is_number,
     "that looks like a number of connections, which is --per-host N; a proxy is written "
     "HOST:PORT"},
};

const char *haul_foreign_value(char letter, const char *value)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].letter == letter && meanings[i].is_theirs(value))
            return meanings[i].cause;
    return NULL;
}
