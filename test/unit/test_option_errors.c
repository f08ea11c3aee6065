#define _XOPEN_SOURCE 700 /* posix_openpt: standard input that is a terminal */

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_line.h"

static const struct error_case {
    const char *args[4];
    const char *message;
} error_cases[] = {
    {{"-j", "0", "u"}, "haul: -j 0: workers must be 1 to 1024"},
    {{"-j1025", "u"}, "haul: -j 1025: workers must be 1 to 1024"},
    {{"--jobs=-1", "u"}, "haul: --jobs -1: workers must be 1 to 1024"},
    {{"--threads", "x", "u"}, "haul: --threads x: not a whole number; workers must be 1 to 1024"},
    {{"--streams=257", "u"}, "haul: --streams 257: streams must be 1 to 256"},
    {{"--window=0", "u"}, "haul: --window 0: URLs in the window must be 1 to 1000000"},
    {{"--max-redirs=1001", "u"}, "haul: --max-redirs 1001: redirects must be 0 to 1000"},
    {{"--grace=2d", "u"}, "haul: --grace 2d: too long; must be 0 to 1 d"},
    {{"--connect-timeout=0", "u"}, "haul: --connect-timeout 0: too short; must be 1 ms to 1 d"},
    {{"-m", "8d", "u"}, "haul: -m 8d: too long; must be 0 to 7 d"},
    {{"-m", "1x", "u"}, "haul: -m 1x: not a duration in ms, s, m, h or d; must be 0 to 7 d"},
    {{"-y1.5", "u"}, "haul: -y 1.5: must be whole seconds"},
    {{"-Y1x", "u"}, "haul: -Y 1x: not a size; the units are k, M, G, T and P"},
    {{"--max-filesize=8192P", "u"}, "haul: --max-filesize 8192P: too large"},
    {{"--accept=099", "u"}, "haul: --accept 099: statuses go from 100 to 999, the lower one first"},
    {{"--format=xml", "u"},
     "haul: --format xml: must be text, csv, tsv, jsonl, json, html, markdown, prometheus, junit "
     "or github"},
    {{"--order=", "u"}, "haul: --order : must be auto, input or done"},
    {{"--progress=x", "u"}, "haul: --progress x: must be auto, none or plain"},
    {{"--per-host=1025", "u"}, "haul: --per-host 1025: transfers per origin must be 0 to 1024"},
    {{"--rate=5", "u"}, "haul: --rate 5: not a rate such as 5/s or 100/15m"},
    {{"--rate-per-host=0/s", "u"}, "haul: --rate-per-host 0/s: the count must be 1 to 1000000000"},
    {{"--delay=2d", "u"}, "haul: --delay 2d: too long; must be 0 to 1 d"},
    {{"--retry=-1", "u"}, "haul: --retry -1: retries must be 0 to 1000"},
    {{"--host-fail-limit=x", "u"},
     "haul: --host-fail-limit x: not a whole number; failures must be 0 to 1000000"},
    {{"--retry-max-time=8d", "u"}, "haul: --retry-max-time 8d: too long; must be 0 to 7 d"},
    {{"--max-duration=366d", "u"}, "haul: --max-duration 366d: too long; must be 0 to 365 d"},
    {{"--max-duration=25mins", "u"},
     "haul: --max-duration 25mins: not a duration in ms, s, m, h or d; must be 0 to 365 d"},
    {{"--max-duration=x", "u"}, "haul: --max-duration x: not a number; must be 0 to 365 d"},
    {{"--proxy=foo://x", "u"},
     "haul: --proxy: the scheme must be http, https, socks4, socks4a, socks5 or socks5h"},
    {{"-x", "http://x:99999", "u"}, "haul: -x: not a proxy such as http://HOST:PORT"},
    {{"-x", "socks5://", "u"}, "haul: -x: not a proxy such as http://HOST:PORT"},
    {{"--retry-on=", "u"}, "haul: --retry-on : statuses are written 429, 5xx, 502-504, * or !501"},
    {{"--retry-on=!099", "u"},
     "haul: --retry-on !099: statuses go from 100 to 999, the lower one first"},
    {{"--keep=0", "u"}, "haul: --keep 0: must be a number of runs, or a duration such as 90d"},
    {{"--keep=0d", "u"}, "haul: --keep 0d: must be a number of runs, or a duration such as 90d"},
    {{"--keep=9x", "u"}, "haul: --keep 9x: must be a number of runs, or a duration such as 90d"},
    {{"--keep=", "u"}, "haul: --keep : must be a number of runs, or a duration such as 90d"},
    {{"--halt=now", "u"},
     "haul: --halt now: must be never, now,fail=N, soon,fail=N or soon,fail=N%"},
    {{"--halt=soon,fail=0", "u"},
     "haul: --halt soon,fail=0: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=soon,fail=101%", "u"},
     "haul: --halt soon,fail=101%: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=soon,fail=5%%", "u"},
     "haul: --halt soon,fail=5%%: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=now,fail=10000000000", "u"},
     "haul: --halt now,fail=10000000000: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--deny-net=10.0.0.1/8", "u"}, "haul: --deny-net 10.0.0.1/8: bits are set beyond the prefix"},
    {{"--allow-net=::1,", "u"},
     "haul: --allow-net ::1,: not an address or block such as 192.0.2.0/24 or 2001:db8::/32"},
    {{"--redact=", "u"}, "haul: --redact : the name is empty"},
    {{"--redact=a=b", "u"},
     "haul: --redact a=b: must be the name of one query parameter, or /REGEX/ between slashes"},
    {{"--redact=/(/", "u"}, "haul: --redact /(/: not a POSIX extended regular expression"},
    {{"--redact=/a", "u"}, "haul: --redact /a: an expression is written /REGEX/, between slashes"},
    {{"--ignore-param=", "u"}, "haul: --ignore-param : the name is empty"},
    {{"--ignore-param=a&b", "u"},
     "haul: --ignore-param a&b: must be the name of one query parameter, or a pattern such as "
     "utm_*"},
    {{"-i", ""}, "haul: -i : the name is empty"},
    {{"-o", "", "u"}, "haul: -o : the name is empty"},
    {{"--cacert=/nowhere", "u"}, "haul: --cacert /nowhere: No such file or directory"},
    {{"--sums=/nowhere", "u"}, "haul: --sums /nowhere: No such file or directory"},
    {{"--sums=/dev/null/x", "u"}, "haul: --sums /dev/null/x: Not a directory"},
    {{"--sums=/", "u"}, "haul: --sums /: that is a directory"},
    {{"--cacert=/", "u"}, "haul: --cacert /: that is a directory"},
    {{"-A", "a\r\nb", "u"}, "haul: -A a\\x0d\\x0ab: control characters are not allowed"},
    {{"--resolve=a:0:1.2.3.4", "u"}, "haul: --resolve a:0:1.2.3.4: the port must be 1 to 65535"},
    {{"--resolve=a:1", "u"}, "haul: --resolve a:1: the address must be an IPv4 or IPv6 address"},
    {{"--resolve=a:1:b", "u"},
     "haul: --resolve a:1:b: the address must be an IPv4 or IPv6 address"},
    {{"--resolve=:1:b", "u"}, "haul: --resolve :1:b: must be HOST:PORT:ADDRESS"},
    {{"--cert=/nowhere", "u"}, "haul: --cert /nowhere: No such file or directory"},
    {{"-E", "/", "u"}, "haul: -E /: that is a directory"},
    {{"--key=/nowhere", "u"}, "haul: --key /nowhere: No such file or directory"},
    {{"--key=/dev/null/x", "u"}, "haul: --key /dev/null/x: Not a directory"},
    {{"--pass-file=/nowhere", "u"}, "haul: --pass-file /nowhere: No such file or directory"},
    {{"--limit-rate=1x", "u"}, "haul: --limit-rate 1x: not a size; the units are k, M, G, T and P"},
    {{"--limit-rate=1/s", "u"},
     "haul: --limit-rate 1/s: not a size; the units are k, M, G, T and P"},
    {{"--tls-min=1.1", "u"}, "haul: --tls-min 1.1: must be any, 1.2 or 1.3"},
    {{"--tlsv1.3=x", "u"}, "haul: --tlsv1.3: takes no value"},
    {{"--tlsv1.1", "u"}, "haul: --tlsv1.1: unknown option; --tls-min knows 1.2 and 1.3"},
    {{"--interface=nowhere0", "u"},
     "haul: --interface nowhere0: neither an interface nor an address; a host is written "
     "host!NAME"},
    {{"--interface=if!127.0.0.1", "u"},
     "haul: --interface if!127.0.0.1: there is no such interface"},
    {{"--interface=if!", "u"}, "haul: --interface if!: there is no such interface"},
    {{"--interface=host!", "u"}, "haul: --interface host!: the name is empty"},
    {{"--interface=host!a\n", "u"},
     "haul: --interface host!a\\x0a: control characters are not allowed"},
    {{"--interface=127.0.0.1%lo", "u"},
     "haul: --interface 127.0.0.1%lo: neither an interface nor an address; a host is written "
     "host!NAME"},
    {{"--interface=[::1]", "u"},
     "haul: --interface [::1]: neither an interface nor an address; a host is written host!NAME"},
    {{"--min-tls-version=x", "u"}, "haul: --min-tls-version: unknown option; --tls-min VERSION"},
    {{"u", "--pass"}, "haul: --pass: needs a value: PHRASE"},
    {{"u", "-j"}, "haul: -j: needs a value: N"},
    {{"u", "--user"}, "haul: --user: needs a value: NAME:PASSWORD"},
    {{"--head=1", "u"}, "haul: --head: takes no value"},
    {{"--no-head=1", "u"}, "haul: --no-head: takes no value"},
    {{"--no-http2", "u"}, "haul: --no-http2: unknown option; haul --help lists them"},
    {{"--jbos=3", "u"}, "haul: --jbos: unknown option; did you mean --jobs?"},
    {{"--max-r", "3", "u"}, "haul: --max-r: unknown option; did you mean --max-redirs?"},
    {{"--job=3", "u"}, "haul: --job: unknown option; did you mean --jobs?"},
    {{"--frobnicate", "u"}, "haul: --frobnicate: unknown option; haul --help lists them"},
    {{"--\033[2J", "u"}, "haul: --\\x1b[2J: unknown option; haul --help lists them"},
    {{"--=x", "u"}, "haul: --: unknown option; haul --help lists them"},
    {{"-kZ", "u"},
     "haul: -Z: unknown option; haul always fetches in parallel; --jobs N says how many at a time"},
    {{"-\033", "u"}, "haul: -\\x1b: unknown option; haul --help lists them"},
    {{"@"}, "haul: @: names no file; a list is written @FILE"},
    {{"u", ""}, "haul: an argument is empty; a URL was expected"},
    {{"-", "-i-"}, "haul: -: standard input can be read only once"},
};

