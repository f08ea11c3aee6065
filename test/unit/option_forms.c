#include "option_forms.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

/* NULL: the file of the caller. */
static const struct {
    const char *name, *value;
} samples[] = {
    {"input", "list.txt"},
    {"sitemap", "http://h/sitemap.xml"},
    {"sitemap", "sitemap.xml"},
    {"sitemap-from-robots", "http://h/"},
    {"sitemap-depth", "2"},
    {"sitemap-max-count", "2"},
    {"sitemap-max-size", "1M"},
    {"url-column", "1"},
    {"delimiter", "tab"},
    {"list-keys", "all"},
    {"if-empty", "fail"},
    {"ignore-param", "utm_*"},
    {"jobs", "2"},
    {"streams", "2"},
    {"window", "10"},
    {"grace", "1s"},
    {"header", "A: b"},
    {"user-agent", "me"},
    {"user", "a:b"},
    {"user-file", NULL},
    {"cookie", "/dev/null"},
    {"netrc-file", "/dev/null"},
    {"max-redirs", "3"},
    {"accept", "200"},
    {"proxy", "http://p:1"},
    {"cacert", NULL},
    {"cert", NULL},
    {"key", NULL},
    {"pass", "phrase"},
    {"pass-file", NULL},
    {"interface", "127.0.0.1"},
    {"resolve", "h:80:192.0.2.1"},
    {"connect-to", "h:80:i:81"},
    {"allow-net", "10.0.0.0/8"},
    {"deny-net", "10.0.0.0/8"},
    {"connect-timeout", "1s"},
    {"max-time", "1s"},
    {"limit-rate", "1M"},
    {"speed-limit", "1"},
    {"speed-time", "1s"},
    {"max-filesize", "1M"},
    {"per-host", "2"},
    {"rate", "1/s"},
    {"rate-per-host", "1/s"},
    {"delay", "1s"},
    {"host-fail-limit", "3"},
    {"retry", "1"},
    {"retry-delay", "1s"},
    {"retry-max-time", "1s"},
    {"retry-on", "500"},
    {"halt", "never"},
    {"halt", "soon,fail=1"},
    {"max-duration", "1s"},
    {"dir", "directory"},
    {"tar", "archive.tar"},
    {"warc", "pages"},
    {"warc-size", "100M"},
    {"name", "flat"},
    {"sums", NULL},
    {"max-total", "1M"},
    {"keep-free", "1M"},
    {"spill-max", "1M"},
    {"decode-memory", "64M"},
    {"journal", "journal"},
    {"since", "since"},
    {"save-failed", "failed.txt"},
    {"history", "history"},
    {"keep", "5"},
    {"keep", "90d"},
    {"top", "3"},
    {"group-by", "host"},
    {"change-min", "100"},
    {"change-min", "100B,1.5%"},
    {"ignore-change", "type:text/html"},
    {"fields", "url,outcome"},
    {"output", "output"},
    {"output", "-"},
    {"report", "csv:-"},
    {"report", "json:-"},
    {"report", "csv:report.csv"},
    {"title", "a site"},
    {"redact", "token"},
    {"quiet-unless", "change"},
    {"quiet-unless", "fail"},
    {"quiet-unless", "budget"},
    {"quiet-unless", "always"},
    {"budget", "total<1M"},
    {"budget", "growth<10%"},
    {"budget-empty", "fail"},
};

enum { FORM_MAX = 256 }; /* bytes of one */

struct forms {
    const char **item;
    size_t count;
};

static void add(struct forms *forms, const char *dashes, const char *name, const char *value)
{
    static char texts[OPTION_FORMS_MAX][FORM_MAX];
    char *text = texts[forms->count];

    ck_assert_uint_lt(forms->count, OPTION_FORMS_MAX);
    ck_assert_int_lt(
        snprintf(text, FORM_MAX, "%s%s%s%s", dashes, name, value ? "=" : "", value ? value : ""),
        FORM_MAX);
    forms->item[forms->count++] = text;
}

static void add_option(struct forms *forms, const struct haul_option *option, const char *file)
{
    size_t before = forms->count;

    if (option->arg != HAUL_OPTION_ARG_REQUIRED)
        add(forms, "--", option->name, NULL);
    if (option->arg == HAUL_OPTION_ARG_SWITCH)
        add(forms, "--no-", option->name, NULL);
    for (size_t i = 0; option->words && option->words[i]; i++)
        add(forms, "--", option->name, option->words[i]);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (!strcmp(samples[i].name, option->name))
            add(forms, "--", option->name, samples[i].value ? samples[i].value : file);
    ck_assert_msg(forms->count > before, "--%s has no sample value", option->name);
}

size_t option_forms(const char *file, const char *form[OPTION_FORMS_MAX])
{
    struct forms forms = {.item = form};
    const struct haul_option *row;

    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++)
        if (!row->only_typed && strcmp(row->name, "dry-run") != 0)
            add_option(&forms, row, file);
    return forms.count;
}

size_t option_count(void)
{
    size_t count = 0;

    while (haul_options_row(count))
        count++;
    return count;
}
