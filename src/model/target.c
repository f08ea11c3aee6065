#include "model/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"

const char *const haul_report_format_words[HAUL_FORMAT_COUNT + 1] = {
    [HAUL_FORMAT_TEXT] = "text",         [HAUL_FORMAT_CSV] = "csv",
    [HAUL_FORMAT_TSV] = "tsv",           [HAUL_FORMAT_JSONL] = "jsonl",
    [HAUL_FORMAT_JSON] = "json",         [HAUL_FORMAT_HTML] = "html",
    [HAUL_FORMAT_MARKDOWN] = "markdown", [HAUL_FORMAT_PROMETHEUS] = "prometheus",
    [HAUL_FORMAT_JUNIT] = "junit",       [HAUL_FORMAT_GITHUB] = "github"};

const char *haul_report_target_read(const char *text, struct haul_report_target *target)
{
    struct haul_span file = haul_span_of(text), format;

    if (!haul_span_take_before(&file, ':', &format))
        return "must be FORMAT:FILE";
    if (!file.len)
        return "the file's name is missing";
    target->file = file.at;
    for (int i = 0; i < HAUL_FORMAT_COUNT; i++) {
        target->format = (enum haul_format)i;
        if (haul_span_is(format, haul_report_format_words[i]))
            return NULL;
    }
    return "the formats are text, csv, tsv, jsonl, json, html, markdown, prometheus, junit and "
           "github";
}

/* ---- --group-by ---- */

enum { DEPTH_MAX = 100 }; /* directories */

static bool is_depth(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len && len <= 3 && !text[len] && atoi(text) >= 1 && atoi(text) <= DEPTH_MAX;
}

const char *haul_group_check(const char *text)
{
    if (!strcmp(text, "host") || !strcmp(text, "type"))
        return NULL;
    if (!strncmp(text, "tag:", 4))
        return text[4] ? NULL : "needs the name of what lists attach: tag:NAME";
    if (strncmp(text, "path:", 5) != 0)
        return "must be host, type, path:N or tag:NAME";
    return is_depth(text + 5) ? NULL : "needs a number of directories, 1 to 100: path:N";
}

/* ---- --title ---- */

const char *haul_title_check(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (haul_ascii_is_control(text[i]))
            return "control characters are not allowed";
    if (len && strspn(text, " ") == len)
        return "a title must not be blank";
    return len > HAUL_TITLE_MAX ? "a title has 200 bytes at most" : NULL;
}