START_TEST(wrong_argument_is_named_with_its_cause)
{
    struct parsed parsed;

    parse(&parsed, error_cases[_i].args);
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&parsed.message), error_cases[_i].message);
    parsed_done(&parsed);
}
END_TEST

static const char *const no_connect_tos[] = {
    "",
    "a",
    "a:1",
    "a:1:b",
    "a:1:b:2:c",
    "a:0:b:1",
    "a:65536:b:1",
    "a:1:b:065536",
    "a:x:b:1",
    "a:1:b:2 ",
    "a b:1:c:2",
    "::1:1:b:2",
    "[::1:1:b:2",
    "[x]:1:b:2",
    "[1.2.3.4]x:1:b:2",
    "a:1:[::1]2:3",
    "a:1:b:-2",
    "*:1:b:2",
};

START_TEST(wrong_connect_to_is_refused)
{
    struct parsed parsed;

    parse(&parsed, ARGS("--connect-to", no_connect_tos[_i], "u"));
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(
        strstr(haul_buf_str(&parsed.message), ": must be HOST1:PORT1:HOST2:PORT2, of which any"));
    ck_assert_uint_eq(parsed.config.connect_to.count, 0);
    parsed_done(&parsed);
}
END_TEST

static const struct {
    const char *field;
    bool good;
} header_cases[] = {
    {"Accept: text/html", true},
    {"X-Empty;", true},
    {"Accept:", true},
    {"A:\tb", true},
    {"A: \xc3\xa9", true},
    {"A: b\r\nC: d", false},
    {"A: b\nC: d", false},
    {"A: b\r", false},
    {"A: \x7f", false},
    {"A\n: b", false},
    {"no colon", false},
    {": b", false},
    {"", false},
    {"A : b", false},
    {"X-Empty;b", false},
    {"@file", false},
};

START_TEST(header_is_a_field_or_refused)
{
    struct parsed parsed;

    parse(&parsed, ARGS("-H", header_cases[_i].field, "u"));
    ck_assert_int_eq(parsed.err, header_cases[_i].good ? HAUL_OK : HAUL_ERR_USAGE);
    ck_assert_uint_eq(parsed.config.headers.count, header_cases[_i].good);
    parsed_done(&parsed);
}
END_TEST

START_TEST(secrets_leave_argv_and_stay_in_the_configuration)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-uann:pw", "--proxy=http://p:w@h", "-H", "Authorization: Bearer t",
             "--pass=p w", "https://ann:pw@h/a@b", "u:p@h", "http://h/a@b", "http:/u:p@h");
    ck_assert_str_eq(parsed.config.user, "ann:pw");
    ck_assert_str_eq(parsed.config.proxy, "http://p:w@h");
    ck_assert_str_eq(parsed.config.headers.item[0], "Authorization: Bearer t");
    ck_assert_str_eq(parsed.config.source[0].text, "https://ann:pw@h/a@b");
    ck_assert_str_eq(parsed.argv[1], "-u******");
    ck_assert_str_eq(parsed.argv[2], "--proxy=************");
    ck_assert_str_eq(parsed.argv[4], "Authorization**********");
    ck_assert_str_eq(parsed.config.key_pass, "p w");
    ck_assert_str_eq(parsed.argv[5], "--pass=***");
    ck_assert_str_eq(parsed.argv[6], "https://******@h/a@b");
    ck_assert_str_eq(parsed.argv[7], "***@h");
    ck_assert_str_eq(parsed.argv[8], "http://h/a@b");
    ck_assert_str_eq(parsed.argv[9], "http:/***@h");
    parsed_done(&parsed);
}
END_TEST

START_TEST(refused_secret_is_neither_shown_nor_left)
{
    static const char *const args[][3] = {
        {"-u", "s3cret", NULL},           {"-x", "http://s3cret\n", NULL},
        {"-H", "A: s3cret\n", NULL},      {"--pass", "s3cret\n", NULL},
        {"-H", "https://h/s3cret", NULL}, {"-H", "Range: s3cret", NULL},
    };
    struct parsed parsed;
    size_t i;

    for (i = 0; i < sizeof args / sizeof *args; i++) {
        parse(&parsed, args[i]);
        ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
        ck_assert_ptr_null(strstr(haul_buf_str(&parsed.message), "s3cret"));
        ck_assert_ptr_null(strstr(parsed.argv[2], "s3cret"));
        parsed_done(&parsed);
    }
}
END_TEST

/* curl's --cert FILE:PASSPHRASE. */
START_TEST(passphrase_behind_a_certificate_is_not_shown)
{
    struct parsed parsed;

    parse(&parsed, ARGS("--cert=/dev/null:s3cret", "u"));
    ck_assert_str_eq(haul_buf_str(&parsed.message),
                     "haul: --cert: there is no such file; a passphrase does not stand behind its "
                     "name, but in --pass-file FILE");
    ck_assert_ptr_null(parsed.config.cert);
    parsed_done(&parsed);
}
END_TEST

START_TEST(empty_proxy_is_none)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-x", "http://p/", "-x", "", "u");
    ck_assert_ptr_null(parsed.config.proxy);
    parsed_done(&parsed);
}
END_TEST

START_TEST(help_and_version_stop_parsing)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-vh", "--bad");
    ck_assert(parsed.result.help && !parsed.result.version);
    parsed_done(&parsed);
    PARSE_OK(&parsed, "--version", "-j0");
    ck_assert(parsed.result.version && !parsed.result.help);
    parsed_done(&parsed);
}
END_TEST

/* Makes standard input a terminal on which nobody types; the other end stays open. */
static void become_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), terminal;

    ck_assert_int_ge(master, 0);
    ck_assert(!grantpt(master) && !unlockpt(master));
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_eq(dup2(terminal, STDIN_FILENO), STDIN_FILENO);
    close(terminal);
}

START_TEST(no_source_and_a_terminal_is_a_usage_error)
{
    struct parsed parsed;

    become_terminal();
    parse(&parsed, ARGS("-v"));
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "haul: nothing to fetch; name a URL or a list "
                                                    "(haul -i FILE), or see haul --help");
    parsed_done(&parsed);
}
END_TEST

/* haul would wait for a list that nobody types. Elsewhere it is the list. */
START_TEST(offset_of_curl_is_refused_on_a_terminal)
{
    static const char *const args[][4] = {
        {"-C", "-", "u", NULL}, {"-LC", "-", "u", NULL}, {"--continue", "-", "u", NULL}};
    struct parsed parsed;
    int null = open("/dev/null", O_RDONLY);

    ck_assert_int_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
    close(null);
    PARSE_OK(&parsed, "-C", "-", "u");
    ck_assert_uint_eq(parsed.config.source_count, 2);
    parsed_done(&parsed);
    become_terminal();
    for (size_t i = 0; i < COUNT(args); i++) {
        parse(&parsed, args[i]);
        ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
        ck_assert_msg(!strncmp(haul_buf_str(&parsed.message), "haul: -C -: the offset", 22), "%s",
                      haul_buf_str(&parsed.message));
        parsed_done(&parsed);
    }
    PARSE_OK(&parsed, "-C", "u", "-");
    parsed_done(&parsed);
}
END_TEST

START_TEST(no_source_and_no_terminal_reads_standard_input)
{
    struct parsed parsed;
    int null = open("/dev/null", O_RDONLY);

    ck_assert_int_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
    close(null);
    PARSE_OK(&parsed, "-v");
    ck_assert_uint_eq(parsed.config.source_count, 1);
    ck_assert_int_eq(parsed.config.source[0].kind, HAUL_SOURCE_FILE);
    ck_assert_str_eq(parsed.config.source[0].text, "-");
    parsed_done(&parsed);
}
END_TEST

/* A warning: the host may be meant. */
static const struct {
    const char *args[3];
    const char *warning;
} verb_cases[] = {
    {{"reprot", "j"},
     "haul: reprot: taken as a URL; did you mean haul report? (a host of that name is "
     "written http://reprot)"},
    {{"hist", "h"},
     "haul: hist: taken as a URL; did you mean haul history? (a host of that name is "
     "written http://hist)"},
    {{"help"},
     "haul: help: taken as a URL; did you mean haul --help? (a host of that name is written "
     "http://help)"},
    {{"versoin"},
     "haul: versoin: taken as a URL; did you mean haul --version? (a host of that name is "
     "written http://versoin)"},
    {{"http://reprot"}, ""},
    {{"help.example"}, ""},
    {{"localhost"}, ""},
    {{"di"}, ""},
    {{"u", "help"}, ""},
    {{"report", "help"}, ""},
    {{"-q", "u"}, ""},
    {{"@diff"}, ""},
};

START_TEST(verb_with_a_slip_is_pointed_out)
{
    struct parsed parsed;

    parse(&parsed, verb_cases[_i].args);
    ck_assert_int_eq(parsed.err, HAUL_OK);
    ck_assert_str_eq(haul_buf_str(&parsed.message), verb_cases[_i].warning);
    parsed_done(&parsed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option_errors");
    TCase *tcase = tcase_create("option_errors");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, wrong_argument_is_named_with_its_cause, 0, COUNT(error_cases));
    tcase_add_loop_test(tcase, wrong_connect_to_is_refused, 0, COUNT(no_connect_tos));
    tcase_add_loop_test(tcase, header_is_a_field_or_refused, 0, COUNT(header_cases));
    tcase_add_test(tcase, secrets_leave_argv_and_stay_in_the_configuration);
    tcase_add_test(tcase, refused_secret_is_neither_shown_nor_left);
    tcase_add_test(tcase, passphrase_behind_a_certificate_is_not_shown);
    tcase_add_test(tcase, empty_proxy_is_none);
    tcase_add_test(tcase, help_and_version_stop_parsing);
    tcase_add_test(tcase, no_source_and_a_terminal_is_a_usage_error);
    tcase_add_test(tcase, offset_of_curl_is_refused_on_a_terminal);
    tcase_add_test(tcase, no_source_and_no_terminal_reads_standard_input);
    tcase_add_loop_test(tcase, verb_with_a_slip_is_pointed_out, 0, COUNT(verb_cases));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
